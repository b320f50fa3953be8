"""Addresses: what of the register waits for a word. They stand beside finance's inbox, where no code can hide them."""

from django.urls import URLPattern, path

from initiatives.views import stage_approvals as approvals

urlpatterns: list[URLPattern] = [
    path("approvals/initiatives/", approvals.stage_approvals, name="stage_approvals"),
    path("approvals/initiatives/decide/", approvals.stage_approvals_decide, name="stage_approvals_decide"),
    path("approvals/initiatives/effect/", approvals.stage_approvals_effect, name="stage_approvals_effect"),
    path("approvals/initiatives/take-back/", approvals.stage_approvals_take_back, name="stage_approvals_take_back"),
]
