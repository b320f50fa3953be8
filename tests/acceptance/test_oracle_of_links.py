"""The second calculator of links, held against what another program found in steady data."""

from __future__ import annotations

import csv
import os
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from tests.oracle.company import Company
from tests.oracle.files import read_company
from tests.oracle.links import Link, link_told

STEADY = Path(os.environ["SHARED_DATA"]) / "steady"
SIGNS = {"+": "same", "-": "opposite"}
EXPECTED = list(csv.DictReader((STEADY / "expected" / "links_2024-06.csv").open(newline="")))
LINKS = groupby(EXPECTED, lambda row: (row["leading"], row["trailing"], row["sign"]))
LINK_ROWS = {key: list(rows) for key, rows in LINKS}


@pytest.fixture(scope="module")
def steady() -> Company:
    return read_company(STEADY)


def shown(number: float | None) -> str:
    return "" if number is None else f"{number:.4f}"


@pytest.mark.parametrize("key", LINK_ROWS)
def test_agrees_with_every_column_of_the_links(steady: Company, key: tuple[str, str, str]) -> None:
    leading, trailing, sign = key
    found = link_told(steady, Link(leading, trailing, SIGNS[sign]), 202406, date(2024, 7, 1))
    lag = "" if found.best_lag is None else str(found.best_lag)
    assert [
        {
            "leading": leading,
            "trailing": trailing,
            "sign": sign,
            "tier": one.tier,
            "lag": str(one.lag),
            "pairs": str(one.pairs),
            "r": shown(one.r),
            "p": shown(one.p),
            "passes": str(one.passes).lower(),
            "state": found.state,
            "best_lag": lag,
        }
        for one in found.trials
    ] == LINK_ROWS[key]
