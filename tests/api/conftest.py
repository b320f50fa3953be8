"""A matrix made by hand, so that the API's shape is tested apart from the arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from core.periods import FiscalCalendar, Month, Period
from kpis.choices import Direction, Indicator, Status, Unit
from kpis.formulas.composite import Blend
from kpis.reading.matrix import Cell, Composite, Matrix, Row
from tests import factories


def cell(tier: Any, **values: Any) -> Cell:
    """A cell with nothing in it but what is given."""
    empty = dict.fromkeys(
        ("actual", "target", "low", "high", "variance", "attainment", "pace", "previous", "last_month", "year_ago"),
        None,
    )
    counts = {"status": Status.NO_DATA, "months_with_data": 0, "months_expected": 3, "facts": 0}
    return Cell(tier=tier, **{**empty, **counts, **values})


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever walks through the whole API calls more often in a minute than people may."""
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "1000000/min", raising=False)


@pytest.fixture
def matrix(db: None) -> Matrix:
    """One leading and one trailing KPI, one tier and all customers, of the third quarter of 2011."""
    gold, everybody = factories.tier("T1", name="Platinum"), factories.all_customers()
    revenue = factories.kpi("net_revenue", name="Net revenue", unit=Unit.CURRENCY)
    contacts = factories.kpi("repeat", indicator=Indicator.LEADING, unit=Unit.PERCENT, direction=Direction.LOWER)
    near = cell(
        gold,
        actual=Fraction("1234.56"),
        target=Fraction(1300),
        variance=Fraction("-65.44"),
        attainment=Fraction("1234.56") / 1300,
        status=Status.NEAR,
        previous=Fraction(1199),
        year_ago=Fraction(1100),
        months_with_data=3,
        facts=2451,
    )
    partial = cell(
        everybody, actual=Fraction(2, 3), status=Status.PARTIAL, pace=Status.MET, months_with_data=1, facts=1
    )
    return Matrix(
        period=Period.parse("2011-Q3", FiscalCalendar()),
        to_date=False,
        computed_at=datetime(2011, 10, 3, 6, 30, tzinfo=UTC),
        data_until=Month(201109),
        tiers=(gold, everybody),
        rows=(Row(contacts, (cell(gold), cell(everybody))), Row(revenue, (near, partial))),
        composites=(Composite(gold, Blend({}, Fraction(250, 3), Fraction(75), ("nps",))),),
    )


@pytest.fixture
def served(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> Matrix:
    """The API answers with that matrix."""
    monkeypatch.setattr("scorecard.reading.served_editions.build_matrix", lambda period, today: matrix)
    return matrix
