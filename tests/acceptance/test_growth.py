"""Customers in, out and net of two companies' own files, read through the API: every column is as expected.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run), on fresh databases. The second company's
fiscal year begins in April, customers have two events in a month, and move while they are off the book.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import database, load, manage, migrate

SHARED = Path(os.environ.get("SHARED_DATA", "")).absolute()
COMPANIES = {"wholesale": (SHARED / "wholesale", "1"), "steady": (SHARED / "steady" / "growth", "4")}
EXPECTED = {
    (name, path.stem.removeprefix("growth_")): path
    for name in COMPANIES
    for path in sorted((SHARED / name / "expected").glob("growth_*.csv"))
}
KINDS = ("business_units", "tiers", "customers", "tier_memberships", "lifecycle_events")
CREATE = "from accounts.models import User; User.objects.create_superuser(email='root@growth.example', password='x')"
READ = """
import json
from django.test import Client
from accounts.models import User
from accounts.company import today
from customers.reading.growth_check import growth_breaches
browser = Client(SERVER_NAME='127.0.0.1')
browser.force_login(User.objects.get(is_superuser=True), backend="accounts.backends.PersonBackend")
answers = {{code: browser.get("/api/v1/growth/", {{"period": code}}).json() for code in {codes}}}
print(json.dumps([answers, len(growth_breaches(today()))]))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=COMPANIES)
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any, int]]:
    """The company's name, the API's answers by period, and the number of breaches in all its months."""
    data, begins = COMPANIES[request.param]
    folder = tmp_path_factory.mktemp("growth")
    with database(folder, f"growth_{request.param}") as address:
        env = {"PATH": os.environ["PATH"], "DATABASE_URL": address, "VAR_DIR": str(folder / "var")}
        env["FISCAL_YEAR_START_MONTH"] = begins
        migrate(env)
        manage(env, "shell", "--verbosity", "0", "-c", CREATE)
        for kind in KINDS:
            if (data / f"{kind}.csv").exists():
                load(env, kind, data / f"{kind}.csv")
        codes = [code for name, code in EXPECTED if name == request.param]
        found, breaches = json.loads(manage(env, "shell", "--verbosity", "0", "-c", READ.format(codes=codes)))
        yield request.param, found, breaches


def test_every_column_of_every_row_is_as_expected(answers: tuple[str, Any, int]) -> None:
    name, found, _ = answers
    assert found
    for code, answer in found.items():
        with EXPECTED[name, code].open(encoding="utf-8-sig", newline="") as file:
            expected = list(csv.DictReader(file))
        rows = [{column: str(value) for column, value in row.items()} for row in answer["rows"]]
        assert (code, rows) == (code, expected)


def test_opening_and_flows_lead_to_closing_in_every_month(answers: tuple[str, Any, int]) -> None:
    assert answers[2] == 0
