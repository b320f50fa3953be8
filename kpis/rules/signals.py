"""What may be said of a chart: a step from a month on, and that a KPI is seasonal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.periods import Month
from core.writes import Problem
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import LONGEST_TEXT
from kpis.models import Kpi
from kpis.rules.actual import month_problem, retired_problem


@dataclass(frozen=True, slots=True)
class StepCells:
    """A step, as far as the rules look at it: ``tier`` None for all columns."""

    kpi: Kpi
    tier: Tier | None
    month: Month
    reason: str


def step_problems(step: StepCells, today: date, *, charted: bool, taken: bool) -> list[Problem]:
    """What is wrong with a step; empty where all is well.

    ``charted``: whether the KPI has a chart in the month at all; ``taken``: whether the column has a step there.
    """
    found: list[Problem] = []
    if reason := month_problem(step.month, today) or retired_problem(step.kpi.retired_from, step.month):
        found.append(("month", reason))
    elif not charted:
        found.append(("month", "has no chart: the KPI looks back over twelve months, or is made of one that does"))
    if taken:
        found.append(("month", "has a step already: take that back first"))
    if step.tier is not None and step.tier.scope == TierScope.UNTIERED:
        found.append(("tier", "has no signals: its members change"))
    return found + reason_problems(step.reason)


def reason_problems(reason: str, field: str = "reason") -> list[Problem]:
    """Limits move for a recorded reason, or not at all."""
    if not reason:
        return [(field, "say why: limits move for a recorded reason, or not at all")]
    return [(field, f"has more than {LONGEST_TEXT:,} characters")] if len(reason) > LONGEST_TEXT else []
