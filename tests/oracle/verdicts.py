"""The status of a cell, its pace, and the change since the previous period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.calculated import inputs, same_meaning, value
from tests.oracle.company import Company, Kpi
from tests.oracle.months import Span
from tests.oracle.targets import Aim, target, target_to_date
from tests.oracle.thin import thin_months
from tests.oracle.values import in_months


@dataclass(frozen=True)
class Cell:
    """Every field of a cell."""

    actual: Fraction | None
    target: Fraction | None
    low: Fraction | None
    high: Fraction | None
    status: str
    pace: str | None
    previous: Fraction | None
    variance: Fraction | None
    attainment: Fraction | None
    months_with_data: int
    months_expected: int
    facts: int
    last_month: int | None
    provisional: bool
    thin: tuple[int, ...]
    year_ago: Fraction | None = None


def band(kpi: Kpi, bound: Fraction) -> Fraction:
    """How far from a target is near: in the KPI's unit, else in percent of the target's size."""
    if kpi.near_band_abs is not None:
        return kpi.near_band_abs
    return abs(bound) * (Fraction(10) if kpi.near_band is None else kpi.near_band) / 100


def distance(kpi: Kpi, actual: Fraction, aim: Aim) -> tuple[Fraction, Fraction]:
    """How far the actual is on the wrong side, and of which bound."""
    if aim.value is not None:
        worse = aim.value - actual if kpi.direction == "higher" else actual - aim.value
        return worse, aim.value
    assert aim.low is not None
    assert aim.high is not None
    if actual < aim.low:
        return aim.low - actual, aim.low
    return actual - aim.high, aim.high


def judged(kpi: Kpi, actual: Fraction, aim: Aim) -> str:
    """Met, near or missed."""
    wrong_by, bound = distance(kpi, actual, aim)
    if wrong_by <= 0:
        return "met"
    return "near" if wrong_by <= band(kpi, bound) else "missed"


def month_is_missing(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> bool:
    """An additive value with a month missing is a part of the whole, and so is what is calculated from one."""
    if kpi.formula:
        return any(month_is_missing(company, one, column, span, today) for one in inputs(company, kpi, span))
    found = value(company, kpi, column, span, today)
    return kpi.additive and len(found.months_with_data) < found.months_expected


def waits(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> bool:
    """Whether the value is provisional, or that of an input."""
    if kpi.formula:
        return any(waits(company, one, column, span, today) for one in inputs(company, kpi, span))
    return value(company, kpi, column, span, today).provisional


def is_partial(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> bool:
    """A part is not compared with a whole; what is calculated is a part where one of its inputs is."""
    if kpi.formula:
        return any(is_partial(company, one, column, span, today) for one in inputs(company, kpi, span))
    if month_is_missing(company, kpi, column, span, today) or waits(company, kpi, column, span, today):
        return True
    if span.to_date(today) and kpi.customer_method in ("sum", "distinct") and kpi.time_method != "ttm":
        return True
    return kpi.time_method == "last" and value(company, kpi, column, span, today).last_month != span.last


def status(company: Company, kpi: Kpi, column: str, span: Span, aim: Aim | None, today: date) -> str:
    """The first that applies."""
    actual = value(company, kpi, column, span, today).actual
    if actual is None:
        return "no_data"
    if aim is None:
        return "no_target"
    if is_partial(company, kpi, column, span, today):
        return "partial"
    return judged(kpi, actual, aim)


def pace(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> str | None:
    """For a partial cell of a KPI that scales: its ended months with data against their own target."""
    if not kpi.scales:
        return None
    ended = span.ended(today)
    months = [m for m in ended if m in in_months(company, kpi, column, ended).months_with_data]
    actual = in_months(company, kpi, column, months).actual if months else None
    aim = target_to_date(company, kpi, column, span, months, today) if months else None
    return None if actual is None or aim is None else judged(kpi, actual, aim)


def value_then(company: Company, kpi: Kpi, column: str, span: Span, then: Span, today: date) -> Fraction | None:
    """An earlier period's value; withheld to date, across versions, where a sum or a count lacks a month, and where
    either value is provisional.
    """
    if span.to_date(today) or not same_meaning(company, kpi, span, then):
        return None
    if any(month_is_missing(company, kpi, column, one, today) for one in (span, then)):
        return None
    if any(waits(company, kpi, column, one, today) for one in (span, then)):
        return None
    return value(company, kpi, column, then, today).actual


def attainment(kpi: Kpi, actual: Fraction, goal: Fraction) -> Fraction | None:
    """How much of the target was reached, where both are above 0."""
    if actual <= 0 or goal <= 0:
        return None
    return actual / goal if kpi.direction == "higher" else goal / actual


def cell(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> Cell:
    """One KPI in one column and period, as of a day, by the version of the period's last month."""
    kpi = kpi.meant_in(span.last)
    found = value(company, kpi, column, span, today)
    aim = target(company, kpi, column, span, today)
    verdict = status(company, kpi, column, span, aim, today)
    goal = aim.value if aim else None
    compared = found.actual is not None and goal is not None and verdict != "partial"
    return Cell(
        actual=found.actual,
        target=goal,
        low=aim.low if aim else None,
        high=aim.high if aim else None,
        status=verdict,
        pace=pace(company, kpi, column, span, today) if verdict == "partial" else None,
        previous=value_then(company, kpi, column, span, company.calendar.before(span), today),
        year_ago=value_then(company, kpi, column, span, company.calendar.year_before(span), today),
        variance=found.actual - goal if compared and found.actual is not None and goal is not None else None,
        attainment=attainment(kpi, found.actual, goal)
        if compared and found.actual is not None and goal is not None
        else None,
        months_with_data=len(found.months_with_data),
        months_expected=found.months_expected,
        facts=found.facts,
        last_month=found.last_month,
        provisional=found.provisional,
        thin=thin_months(company, kpi, column, span, today),
    )
