"""Who may do what with an incentive goal: asked by its pages, files and questions alike.

Whose goal it is, and who holds the right by a role: administrators and superusers as such are not among them.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.choices import Role
from accounts.models import User
from accounts.rights import Right
from scorecard.models import GoalMember, IncentiveGoal


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
