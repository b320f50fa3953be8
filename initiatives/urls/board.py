"""Addresses: the upward report, priorities, coverage, pain points."""

from django.urls import URLPattern, path

from initiatives.views import report

urlpatterns: list[URLPattern] = [
    path("initiatives/report/", report.report, name="initiatives_report"),
]
