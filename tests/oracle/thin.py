"""Months that look incomplete: far fewer facts than the months before."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.oracle.calculated import inputs, value
from tests.oracle.company import Company, Kpi
from tests.oracle.months import Span, last_day, later
from tests.oracle.values import expected_months


def usual(counts: list[int]) -> Fraction:
    """The median; of an even number the mean of the middle two."""
    counts = sorted(counts)
    half = len(counts) // 2
    return Fraction(counts[half]) if len(counts) % 2 else Fraction(counts[half - 1] + counts[half], 2)


def is_thin(company: Company, kpi: Kpi, month: int, today: date) -> bool:
    """An ended month, not marked complete, with facts but fewer than half of the usual over all customers.

    Not asked of numbers that were entered per tier, nor where silence means zero, nor of months that count nowhere.
    """
    if last_day(month) >= today or company.is_marked(kpi, month) or company.is_entered(kpi):
        return False
    if company.has_ended(kpi.source, month) or company.has_ended(kpi.code, month):
        return False
    if kpi.absent == "zero" and kpi.customer_method in ("sum", "distinct"):
        return False
    facts = len(company.facts_by_slice.get((kpi.source, month), []))
    before = [len(company.facts_by_slice.get((kpi.source, later(month, -back)), [])) for back in range(1, 7)]
    spoken = [count for count in before if count]
    return facts > 0 and len(spoken) >= 3 and facts < usual(spoken) / 2


def thin_months(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> tuple[int, ...]:
    """The thin months of a cell: of ``last`` the month that the value is of, of a calculated KPI its inputs'."""
    if not span.has_begun(today):
        return ()
    if kpi.formula:
        of_inputs = [thin_months(company, one, column, span, today) for one in inputs(company, kpi, span)]
        return tuple(sorted({month for months in of_inputs for month in months}))
    months = list(expected_months(kpi, span, today))
    if kpi.time_method == "last":
        last = value(company, kpi, column, span, today).last_month
        months = [] if last is None else [last]
    return tuple(month for month in months if is_thin(company, kpi, month, today))
