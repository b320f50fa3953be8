"""Addresses: actuals."""

from django.urls import URLPattern, path

from kpis.views import actuals

urlpatterns: list[URLPattern] = [
    path("actuals/", actuals.actuals, name="actuals"),
    path("actuals/<str:kpi>/<str:month>/", actuals.enter, name="actuals_month"),
]
