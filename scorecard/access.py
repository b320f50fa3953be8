"""Who sees early warnings, and who may do what with an incentive goal: asked by pages, files, API, mails and services
alike.

Of goals that is whose goal it is, and who holds the right by a role: administrators and superusers as such are not
among them.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.choices import Role
from accounts.models import User
from accounts.rights import Right
from customers.models import Customer
from customers.querysets import CustomerQuerySet
from scorecard.models import GoalMember, IncentiveGoal

# -- early warnings


def warned_to(user: User) -> CustomerQuerySet:
    """The customers whose warnings the person sees, by name: all, their own key accounts, or none."""
    named = Customer.objects.visible_to(user)
    if user.has_perm(Right.READ_WARNINGS):
        return named
    if user.has_perm(Right.READ_OWN_WARNINGS):
        return named.filter(is_key_account=True, account_manager=user)
    return named.none()


def sees_warning_of(user: User, customer: Customer) -> bool:
    """Whether the person sees warnings of this customer: the same of one, without a query."""
    if user.has_perm(Right.READ_WARNINGS):
        return user.has_perm(Right.READ_CUSTOMERS)
    own = customer.is_key_account and customer.account_manager_id == user.pk
    return own and user.has_perm(Right.READ_OWN_WARNINGS) and user.has_perm(Right.READ_OWN_CUSTOMERS)


def may_respond(user: User, customer: Customer) -> bool:
    """Whether the person may say what was done about a warning of this customer."""
    notes = user.has_perm(Right.NOTE_ACTIONS) or user.has_perm(Right.NOTE_OWN_ACTIONS)
    return notes and sees_warning_of(user, customer)


# -- incentive goals


def may_write_goals(user: User) -> bool:
    """Whether the person writes, reads and approves goals of others."""
    return user.has_perm(Right.INCENTIVE_GOALS)


def is_of_finance(user: User) -> bool:
    """Whether the person decides, with another of finance, what could not be measured."""
    return may_write_goals(user) and Role.FINANCE in user.roles


def is_executive(user: User) -> bool:
    """Whether the person is one, by role."""
    return may_write_goals(user) and Role.EXECUTIVE in user.roles


def goals_of(user: User) -> QuerySet[IncentiveGoal]:
    """The person's own goals, and those of their teams."""
    mine = GoalMember.objects.filter(version__goal=OuterRef("pk"), person=user)
    return IncentiveGoal.objects.filter(Q(person=user) | Exists(mine))


def goals_visible_to(user: User) -> QuerySet[IncentiveGoal]:
    """Own goals; all of them for those who write goals; nothing for anybody else."""
    if not user.is_active:
        return IncentiveGoal.objects.none()
    return IncentiveGoal.objects.all() if may_write_goals(user) else goals_of(user)


def is_own(user: User, members: Collection[int]) -> bool:
    """Whether a goal with these members is the person's own."""
    return user.pk in members
