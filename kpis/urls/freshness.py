"""Addresses: freshness."""

from django.urls import URLPattern, path

from kpis.views import freshness

urlpatterns: list[URLPattern] = [
    path("freshness/", freshness.freshness, name="freshness"),
    path("freshness/mark/", freshness.mark, name="mark_complete"),
]
