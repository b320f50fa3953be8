"""A wholesaler's changes, split: read through the API, each column of each part is as expected.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run), on a fresh database.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from core.numbers import rounded
from tests.acceptance.commands import database, load, manage, migrate
from tests.acceptance.test_wholesale import DATA, KINDS
from tests.oracle import Calendar
from tests.oracle.changes import halves, is_split
from tests.oracle.changes import parts as oracle_parts
from tests.oracle.files import read_company

EXPECTED = {path.stem.removeprefix("split_"): path for path in sorted((DATA / "expected").glob("split_*.csv"))}
READ = """
import json
from django.test import Client
from accounts.models import User
from customers.models import Tier
from kpis.models import Kpi
browser = Client(SERVER_NAME='127.0.0.1')
browser.force_login(User.objects.get(is_superuser=True), backend="accounts.backends.PersonBackend")
asked = [(kpi, tier) for kpi in Kpi.objects.all() for tier in Tier.objects.all()]
print(json.dumps({{f"{{kpi.code}} {{tier.code}}": browser.get(
    "/api/v1/cell/", {{"period": "{period}", "kpi": kpi.code, "tier": tier.code}}
).json() for kpi, tier in asked}}))
"""
OTHERS = {"2011-06": ("month", 201106), "2011-Q3": ("quarter", 201109), "2011-11": ("month", 201111)}
LONG_AFTER = date(2012, 6, 1)
CREATE = "from accounts.models import User; User.objects.create_superuser(email='root@wholesale.example', password='x')"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of the wholesaler's installation, all facts loaded and rolled up."""
    folder = tmp_path_factory.mktemp("split")
    with database(folder, "split") as address:
        env = {"PATH": os.environ["PATH"], "DATABASE_URL": address, "VAR_DIR": str(folder / "var")}
        migrate(env)
        manage(env, "shell", "--verbosity", "0", "-c", CREATE)
        for kind in KINDS:
            if kind != "targets":
                load(env, kind, DATA / f"{kind}.csv")
        manage(env, "rollup", *EXPECTED, *OTHERS)
        yield env


def parts(cells: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Each part of each change as a row of the expected file."""
    for key, answer in cells.items():
        kpi, tier = key.split()
        for group in answer["split"]["groups"] if answer["split"] else ():
            yield {"kpi": kpi, "tier": tier} | {name: "" if got is None else str(got) for name, got in group.items()}


@pytest.mark.parametrize("period", EXPECTED)
def test_every_column_of_every_part_is_as_expected(env: dict[str, str], period: str) -> None:
    found = json.loads(manage(env, "shell", "--verbosity", "0", "-c", READ.format(period=period)))
    with Path(EXPECTED[period]).open(encoding="utf-8-sig", newline="") as file:
        expected = [dict(row) for row in csv.DictReader(file)]
    assert expected
    told = {(row["kpi"], row["tier"]) for row in expected}
    split = [row for row in parts(found) if (row["kpi"], row["tier"]) in told]

    def key(row: dict[str, str]) -> tuple[str, ...]:
        return row["kpi"], row["tier"], row["group"], row["why"]

    assert sorted(split, key=key) == sorted(expected, key=key)


@pytest.mark.parametrize("period", OTHERS)
def test_other_periods_are_split_as_the_oracle_splits_them(env: dict[str, str], period: str) -> None:
    found = json.loads(manage(env, "shell", "--verbosity", "0", "-c", READ.format(period=period)))
    company, calendar = read_company(DATA), Calendar()
    span = calendar.span(*OTHERS[period])
    before, count = calendar.before(span), 0

    def shown(number: Fraction | None) -> str | None:
        return None if number is None else str(rounded(number))

    for key, answer in found.items():
        code, column = key.split()
        kpi = company.kpi(code)
        assert (answer["split"] is not None) == is_split(company, kpi, column, span, before, LONG_AFTER), key
        if answer["split"] is None:
            continue
        count += 1
        sides = halves(company, kpi, column, span, before, LONG_AFTER)
        wanted = {
            (group, why): (shown(one.effect), shown(one.rate), shown(one.mix), one.now, one.before)
            for (group, why), one in oracle_parts(company, kpi, column, sides).items()
        }
        names = ("effect", "rate", "mix", "customers_now", "customers_before")
        got = {(one["group"], one["why"]): tuple(one[name] for name in names) for one in answer["split"]["groups"]}
        assert got == wanted, key
    assert count > 30
