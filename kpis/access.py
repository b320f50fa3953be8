"""Who may do what with KPIs: asked by page, admin, mail and API alike."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.rights import Right
from kpis.choices import LinkStage
from kpis.models import KpiProposal, Link
from kpis.querysets import KpiQuerySet, LinkQuerySet


def proposable_by(user: User, kpis: KpiQuerySet) -> KpiQuerySet:
    """Those whose targets the person may propose: all, their own, or none."""
    if user.has_perm(Right.PROPOSE_TARGETS):
        return kpis
    return kpis.filter(owner=user) if user.has_perm(Right.PROPOSE_OWN_TARGETS) else kpis.none()


def enterable_by(user: User, kpis: KpiQuerySet) -> KpiQuerySet:
    """Those whose actuals the person may enter: all, their own, or none. Calculated ones take none."""
    kpis = kpis.filter(formula="")
    if user.has_perm(Right.ENTER_ACTUALS):
        return kpis
    return kpis.filter(owner=user) if user.has_perm(Right.ENTER_OWN_ACTUALS) else kpis.none()


def proposals_of(user: User) -> QuerySet[KpiProposal]:
    """The proposed KPIs that the person may look at: stewards all, everybody else their own."""
    rows = KpiProposal.objects.select_related("proposed_by", "decided_by", "kpi")
    return rows if user.has_perm(Right.MANAGE_KPIS) else rows.filter(proposed_by=user)


def links_for(user: User) -> LinkQuerySet:
    """The links that the person may look at: those written down; what is proposed or was not taken, stewards all of
    it and everybody else their own.
    """
    rows: LinkQuerySet = Link.objects.select_related("leading", "trailing", "by", "decided_by")
    return rows if user.has_perm(Right.MANAGE_LINKS) else rows.filter(Q(stage=LinkStage.WRITTEN) | Q(by=user))


def enters_own(user: User) -> bool:
    """Whether the person may enter the actuals of KPIs that they own."""
    return user.has_perm(Right.ENTER_ACTUALS) or user.has_perm(Right.ENTER_OWN_ACTUALS)
