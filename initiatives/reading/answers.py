"""Which initiatives answer which pain, and which move which cell of the matrix.

Pain of a department, theme and tier is answered by what runs, is customer-focused and serves the
department, whose theme is empty or the same, and that is for the tier (pain of tier ``all``: for any).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from core.once import once
from customers.choices import TierScope
from initiatives.models import InitiativeKpi, PainPoint
from initiatives.reading.standings import Standing


@dataclass(frozen=True, slots=True)
class Pain:
    """What an answer is asked for. None: any department, theme or tier; ``tier`` is None for ``all`` too."""

    department: int | None = None
    theme: str | None = None
    tier: int | None = None


def answers(standing: Standing, pain: Pain) -> bool:
    """Whether an initiative, as it stood, answers the pain. It has to run and to be customer-focused."""
    initiative = standing.initiative
    return (
        standing.running
        and initiative.customer_focused
        and pain.department in {None, initiative.served_id}
        and (pain.theme is None or is_about(initiative.theme, pain.theme))
        and (pain.tier is None or not standing.tier_ids or pain.tier in standing.tier_ids)
    )


def is_about(theme: str, pain: str) -> bool:
    """Whether an initiative's theme covers that of a pain: it is empty, or the same in any case."""
    return not theme.strip() or theme.strip().casefold() == pain.strip().casefold()


class Link(NamedTuple):
    """That an initiative should move a KPI, by ids: in one tier, or (None) in all that it is for."""

    initiative: int
    kpi: int
    tier: int | None


def every_link() -> list[Link]:
    """Of all initiatives; one query a reading."""
    rows = InitiativeKpi.objects.order_by("pk").values_list("initiative", "kpi", "tier")
    return once(InitiativeKpi, lambda: [Link(*row) for row in rows])


def orphaned(standings: Iterable[Standing], pains: Iterable[Pain]) -> list[Standing]:
    """Those that run, answer none of the pains and name no KPI: one query."""
    by_department: dict[int | None, set[Pain]] = defaultdict(set)
    for pain in pains:
        by_department[pain.department].add(pain)
    running = [standing for standing in standings if standing.running]
    linked = {link.initiative for link in every_link()}
    return [
        standing
        for standing in running
        if standing.initiative.pk not in linked
        and not any(answers(standing, pain) for pain in by_department[standing.initiative.served_id])
    ]


def recorded_pain(months: Iterable[int] | None = None) -> set[Pain]:
    """The different pains of these months (None: of all) that somebody mentioned: one query."""
    points = PainPoint.objects.filter(mentions__gt=0)
    if months is not None:
        points = points.filter(month__in=list(months))
    rows = points.order_by().values_list("department", "theme", "tier", "tier__scope").distinct()
    return {
        Pain(department, theme, None if scope == TierScope.ALL else tier) for department, theme, tier, scope in rows
    }
