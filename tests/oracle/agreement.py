"""Holds a matrix that the product built against the oracle's, field by field."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from core.periods import FiscalCalendar, Kind, Month, Period
from customers.models import Tier as StoredTier
from kpis.formulas.changes import Part as FoundPart
from kpis.formulas.changes import Reversal as FoundReversal
from kpis.models import Kpi as StoredKpi
from kpis.reading.changes import Against, explain_change
from kpis.reading.matrix import Cell, Matrix, build_matrix
from tests.oracle.changes import Part, Reversal, halves, is_split, parts, reversal
from tests.oracle.columns import all_cells, column_codes
from tests.oracle.company import ALL, Company, Kpi
from tests.oracle.months import Calendar, Span
from tests.oracle.signals import all_found


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
        "year_ago": cell.year_ago,
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


def split_differences(span: Span, company: Company, today: date) -> list[str]:
    """Every disagreement about the changes of a period's cells, since the period before and since a year ago."""
    kpis, tiers = StoredKpi.objects.select_related("facts_of"), StoredTier.objects.all()
    return [
        f"{span.code} on {today}, {kpi.code} {tier.code} against {against}: {found}, by the oracle {wanted}"
        for kpi in kpis
        for tier in tiers
        for against in Against
        for found, wanted in [both_splits(span, company, today, kpi, tier, against)]
        if found != wanted
    ]


def both_splits(
    span: Span, company: Company, today: date, kpi: StoredKpi, tier: StoredTier, against: Against
) -> tuple[Any, Any]:
    """A change as the product splits it, and as the oracle does; None where it isn't split."""
    change = explain_change(as_period(span, company.calendar), kpi, tier, against=against, today=today)
    before = company.calendar.before(span) if against == Against.PREVIOUS else company.calendar.year_before(span)
    meant = company.kpi(kpi.code).meant_in(span.last)
    wanted: Any = None
    if is_split(company, meant, tier.code, span, before, today):
        sides = halves(company, meant, tier.code, span, before, today)
        rated = tier.code == ALL and meant.customer_method in ("ratio", "mean")
        turned = reversal(company, meant, sides) if rated else None
        wanted = parts(company, meant, tier.code, sides), turned, sides.months_before, sides.months_now
    if change.split is None:
        return None, wanted
    found = {(part.group, part.why): as_part(part) for part in change.split.parts}
    assert sum((part.effect for part in change.split.parts), Fraction(0)) == change.split.change
    return (found, as_reversal(change.split.reversal), change.months_before, change.months_now), wanted


def as_part(part: FoundPart) -> Part:
    """The product's part as the oracle's."""
    return Part(part.effect, part.rate, part.mix, part.customers_now, part.customers_before)


def as_reversal(found: FoundReversal | None) -> Reversal | None:
    """The product's reversal as the oracle's."""
    if found is None:
        return None
    ways = ("higher", "lower") if found.tiers_rise else ("lower", "higher")
    return Reversal(*ways, found.group, found.share_before, found.share_now)


def signal_differences(matrix: Matrix, company: Company, today: date) -> list[str]:
    """Every disagreement about the signals and assurances of a month's matrix."""
    month = as_span(matrix.period).last
    wanted = all_found(company, month, today)
    return [
        f"{month} on {today}, {row.kpi.code} {cell.tier.code}: {found}, by the oracle {wanted[place]}"
        for row in matrix.rows
        for cell in row.cells
        if (place := (row.kpi.code, cell.tier.code)) in wanted
        and (found := (cell.signal and str(cell.signal), cell.assurance and str(cell.assurance))) != wanted[place]
    ]


def built(span: Span, company: Company, today: date) -> list[str]:
    """Build the matrix of a period and compare."""
    return differences(build_matrix(as_period(span, company.calendar), today=today), company, today)
