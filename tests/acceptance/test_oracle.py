"""The second opinion itself, held against matrices that two other programs computed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from core.numbers import rounded
from tests.acceptance.commands import rows
from tests.acceptance.conftest import SHARED
from tests.oracle import Calendar, Company, cell

PERIODS = {"2010-12": ("month", 201012), "2011-06": ("month", 201106), "2011-Q2": ("quarter", 201106)}


def shown(number: Fraction | None) -> str:
    return "" if number is None else str(rounded(number))


@pytest.mark.parametrize("period", PERIODS)
def test_agrees_with_every_column_of_the_wholesale_matrices(wholesale_read: Company, period: str) -> None:
    span = Calendar().span(*PERIODS[period])
    kpis = {kpi.code: kpi for kpi in wholesale_read.kpis}
    for row in rows(SHARED / "wholesale" / "expected" / f"matrix_{period}.csv"):
        found = cell(wholesale_read, kpis[row["kpi"]], row["tier"], span, date(2012, 6, 1))
        got = {name: shown(getattr(found, name)) for name in ("actual", "target", "low", "high")} | {
            "status": found.status,
            "pace": found.pace or "",
            "months_with_data": str(found.months_with_data),
            "months_expected": str(found.months_expected),
            "facts": str(found.facts),
        }
        assert got == {name: row[name] for name in got}, (row["kpi"], row["tier"])


def test_shows_a_number_as_the_expected_files_do() -> None:
    assert (shown(Fraction("0.00005")), shown(Fraction(-1, 10**9)), shown(None)) == ("0.0001", "0.0000", "")
    assert rounded(Fraction(2, 3)) == Decimal("0.6667")
