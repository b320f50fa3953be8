"""A wholesaler's changes, split: read through the API, each column of each part is as expected.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from core.numbers import rounded
from tests.acceptance.commands import asked, rows
from tests.acceptance.conftest import SHARED
from tests.oracle import Calendar, Company
from tests.oracle.changes import halves, is_split
from tests.oracle.changes import parts as oracle_parts
from tests.processes.company import Installation

DATA = SHARED / "wholesale"
EXPECTED = {path.stem.removeprefix("split_"): path for path in sorted((DATA / "expected").glob("split_*.csv"))}
CELLS = [
    (kpi["code"], tier)
    for kpi in rows(DATA / "kpis.csv")
    for tier in (*(row["code"] for row in rows(DATA / "tiers.csv")), "all", "untiered")
]
OTHERS = {"2011-06": ("month", 201106), "2011-Q3": ("quarter", 201109), "2011-11": ("month", 201111)}
LONG_AFTER = date(2012, 6, 1)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def company(wholesale: Installation) -> Installation:
    """The wholesaler, the periods rolled up."""
    wholesale.run("manage.py", "rollup", *EXPECTED, *OTHERS)
    return wholesale


def cells_of(company: Installation, period: str) -> dict[tuple[str, str], Any]:
    """What the API tells of each cell of a period, by KPI and tier."""
    questions = [{"period": period, "kpi": kpi, "tier": tier} for kpi, tier in CELLS]
    return dict(zip(CELLS, asked(company, "/api/v1/cell/", questions), strict=True))


def parts(cells: dict[tuple[str, str], Any]) -> Iterator[dict[str, str]]:
    """Each part of each change as a row of the expected file."""
    for (kpi, tier), answer in cells.items():
        for group in answer["split"]["groups"] if answer["split"] else ():
            yield {"kpi": kpi, "tier": tier} | {name: "" if got is None else str(got) for name, got in group.items()}


@pytest.mark.parametrize("period", EXPECTED)
def test_every_column_of_every_part_is_as_expected(company: Installation, period: str) -> None:
    found, expected = cells_of(company, period), rows(EXPECTED[period])
    assert expected
    told = {(row["kpi"], row["tier"]) for row in expected}
    split = [row for row in parts(found) if (row["kpi"], row["tier"]) in told]

    def key(row: dict[str, str]) -> tuple[str, ...]:
        return row["kpi"], row["tier"], row["group"], row["why"]

    assert sorted(split, key=key) == sorted(expected, key=key)


@pytest.mark.parametrize("period", OTHERS)
def test_other_periods_are_split_as_the_oracle_splits_them(
    company: Installation, wholesale_read: Company, period: str
) -> None:
    found = cells_of(company, period)
    own, calendar = wholesale_read, Calendar()
    span = calendar.span(*OTHERS[period])
    before, count = calendar.before(span), 0

    def shown(number: Fraction | None) -> str | None:
        return None if number is None else str(rounded(number))

    for key, answer in found.items():
        kpi, column = own.kpi(key[0]), key[1]
        assert (answer["split"] is not None) == is_split(own, kpi, column, span, before, LONG_AFTER), key
        if answer["split"] is None:
            continue
        count += 1
        sides = halves(own, kpi, column, span, before, LONG_AFTER)
        wanted = {
            (group, why): (shown(one.effect), shown(one.rate), shown(one.mix), one.now, one.before)
            for (group, why), one in oracle_parts(own, kpi, column, sides).items()
        }
        names = ("effect", "rate", "mix", "customers_now", "customers_before")
        got = {(one["group"], one["why"]): tuple(one[name] for name in names) for one in answer["split"]["groups"]}
        assert got == wanted, key
    assert count > 30
