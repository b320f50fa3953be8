"""Addresses: weights of the composite."""

from django.urls import URLPattern, path

from kpis.views import weights

urlpatterns: list[URLPattern] = [
    path("kpis/weights/", weights.weights, name="kpi_weights"),
    path("kpis/weights/<int:number>/take-back/", weights.take_back, name="kpi_weights_take_back"),
]
