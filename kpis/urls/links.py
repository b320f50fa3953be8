"""Addresses: links from leading to trailing."""

from django.urls import URLPattern, path

from kpis.views import links

urlpatterns: list[URLPattern] = [
    path("kpis/links/", links.links, name="links"),
    path("kpis/links/new/", links.new, name="link_new"),
    path("kpis/links/test/", links.test_all, name="links_test"),
    path("kpis/links/proposals/", links.proposals, name="link_proposals"),
    path("kpis/links/proposals/decide/", links.proposals_decide, name="link_proposals_decide"),
    path("kpis/links/proposals/effect/", links.proposals_effect, name="link_proposals_effect"),
    path("kpis/links/proposals/take-back/", links.proposals_take_back, name="link_proposals_take_back"),
    path("kpis/links/<int:number>/", links.link, name="link"),
    path("kpis/links/<int:number>/chart.json", links.chart, name="link_chart"),
    path("kpis/links/<int:number>/edit/", links.edit, name="link_edit"),
    path("kpis/links/<int:number>/delete/", links.delete, name="link_delete"),
    path("kpis/links/<int:number>/test/", links.test_one, name="link_test"),
    path("kpis/links/<int:number>/withdraw/", links.withdraw, name="link_withdraw"),
]
