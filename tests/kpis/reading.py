"""Reads single cells out of a freshly rolled-up matrix, for tests whose numbers were worked out by hand.

Every matrix that a test reads is also held against the oracle, in all its fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from accounts.models import Company
from core.periods import Period
from customers.models import Customer, Tier
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix, build_matrix
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.oracle.agreement import differences
from tests.oracle.database import stored_company

LONG_AFTER = date(2030, 1, 15)


def matrix(period: str, today: date = LONG_AFTER) -> Matrix:
    """The matrix of a period on a day, after everything touched was rolled up."""
    roll_up_now()
    found = build_matrix(Period.parse(period, Company.objects.get().calendar), today=today)
    assert not differences(found, stored_company(), today)
    return found


def cell(period: str, kpi: Kpi, tier: Tier | str = "all", today: date = LONG_AFTER) -> Cell:
    """One cell of it."""
    return cells(period, [kpi], tier, today)[0]


def cells(period: str, kpis: Iterable[Kpi], tier: Tier | str = "all", today: date = LONG_AFTER) -> list[Cell]:
    """Those of several KPIs in one column, read at once."""
    code = tier if isinstance(tier, str) else tier.code
    rows = {row.kpi.pk: row.cells for row in matrix(period, today).rows}
    return [next(cell for cell in rows[kpi.pk] if cell.tier.code == code) for kpi in kpis]


def actual(period: str, kpi: Kpi, tier: Tier | str = "all", today: date = LONG_AFTER) -> Fraction | None:
    """The value of a cell."""
    return cell(period, kpi, tier, today).actual


def columns(period: str, today: date = LONG_AFTER) -> list[str]:
    """The codes of the matrix's columns."""
    return [tier.code for tier in matrix(period, today).tiers]


def status(period: str, kpi: Kpi, tier: Tier | str = "all", today: date = LONG_AFTER) -> str:
    """The verdict on a cell."""
    return str(cell(period, kpi, tier, today).status)


def record(kpi: Kpi, customer: Customer, months: Mapping[int, factories.Number | tuple[int, int]]) -> None:
    """Facts of one customer by month; a pair is numerator and denominator."""
    for month, value in months.items():
        parts = value if isinstance(value, tuple) else (value, None)
        factories.fact(kpi, customer, month, *parts)
