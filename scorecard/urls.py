"""The scorecard's pages."""

from django.urls import include, path

from scorecard.views import approvals, growth, help, my, removing
from scorecard.views import cells as views

_CELL = "matrix/<str:period>/<str:kpi>/<str:tier>/"

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", help.help_, name="help"),
    path("help/<str:place>/", help.place, name="help_place"),
    path("matrix/<str:period>/", views.matrix, name="matrix"),
    path("matrix/<str:period>/chart.json", views.matrix_chart, name="matrix_chart"),
    path(_CELL, views.cell, name="cell"),
    path(f"{_CELL}chart.json", views.cell_chart, name="cell_chart"),
    path(f"{_CELL}split/", views.cell_split, name="cell_split"),
    path(f"{_CELL}split/chart.json", views.cell_split_chart, name="cell_split_chart"),
    path(f"{_CELL}difference/", views.cell_difference, name="cell_difference"),
    path("growth/", growth.growth, name="growth"),
    path("growth/chart.json", growth.growth_chart, name="growth_chart"),
    path("growth/customers/", growth.growth_customers, name="growth_customers"),
    path("growth/export/<str:form>/", growth.growth_export, name="growth_export"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/decide/", approvals.approvals_decide, name="approvals_decide"),
    path("approvals/effect/", approvals.approvals_effect, name="approvals_effect"),
    path("approvals/take-back/", approvals.approvals_take_back, name="approvals_take_back"),
    path("approvals/withdraw/", approvals.approvals_withdraw, name="approvals_withdraw"),
    path("my/", my.my, name="my"),
    path("my/reminders/", my.reminder_time, name="my_reminders"),
    path("facts/", views.facts, name="facts"),
    path("facts/delete/", removing.delete_facts, name="facts_delete"),
    path("imports/", include("accounts.urls.imports")),
    path("rollups/", views.rollups, name="rollups"),
    path("rollups/<int:number>/", views.rollup, name="rollup"),
    path("rollups/now/", views.roll_up, name="roll_up"),
]
