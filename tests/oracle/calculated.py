"""Calculated KPIs: a formula over the values that other KPIs have in the same column and period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from tests.oracle.company import Company, Kpi
from tests.oracle.formulas import names_in, worked_out
from tests.oracle.months import Span
from tests.oracle.values import Value, measured


def inputs(company: Company, kpi: Kpi, span: Span) -> list[Kpi]:
    """The KPIs that the formula names, as they come, each as it is meant in the period."""
    return [company.kpi(name).meant_in(span.last) for name in names_in(kpi.formula)]


def value(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> Value:
    """The value of a KPI, meant as it is in the period, whether it is measured or calculated."""
    if not kpi.formula:
        return measured(company, kpi, column, span, today)
    found = {one.code: value(company, one, column, span, today) for one in inputs(company, kpi, span)}
    actual = worked_out(kpi.formula, {code: one.actual for code, one in found.items()})
    weakest = min(found.values(), key=lambda one: Fraction(len(one.months_with_data), one.months_expected))
    waits = actual is not None and any(one.provisional for one in found.values())
    return replace(weakest, actual=actual, last_month=None, provisional=waits)


def has_fact(company: Company, kpi: Kpi, column: str, span: Span, today: date) -> bool:
    """Whether a fact of the KPI counts in the column in the months expected of it."""
    return value(company, kpi, column, span, today).facts > 0


def same_meaning(company: Company, kpi: Kpi, one: Span, other: Span) -> bool:
    """Whether two periods use the same version of the KPI, and of all that it is calculated from."""
    meant = kpi.meant_in(one.last)
    if meant.since != kpi.meant_in(other.last).since:
        return False
    return not meant.formula or all(same_meaning(company, of, one, other) for of in inputs(company, meant, one))
