"""Addresses: targets."""

from django.urls import URLPattern, path

from kpis.views import targets

urlpatterns: list[URLPattern] = [
    path("targets/", targets.targets, name="targets"),
    path("targets/understood/", targets.targets_understood, name="targets_understood"),
    path("targets/<str:kpi>/<str:tier>/<str:per>/<str:month>/", targets.target_history, name="target_history"),
]
