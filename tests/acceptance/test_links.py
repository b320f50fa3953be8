"""Links of a company, read through the API: every test as expected, in every column.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run), on a fresh database.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import database, load, manage, migrate

DATA = Path(os.environ.get("SHARED_DATA", "")).absolute()
EXPECTED = sorted(DATA.glob("*/expected/links_*.csv"))
KINDS = ("departments", "tiers", "customers", "tier_memberships", "lifecycle_events", "kpis", "facts")
CREATE = "from accounts.models import User; User.objects.create_superuser(email='root@links.example', password='x')"
READ = """
import json
from django.test import Client
from accounts.models import User
browser = Client(SERVER_NAME='127.0.0.1')
browser.force_login(User.objects.get(is_superuser=True), backend="accounts.backends.PersonBackend")
print(json.dumps([browser.get("/api/v1/links/", one).json() for one in {asked}]))
"""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parts[-3]} {path.stem}")
def test_each_test_of_each_link_is_as_expected(path: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(path.read_text().splitlines()))
    month = path.stem.removeprefix("links_")
    pairs = list(dict.fromkeys((row["leading"], row["trailing"], row["sign"]) for row in rows))
    with database(tmp_path, "links_company") as address:
        env = {"PATH": os.environ["PATH"], "DATABASE_URL": address, "VAR_DIR": str(tmp_path / "var")}
        migrate(env)
        manage(env, "shell", "--verbosity", "0", "-c", CREATE)
        for kind in KINDS:
            load(env, kind, path.parents[1] / f"{kind}.csv")
        load(env, "links", written(tmp_path / "links.csv", pairs))
        manage(env, "rollup", month)
        asked = [{"leading": leading, "trailing": trailing, "month": month} for leading, trailing, _ in pairs]
        told = json.loads(manage(env, "shell", "--verbosity", "0", "-c", READ.format(asked=asked)))
        said = manage(env, "test_links", "--month", month)
    found = [row for one in told for row in rows_of(one)]
    assert len(rows) >= 50
    assert sorted(map(tuple, (row.items() for row in found))) == sorted(map(tuple, (row.items() for row in rows)))
    assert all(f"{one['leading']} -> {one['trailing']}" in said and one["state"] in said for one in told)


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
