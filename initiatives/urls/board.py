"""Addresses: priorities, the upward report, coverage, pain points."""

from django.urls import URLPattern, path

from initiatives.views import coverage, pain, priorities, report

urlpatterns: list[URLPattern] = [
    path("initiatives/priorities/", priorities.priorities, name="priorities"),
    path("initiatives/priorities/chart.json", priorities.priorities_chart, name="priorities_chart"),
    path("initiatives/report/", report.report, name="initiatives_report"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/chart.json", coverage.coverage_chart, name="coverage_chart"),
    path("coverage/pain/", pain.pain_points, name="pain_points"),
    path("coverage/pain/new/", pain.new, name="pain_point_new"),
    path("coverage/pain/<int:number>/", pain.edit, name="pain_point"),
    path("coverage/pain/<int:number>/delete/", pain.delete, name="pain_point_delete"),
]
