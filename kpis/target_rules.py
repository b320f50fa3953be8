"""What a target row must be beside its KPI: one set of rules for file, grid, form and API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.periods import FiscalCalendar, Kind, Month
from customers.choices import TierScope
from kpis.choices import Direction, Per, TimeMethod
from kpis.models import Kpi

Number = Decimal | Fraction | int


@dataclass(frozen=True, slots=True)
class TargetCells:
    """The cells of a row that the rules look at."""

    tier: str
    from_month: Month
    per: Per
    until_month: Month | None = None
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None


# The field that is wrong, and what is wrong with it, to be read after the field's name.
Problem = tuple[str, str]


def last_month(cells: TargetCells, calendar: FiscalCalendar) -> Month:
    """The last month that the row is for: of a month row the first, for it may be open."""
    return calendar.period(Kind(cells.per.value), cells.from_month).last


def target_problems(kpi: Kpi, cells: TargetCells, calendar: FiscalCalendar) -> list[Problem]:
    """All that is wrong with a row; empty where nothing is. ``kpi`` is as it means in the row's last month."""
    scope = [("tier", "is the reserved code of a computed column; targets are for a tier or for all")]
    return [
        *(scope if cells.tier == TierScope.UNTIERED else []),
        *_of_months(kpi, cells, calendar),
        *_of_numbers(cells, in_range=kpi.direction == Direction.RANGE),
    ]


def _of_months(kpi: Kpi, cells: TargetCells, calendar: FiscalCalendar) -> Iterator[Problem]:
    if kpi.time_method == TimeMethod.TTM and cells.per != Per.YEAR:
        yield "per", f"{kpi.code} is of the trailing twelve months and takes targets per year alone"
    if calendar.period(Kind(cells.per.value), cells.from_month).first != cells.from_month:
        yield "from_month", f"is not the first month of a fiscal {cells.per.value}"
    if cells.until_month and cells.per != Per.MONTH:
        yield "until_month", f"must be empty: a row per {cells.per.value} is for that {cells.per.value} alone"
    elif cells.until_month and cells.until_month < cells.from_month:
        yield "until_month", "lies before from_month"


def _of_numbers(cells: TargetCells, *, in_range: bool) -> Iterator[Problem]:
    needed, other = (("low", "high"), ("value",)) if in_range else (("value",), ("low", "high"))
    which = "a range, low and high" if in_range else "a single value"
    for name in needed:
        if getattr(cells, name) is None:
            yield name, f"must not be empty: the KPI's direction asks for {which}"
    for name in other:
        if getattr(cells, name) is not None:
            yield name, f"must be empty: the KPI's direction asks for {which}"
    if in_range and cells.low is not None and cells.high is not None and cells.low > cells.high:
        yield "high", "lies below low"
