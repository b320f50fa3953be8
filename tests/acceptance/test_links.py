"""Links of a company, read through the API: every test as expected, in every column.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import asked, load, rows
from tests.acceptance.conftest import SHARED
from tests.processes.company import Installation

EXPECTED = sorted((SHARED / "steady" / "expected").glob("links_*.csv"))

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_each_test_of_each_link_is_as_expected(path: Path, steady: Installation, tmp_path: Path) -> None:
    expected = rows(path)
    month = path.stem.removeprefix("links_")
    pairs = list(dict.fromkeys((row["leading"], row["trailing"], row["sign"]) for row in expected))
    load(steady, "links", written(tmp_path / "links.csv", pairs))
    steady.run("manage.py", "rollup", month)
    questions = [{"leading": leading, "trailing": trailing, "month": month} for leading, trailing, _ in pairs]
    told = asked(steady, "/api/v1/links/", questions)
    said = steady.run("manage.py", "test_links", "--month", month)
    found = [row for one in told for row in rows_of(one)]
    assert len(expected) >= 50
    assert sorted(tuple(row.items()) for row in found) == sorted(tuple(row.items()) for row in expected)
    assert all(f"{one['leading']} -> {one['trailing']}" in said and one["state"] in said for one in told)


def test_some_links_are_expected() -> None:
    assert EXPECTED


def written(path: Path, pairs: list[tuple[str, str, str]]) -> Path:
    """The links as a file."""
    signs = {"+": "same", "-": "opposite"}
    lines = [f"{leading},{trailing},{signs[sign]},One leads to the other" for leading, trailing, sign in pairs]
    path.write_text("\n".join(["leading,trailing,sign,mechanism", *lines]))
    return path


def rows_of(told: dict[str, Any]) -> list[dict[str, str]]:
    """What the API says in the columns of the file."""
    link = {
        "leading": told["leading"],
        "trailing": told["trailing"],
        "sign": {"same": "+", "opposite": "-"}[told["sign"]],
    }
    ends = {"state": told["state"], "best_lag": "" if told["best_lag"] is None else str(told["best_lag"])}
    return [
        link
        | {
            "tier": one["tier"],
            "lag": str(one["lag"]),
            "pairs": str(one["pairs"]),
            "r": one["r"] or "",
            "p": one["p"] or "",
            "passes": str(one["passes"]).lower(),
        }
        | ends
        for one in told["tests"]
    ]
