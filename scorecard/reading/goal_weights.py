"""What the goals of people weigh together in a period, by their latest versions, approved or not."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from accounts.models import User
from scorecard.models import GoalMember, GoalVersion


def weights_of(period: str, people: Collection[int]) -> list[tuple[User, Decimal]]:
    """Of each of these people, by key, what their goals of a period weigh together: two queries. A goal counts as its
    latest version says.
    """
    rows = (
        GoalVersion.objects.filter(goal__period=period).order_by("goal", "number").values_list("goal", "pk", "weight")
    )
    latest = {goal: (pk, weight) for goal, pk, weight in rows}
    weight_by = dict(latest.values())
    sums: dict[int, Decimal] = dict.fromkeys(people, Decimal(0))
    members = GoalMember.objects.filter(version__in=list(weight_by), person__in=list(people))
    for version, person in members.values_list("version", "person"):
        sums[person] += weight_by[version]
    found = User.objects.in_bulk(list(sums))
    return [(found[pk], total) for pk, total in sums.items() if pk in found]
