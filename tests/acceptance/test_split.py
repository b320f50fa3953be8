"""A wholesaler's changes, split: read through the API, each column of each part is as expected.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run), on a fresh database.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import database, load, manage
from tests.acceptance.test_wholesale import DATA, KINDS

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
CREATE = "from accounts.models import User; User.objects.create_superuser(email='root@wholesale.example', password='x')"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of the wholesaler's installation, all facts loaded and rolled up."""
    folder = tmp_path_factory.mktemp("split")
    with database(folder, "split") as address:
        env = {"PATH": os.environ["PATH"], "DATABASE_URL": address, "VAR_DIR": str(folder / "var")}
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "shell", "--verbosity", "0", "-c", CREATE)
        for kind in KINDS:
            if kind != "targets":
                load(env, kind, DATA / f"{kind}.csv")
        manage(env, "rollup", *EXPECTED)
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
