"""Addresses: proposed KPIs."""

from django.urls import URLPattern, path

from kpis.views import proposals

urlpatterns: list[URLPattern] = [
    path("kpi-proposals/", proposals.proposals, name="kpi_proposals"),
    path("kpi-proposals/decide/", proposals.proposals_decide, name="kpi_proposals_decide"),
    path("kpi-proposals/effect/", proposals.proposals_effect, name="kpi_proposals_effect"),
    path("kpi-proposals/take-back/", proposals.proposals_take_back, name="kpi_proposals_take_back"),
    path("kpi-proposals/new/<str:template>/", proposals.propose, name="kpi_propose"),
    path("kpi-proposals/<int:number>/", proposals.proposal, name="kpi_proposal"),
    path("kpi-proposals/<int:number>/accept/", proposals.accept, name="kpi_proposal_accept"),
    path("kpi-proposals/<int:number>/decline/", proposals.decline, name="kpi_proposal_decline"),
    path("kpi-proposals/<int:number>/withdraw/", proposals.withdraw, name="kpi_proposal_withdraw"),
]
