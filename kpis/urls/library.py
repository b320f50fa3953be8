"""Addresses: library."""

from django.urls import URLPattern, path

from kpis.views import library, signals

# Templates have an address of their own: under kpis/ every word may be a KPI's code.
urlpatterns: list[URLPattern] = [
    path("kpis/", library.library, name="kpis"),
    path("kpis/<str:kpi>/", library.kpi, name="kpi"),
    path("kpis/<str:kpi>/chart.json", library.kpi_chart, name="kpi_chart"),
    path("kpis/<str:kpi>/edit/", library.edit, name="kpi_edit"),
    path("kpis/<str:kpi>/meaning/", library.meaning, name="kpi_meaning"),
    path("kpis/<str:kpi>/take-back/", library.take_back, name="kpi_take_back"),
    path("kpis/<str:kpi>/retire/", library.retire, name="kpi_retire"),
    path("kpis/<str:kpi>/publish/", library.publish, name="kpi_publish"),
    path("kpis/<str:kpi>/bring-back/", library.bring_back, name="kpi_bring_back"),
    path("kpis/<str:kpi>/steps/", signals.set_one, name="kpi_step"),
    path("kpis/<str:kpi>/steps/<int:step>/take-back/", signals.take_back, name="kpi_step_take_back"),
    path("kpis/<str:kpi>/seasonal/", signals.seasonal, name="kpi_seasonal"),
    path("kpi-templates/", library.templates, name="kpi_templates"),
    path("kpi-templates/<str:template>/", library.new, name="kpi_new"),
]
