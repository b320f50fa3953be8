"""Holds a matrix that the product built against the oracle's, field by field."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from core.periods import FiscalCalendar, Kind, Month, Period
from kpis.reading.matrix import Cell, Matrix, build_matrix
from tests.oracle.columns import all_cells, column_codes
from tests.oracle.company import Company, Kpi
from tests.oracle.months import Calendar, Span


def as_span(period: Period) -> Span:
    """The product's period, found again by the oracle's own calendar from its first month."""
    calendar = Calendar(period.calendar.start_month, period.calendar.named_by)
    return calendar.span(str(period.kind), period.first)


def as_period(span: Span, calendar: Calendar) -> Period:
    """The oracle's period as the product's value."""
    fiscal = FiscalCalendar(calendar.start_month, calendar.named_by)
    return fiscal.period(Kind(span.kind), Month(span.months[0]))


def fields(cell: Cell) -> dict[str, Any]:
    """What the two must agree on; the last month with a value is named for ``last`` alone."""
    return {
        "actual": cell.actual,
        "target": cell.target,
        "low": cell.low,
        "high": cell.high,
        "status": str(cell.status),
        "pace": None if cell.pace is None else str(cell.pace),
        "previous": cell.previous,
        "variance": cell.variance,
        "attainment": cell.attainment,
        "months_with_data": cell.months_with_data,
        "months_expected": cell.months_expected,
        "facts": cell.facts,
        "provisional": cell.provisional,
        "thin": tuple(dict.fromkeys(thin.month for thin in cell.thin)),
    }


def differences(matrix: Matrix, company: Company, today: date) -> list[str]:
    """Every disagreement, in words; empty where product and oracle say the same."""
    span = as_span(matrix.period)
    wanted_columns = column_codes(company, span, today)
    columns = [tier.code for tier in matrix.tiers]
    if columns != wanted_columns:
        return [f"{span.code} on {today}: columns {columns}, by the oracle {wanted_columns}"]
    wanted = all_cells(company, span, today)
    found = {(row.kpi.code, cell.tier.code): cell for row in matrix.rows for cell in row.cells}
    if list(found) != list(wanted):
        return [f"{span.code}: cells {list(found)}, by the oracle {list(wanted)}"]
    return [
        f"{span.code} on {today}, {key}: {name} is {value}, by the oracle {getattr(wanted[key], name)}"
        for key, cell in found.items()
        for name, value in fields(cell).items()
        if value != getattr(wanted[key], name)
    ] + last_month_differences(found, {key: asdict(cell) for key, cell in wanted.items()}, company.kpis_of(span.last))


def last_month_differences(
    found: dict[tuple[str, str], Cell], wanted: dict[tuple[str, str], dict[str, Any]], kpis: list[Kpi]
) -> list[str]:
    """Where a ``last`` cell names another month."""
    last = {kpi.code for kpi in kpis if kpi.time_method == "last"}
    return [
        f"{key}: last_month is {cell.last_month}, by the oracle {wanted[key]['last_month']}"
        for key, cell in found.items()
        if key[0] in last and cell.last_month != wanted[key]["last_month"]
    ]


def built(span: Span, company: Company, today: date) -> list[str]:
    """Build the matrix of a period and compare."""
    return differences(build_matrix(as_period(span, company.calendar), today=today), company, today)
