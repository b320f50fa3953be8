"""Customers in, out and net of two companies' own files, read through the API: every column is as expected.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run). The second company's fiscal year begins
in April, customers have two events in a month, and move while they are off the book.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.commands import asked, installed, load_all, rows, shell
from tests.acceptance.conftest import SHARED
from tests.processes.company import Installation

BREACHES = """
from accounts.company import today
from customers.reading.growth_check import growth_breaches
print(len(growth_breaches(today())))
"""

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def april(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The company whose year begins in April, by the setting with which its database was made."""
    with installed(tmp_path_factory.mktemp("april"), "april", FISCAL_YEAR_START_MONTH="4") as company:
        load_all(company, SHARED / "steady" / "growth")
        yield company


@pytest.fixture(params=[("wholesale", "wholesale"), ("april", "steady")], ids=lambda param: param[0])
def company(request: pytest.FixtureRequest) -> tuple[Installation, str]:
    """The company, and the folder of what is expected of it."""
    fixture, folder = request.param
    return request.getfixturevalue(fixture), folder


def test_every_column_of_every_row_is_as_expected(company: tuple[Installation, str]) -> None:
    installation, folder = company
    expected = {
        path.stem.removeprefix("growth_"): rows(path) for path in (SHARED / folder / "expected").glob("growth_*.csv")
    }
    answers = asked(installation, "/api/v1/growth/", [{"period": period} for period in expected])
    assert expected
    found = {
        period: [{column: str(value) for column, value in row.items()} for row in answer["rows"]]
        for period, answer in zip(expected, answers, strict=True)
    }
    assert found == expected


def test_opening_and_flows_lead_to_closing_in_every_month(company: tuple[Installation, str]) -> None:
    assert int(shell(company[0], BREACHES)) == 0
