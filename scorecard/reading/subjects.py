"""What can be asked about of incentive goals: a line of a statement, by those who may read it alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from accounts.access import can_answer
from accounts.models import User
from accounts.reading.people import with_roles
from accounts.rights import Right
from core.registry import Subject
from scorecard.access import goals_visible_to
from scorecard.models import GoalVersion, IncentiveGoal

GOAL = "incentive_goal"


def resolve_goals(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The goals of these codes that the reader may read: three queries, however many there are."""
    latest = GoalVersion.objects.filter(goal=OuterRef("pk"), approved_by__isnull=False).order_by("-number")
    rows = goals_visible_to(reader).filter(code__in=list(keys))
    found = list(rows.annotate(approver=Subquery(latest.values("approved_by")[:1])))
    people = User.objects.in_bulk([row.approver for row in found if row.approver])
    with_roles(people.values())
    for row in found:
        yield goal_subject(row, people.get(row.approver))


def goal_subject(goal: IncentiveGoal, approver: User | None) -> Subject:
    """A goal, asked of who approved it; else of anybody who writes goals."""
    asked = approver if can_answer(approver) else None
    return Subject(
        *(GOAL, goal.code, f"Incentive goal {goal.code}", reverse("incentive_goal", args=[goal.code]), goal),
        asked=asked,
        role="approved the goal",
        nobody="Finance and executives answer what is asked about incentive goals.",
        takers=Right.INCENTIVE_GOALS,
    )
