"""Who may do what with one initiative, or see a proposed moment: asked by page, export, admin, mail and API alike."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from accounts.rights import Right
from customers.models import Customer
from initiatives.models import Initiative, MomentProposal
from initiatives.querysets import InitiativeQuerySet


def editable_by(user: User, rows: InitiativeQuerySet) -> InitiativeQuerySet:
    """Those that the person may edit: all, their own (owner, deputy, team), or none."""
    if user.has_perm(Right.EDIT_INITIATIVES):
        return rows
    return rows.of_person(user) if user.has_perm(Right.EDIT_OWN_INITIATIVES) else rows.none()


def may_edit(user: User, initiative: Initiative) -> bool:
    """Whether the person may edit, update, tick milestones and move the stage of this initiative."""
    return editable_by(user, Initiative.objects.filter(pk=initiative.pk)).exists()


def may_name(user: User, customer: Customer | None) -> bool:
    """Whether the person may read the customer that a key account's initiative names."""
    return customer is not None and Customer.objects.visible_to(user).filter(pk=customer.pk).exists()


def moment_proposals_of(user: User) -> QuerySet[MomentProposal]:
    """The proposed moments of truth that the person may look at: stewards all, everybody else their own."""
    rows = MomentProposal.objects.select_related("proposed_by", "decided_by", "moment")
    return rows if user.has_perm(Right.MANAGE_LINKS) else rows.filter(proposed_by=user)
