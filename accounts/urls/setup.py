"""Addresses of the first run, the set-up and the company."""

from django.urls import path

from accounts.views import company, setup

urlpatterns = [
    path("accounts/first/<str:token>/", setup.first_administrator, name="first_administrator"),
    path("setup/", setup.setup, name="setup"),
    path("setup/end/", setup.setup_end, name="setup_end"),
    path("setup/<str:step>/", setup.setup_step, name="setup_step"),
    path("company/", company.company, name="company"),
    path("company/mail/", company.company_mail, name="company_mail"),
    path("company/logo/<str:mark>/", company.company_logo, name="company_logo"),
]
