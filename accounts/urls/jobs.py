"""Addresses of jobs."""

from django.urls import path

from accounts.views import jobs as views

urlpatterns = [
    path("jobs/<int:number>/", views.job, name="job"),
    path("jobs/<int:number>/state.json", views.job_state, name="job_state"),
]
