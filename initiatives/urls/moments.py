"""Addresses: moments of truth; a code comes last, after the words that it cannot be."""

from django.urls import URLPattern, path

from initiatives.views import moment_proposals as proposals
from initiatives.views import moments

urlpatterns: list[URLPattern] = [
    path("moments/", moments.moments, name="moments"),
    path("moments/new/", moments.new, name="moment_new"),
    path("moments/propose/", proposals.propose, name="moment_propose"),
    path("moments/proposals/", proposals.proposals, name="moment_proposals"),
    path("moments/proposals/decide/", proposals.decide, name="moment_proposals_decide"),
    path("moments/proposals/effect/", proposals.effect, name="moment_proposals_effect"),
    path("moments/proposals/take-back/", proposals.take_back, name="moment_proposals_take_back"),
    path("moments/proposals/<int:number>/withdraw/", proposals.withdraw, name="moment_proposal_withdraw"),
    path("moments/<str:code>/", moments.moment, name="moment"),
    path("moments/<str:code>/edit/", moments.edit, name="moment_edit"),
    path("moments/<str:code>/criterion/", moments.criterion, name="moment_criterion"),
    path("moments/<str:code>/delete/", moments.delete, name="moment_delete"),
]
