"""Signals and assurance of two companies, read through the API and the matrix: each column as expected.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run).
"""

from __future__ import annotations

import pytest

from tests.acceptance.commands import asked, rolled_up, rows
from tests.acceptance.conftest import SHARED

TOLD = ("centre", "lower", "upper", "signal", "rule", "assurance")

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.mark.parametrize("name", ["steady", "wholesale"])
def test_each_column_of_each_month_is_as_expected(name: str, request: pytest.FixtureRequest) -> None:
    company = request.getfixturevalue(name)
    expected = [row for path in sorted((SHARED / name / "expected").glob("signals_*.csv")) for row in rows(path)]
    assert len(expected) >= 50
    questions = [{key: row[key] for key in ("kpi", "tier", "month")} for row in expected]
    matrices = rolled_up(company, sorted({row["month"] for row in expected}))
    charts = asked(company, "/api/v1/signals/", questions)
    found = [
        {**one, "points": str(len(chart["points"]) or ""), **{key: chart[key] or "" for key in TOLD}}
        for one, chart in zip(questions, charts, strict=True)
    ]
    assert found == expected
    cells = {
        (row["kpi"], cell["tier"], matrix["period"]): (cell["signal"] or "", cell["assurance"] or "")
        for matrix in matrices
        for row in matrix["rows"]
        for cell in row["cells"]
    }
    shown = {(row["kpi"], row["tier"], row["month"]): (row["signal"], row["assurance"]) for row in expected}
    assert {key: cells[key] for key in shown} == shown
