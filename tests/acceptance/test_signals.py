"""Signals and assurance of two companies, read through the API and the matrix: each column as expected.

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

from tests.acceptance.commands import KINDS, database, load, manage, migrate

DATA = Path(os.environ.get("SHARED_DATA", "")).absolute()
EXPECTED = sorted(DATA.glob("*/expected/signals_*.csv"))
APPROVER = "root@signals.example"
CREATE = f"from accounts.models import User; User.objects.create_superuser(email='{APPROVER}', password='x')"
READ = """
import json
from django.test import Client
from accounts.models import User
browser = Client(SERVER_NAME='127.0.0.1')
browser.force_login(User.objects.get(is_superuser=True), backend="accounts.backends.PersonBackend")
print(json.dumps([browser.get("/api/v1/signals/", one).json() for one in {asked}]))
"""
TOLD = ("centre", "lower", "upper", "signal", "rule", "assurance")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=("steady", "wholesale"))
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A company's name, and the environment of its installation, all files loaded and the months rolled up."""
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    with database(folder, f"signals_{name}") as address:
        env = {"PATH": os.environ["PATH"], "DATABASE_URL": address, "VAR_DIR": str(folder / "var")}
        migrate(env)
        manage(env, "shell", "--verbosity", "0", "-c", CREATE)
        for kind in KINDS:
            if (path := DATA / name / f"{kind}.csv").exists():
                load(env, kind, path, *(["--approved-by", APPROVER] if kind == "targets" else []))
        yield name, env


def expected_of(name: str) -> list[dict[str, str]]:
    """All rows that are expected of a company."""
    files = [path for path in EXPECTED if path.parts[-3] == name]
    return [row for path in files for row in csv.DictReader(path.read_text().splitlines())]


def test_each_column_of_each_month_is_as_expected(company: Any) -> None:
    name, env = company
    rows = expected_of(name)
    months = sorted({row["month"] for row in rows})
    matrices = json.loads(manage(env, "rollup", *months, "--json"))
    asked = [{key: row[key] for key in ("kpi", "tier", "month")} for row in rows]
    charts = json.loads(manage(env, "shell", "--verbosity", "0", "-c", READ.format(asked=asked)))
    found = [
        {**one, "points": str(len(chart["points"]) or ""), **{key: chart[key] or "" for key in TOLD}}
        for one, chart in zip(asked, charts, strict=True)
    ]
    assert len(rows) >= 50
    assert found == rows
    cells = {
        (row["kpi"], cell["tier"], matrix["period"]): (cell["signal"] or "", cell["assurance"] or "")
        for matrix in matrices
        for row in matrix["rows"]
        for cell in row["cells"]
    }
    shown = {(row["kpi"], row["tier"], row["month"]): (row["signal"], row["assurance"]) for row in rows}
    assert {key: cells[key] for key in shown} == shown
