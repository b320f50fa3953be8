"""A wholesaler's own files, loaded and rolled up by the commands that a company uses, give the numbers expected.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import KINDS, carry_over, installed, load, matrices, rolled_up, rows
from tests.acceptance.conftest import SHARED
from tests.processes.company import Installation

DATA = SHARED / "wholesale"
EXPECTED = {path.stem.removeprefix("matrix_"): path for path in sorted((DATA / "expected").glob("matrix_*.csv"))}
FILES = tuple(kind for kind in KINDS if (DATA / f"{kind}.csv").exists())

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_all_exports_make_the_same_matrices_in_a_new_database(wholesale: Installation, tmp_path: Path) -> None:
    with installed(tmp_path, "carried") as other:
        carry_over(wholesale, other, tmp_path)
        assert matrices(other, EXPECTED) == matrices(wholesale, EXPECTED)


@pytest.fixture(scope="module")
def found(wholesale: Installation) -> dict[str, Any]:
    """Each expected period's matrix, by the period's code, as ``rollup --json`` prints it."""
    return {matrix["period"]: matrix for matrix in rolled_up(wholesale, EXPECTED)}


def cells(matrix: Any) -> dict[tuple[str, str], dict[str, str]]:
    """The cells of a matrix by KPI and tier, each value as a CSV file would hold it."""
    return {
        (row["kpi"], cell["tier"]): {name: "" if value is None else str(value) for name, value in cell.items()}
        for row in matrix["rows"]
        for cell in row["cells"]
    }


@pytest.mark.parametrize("period", EXPECTED)
def test_every_column_of_every_cell_is_as_expected(found: dict[str, Any], period: str) -> None:
    shown, expected = cells(found[period]), rows(EXPECTED[period])
    assert expected
    keys = {(row["kpi"], row["tier"]) for row in expected}
    assert {key for key in shown if key[1] != "untiered"} == {key for key in keys if key[1] != "untiered"}
    differences = {
        (row["kpi"], row["tier"], column): (value, shown[row["kpi"], row["tier"]][column])
        for row in expected
        for column, value in row.items()
        if column not in {"kpi", "tier"} and shown[row["kpi"], row["tier"]][column] != value
    }
    assert differences == {}


def test_there_are_files_of_all_that_a_wholesaler_keeps() -> None:
    assert len(FILES) == 9


@pytest.mark.parametrize("kind", FILES)
def test_loading_a_file_again_changes_nothing(wholesale: Installation, kind: str) -> None:
    counts = load(wholesale, kind, DATA / f"{kind}.csv")
    assert counts["read"] > 0
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (0, 0, counts["read"])
