"""A wholesaler's own files, loaded and rolled up by the commands that a company uses, give the numbers expected.

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

from tests.acceptance import commands
from tests.acceptance.commands import database, manage, migrate

DATA = Path(os.environ.get("SHARED_DATA", "")).absolute() / "wholesale"
EXPECTED = {path.stem.removeprefix("matrix_"): path for path in sorted((DATA / "expected").glob("matrix_*.csv"))}
KINDS = (
    "business_units",
    "departments",
    "tiers",
    "customers",
    "tier_memberships",
    "lifecycle_events",
    "kpis",
    "facts",
    "targets",
)
APPROVER = "root@wholesale.example"
CREATE = f"from accounts.models import User; User.objects.create_superuser(email='{APPROVER}', password='x')"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database of the kind that this pass is about."""
    with database(tmp_path_factory.mktemp("acceptance"), "acceptance") as address:
        yield address


@pytest.fixture(scope="module")
def company_env(fresh_database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the wholesaler's installation, all files loaded."""
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": fresh_database, "VAR_DIR": str(tmp_path_factory.mktemp("var"))}
    migrate(env)
    manage(env, "shell", "--verbosity", "0", "-c", CREATE)
    for kind in KINDS:
        load(env, kind)
    return env


def test_all_exports_make_the_same_matrices_in_a_new_database(
    company_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("carried")
    with database(folder, "carried") as address:
        other = company_env | {"DATABASE_URL": address, "VAR_DIR": str(folder / "var")}
        commands.carry_over(company_env, other, folder)
        assert commands.matrices(other, EXPECTED) == commands.matrices(company_env, EXPECTED)


def load(env: dict[str, str], kind: str) -> Any:
    """Load one file; the counts of the command's JSON."""
    approved = ["--approved-by", APPROVER] if kind == "targets" else []
    return commands.load(env, kind, DATA / f"{kind}.csv", *approved)


@pytest.fixture(scope="module")
def matrices(company_env: dict[str, str]) -> dict[str, Any]:
    """Each expected period's matrix, by the period's code, as ``rollup --json`` prints it."""
    return {matrix["period"]: matrix for matrix in json.loads(manage(company_env, "rollup", *EXPECTED, "--json"))}


def cells(matrix: Any) -> dict[tuple[str, str], dict[str, str]]:
    """The cells of a matrix by KPI and tier, each value as a CSV file would hold it."""
    return {
        (row["kpi"], cell["tier"]): {name: "" if value is None else str(value) for name, value in cell.items()}
        for row in matrix["rows"]
        for cell in row["cells"]
    }


@pytest.mark.parametrize("period", EXPECTED)
def test_every_column_of_every_cell_is_as_expected(matrices: dict[str, Any], period: str) -> None:
    found = cells(matrices[period])
    with EXPECTED[period].open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.DictReader(file))
    assert expected
    keys = {(row["kpi"], row["tier"]) for row in expected}
    assert {key for key in found if key[1] != "untiered"} == {key for key in keys if key[1] != "untiered"}
    differences = {
        (row["kpi"], row["tier"], column): (value, found[row["kpi"], row["tier"]][column])
        for row in expected
        for column, value in row.items()
        if column not in {"kpi", "tier"} and found[row["kpi"], row["tier"]][column] != value
    }
    assert differences == {}


@pytest.mark.parametrize("kind", KINDS)
def test_loading_a_file_again_changes_nothing(company_env: dict[str, str], kind: str) -> None:
    counts = load(company_env, kind)
    assert counts["read"] > 0
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (0, 0, counts["read"])
