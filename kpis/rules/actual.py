"""What may be said of a month: facts, tier actuals and complete months alike, by whatever door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.periods import Month, month_code, month_of
from core.writes import Problem
from customers.choices import TierScope
from customers.rules.tier import retired_tier_problem
from kpis.choices import CustomerMethod
from kpis.models import Kpi

NOT_BEGUN = "has not begun; look for a mistyped year"


@dataclass(frozen=True, slots=True)
class ActualCells:
    """A tier actual, as far as the rules look at it."""

    tier: str
    month: Month
    numerator: Decimal
    denominator: Decimal | None = None
    tier_ends: Month | None = None  # from when on the tier is retired


def newest_month(today: date) -> Month:
    """The month that runs: no later one has anything to measure yet, and what is stored of one counts nowhere."""
    return month_of(today)


def retired_problem(retired_from: Month | None, month: Month) -> str:
    """Why a KPI takes no fact, actual or target of a month: it is retired from an earlier one on, or from just that.

    A reason; empty where it stands. What is stored of such months stays, and counts nowhere.
    """
    if retired_from is None or month < retired_from:
        return ""
    return f"lies after the KPI’s end: it is retired from {month_code(Month(retired_from))} on"


def month_of_kpi_problem(kpi: Kpi, month: Month, today: date) -> str:
    """Why a KPI takes no actual of a month, as a reason; empty where all is well."""
    return month_problem(month, today) or retired_problem(kpi.retired_from, month)


def month_problem(month: Month, today: date) -> str:
    """Why nothing can be said of a month on the company's day ``today``, as a reason; empty where all is well."""
    return NOT_BEGUN if month > newest_month(today) else ""


def month_problems(month: Month, today: date) -> list[Problem]:
    """The same at its field."""
    reason = month_problem(month, today)
    return [("month", reason)] if reason else []


def entry_problem(kpi: Kpi, *, has_facts: bool) -> str:
    """Why a KPI takes no tier actuals in a month in which it means this; empty where it takes them."""
    if kpi.calculated:
        return "is calculated; give the actuals to the KPIs that its formula takes"
    if kpi.facts_of:
        return f"takes its facts from {kpi.facts_of.code}, and so no tier actuals"
    return "takes facts, and a KPI takes facts or tier actuals, never both" if has_facts else ""


def actual_problems(kpi: Kpi, cells: ActualCells, today: date, *, has_facts: bool) -> list[Problem]:
    """All that is wrong with a tier actual; empty where nothing is. ``kpi`` is as it means in the month."""
    refusal = entry_problem(kpi, has_facts=has_facts)
    retired = retired_problem(kpi.retired_from, cells.month)
    return [
        *(month_problems(cells.month, today) or ([("month", retired)] if retired else [])),
        *tier_problems(cells.tier, cells.month, cells.tier_ends),
        *([("kpi", refusal)] if refusal else _of_numbers(kpi.method.customer, cells)),
    ]


def tier_problems(tier: str, month: Month, tier_ends: Month | None = None) -> list[Problem]:
    """Those without a tier are counted, never entered; nor is anything of a tier that is retired."""
    reason = "is the reserved code of a computed column; actuals are of a tier or of all"
    if tier == TierScope.UNTIERED:
        return [("tier", reason)]
    retired = retired_tier_problem(tier_ends, month)
    return [("tier", retired)] if retired else []


def _of_numbers(method: CustomerMethod, cells: ActualCells) -> Iterator[Problem]:
    if method == CustomerMethod.DISTINCT and (cells.numerator < 0 or cells.numerator % 1):
        yield "numerator", "counts customers: it is a whole number of 0 or more"
    if not method.needs_base:
        return
    if cells.denominator is None:
        yield "denominator", "is missing; a mean needs its number of observations, a ratio its base"
    elif cells.denominator < 0:
        yield "denominator", "must not be negative"


def correction_problems(reason: str, *, corrects: bool) -> list[Problem]:
    """A value that people have read is another from now on for a reason that stays with it."""
    missing = "is missing: say why the value that people have read is another now"
    return [("reason", missing)] if corrects and not reason else []
