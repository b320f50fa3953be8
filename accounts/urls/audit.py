"""Addresses of the audit."""

from django.urls import path

from accounts.views import audit as views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("export/<str:form>/", views.export, name="audit_export"),
    path("<int:number>/", views.entry, name="audit_entry"),
    path("<int:number>/revert/", views.revert, name="audit_revert"),
]
