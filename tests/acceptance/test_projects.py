"""A government's 468 projects by the real commands: their schedule on a day is as expected, row by row.

Runs where SHARED_DATA names the folder with the acceptance data (see .ci/run).
Days that no expected file is about are held against a calculator that knows nothing of the product.
"""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import installed, load, rows, shell
from tests.acceptance.conftest import SHARED
from tests.oracle.schedule import Project, Step
from tests.processes.company import Installation

DATA = SHARED / "projects"
DAY = date(2022, 4, 25)
EXPECTED = DATA / "expected" / f"schedule_{DAY}.csv"
OTHER_DAYS = [
    *(date(2016, 6, 8), date(2016, 6, 9), date(2016, 7, 9), date(2016, 7, 10), date(2018, 3, 31), date(2019, 12, 31)),
    *(date(2022, 4, 24), date(2022, 5, 25), date(2022, 5, 26), date(2022, 7, 26), date(2022, 12, 31)),
    *(date(2024, 2, 29), date(2026, 1, 1)),
]
READ = """
import json, sys
from datetime import date
from initiatives.models import Initiative
from initiatives.reading.standings import read_standings
days = [date.fromisoformat(day) for day in {days!r}]
print(json.dumps({{day.isoformat(): [
    [one.initiative.code, one.initiative.level, one.plan.slip, one.status or ""]
    for one in read_standings(Initiative.objects.all(), as_of=day)
] for day in days}}))
"""

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def write(path: Path, found: Iterable[dict[str, Any]]) -> Path:
    found = list(found)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    return path


def standings(company: Installation, days: Iterable[date]) -> dict[str, list[list[Any]]]:
    """(code, level, slip, status) of every initiative on each day, as the product reads them."""
    found: dict[str, list[list[Any]]] = json.loads(shell(company, READ.format(days=[str(day) for day in days])))
    return found


@pytest.fixture(scope="module")
def register(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, dict[str, Any]]]:
    """An installation that took in the government's files, and the counts of its initiatives' load."""
    with installed(tmp_path_factory.mktemp("projects"), "projects") as company:
        for kind in ("business_units", "departments"):
            load(company, kind, DATA / f"{kind}.csv")
        yield company, load(company, "initiatives", DATA / "initiatives.csv")


@pytest.fixture(scope="module")
def projects() -> dict[str, Project]:
    """The same rows for the calculator."""
    day = date.fromisoformat
    return {
        row["code"]: Project(
            day(row["baseline_start"]), day(row["baseline_due"]), day(row["due"] or row["baseline_due"])
        )
        for row in rows(DATA / "initiatives.csv")
    }


def differences(found: list[list[Any]], expected: dict[str, Project], day: date) -> dict[str, Any]:
    """By code (slip and status found, and as calculated), where they are not the same."""
    calculated = {code: (project.slip, project.status(day)) for code, project in expected.items()}
    read = {code: (slip, status) for code, _, slip, status in found}
    assert set(read) == set(calculated)
    return {code: (read[code], calculated[code]) for code in read if read[code] != calculated[code]}


def test_all_projects_load(register: tuple[Installation, dict[str, Any]]) -> None:
    _, counts = register
    assert (counts["read"], counts["created"], counts["errors"]) == (468, 468, [])


def test_the_schedule_of_the_day_is_as_expected_row_by_row(register: tuple[Installation, Any]) -> None:
    found = standings(register[0], [DAY])[str(DAY)]
    expected = [[row["code"], row["level"], int(row["slip_days"]), row["status"]] for row in rows(EXPECTED)]
    assert len(expected) == 468
    assert sorted(found) == sorted(expected)


def test_the_calculator_agrees_with_what_is_expected(projects: dict[str, Project]) -> None:
    expected = {row["code"]: (int(row["slip_days"]), row["status"]) for row in rows(EXPECTED)}
    assert {code: (project.slip, project.status(DAY)) for code, project in projects.items()} == expected


def test_the_schedule_of_other_days_is_as_calculated(
    register: tuple[Installation, Any], projects: dict[str, Project]
) -> None:
    found = standings(register[0], OTHER_DAYS)
    assert {str(day): differences(found[str(day)], projects, day) for day in OTHER_DAYS} == {
        str(day): {} for day in OTHER_DAYS
    }
    statuses = Counter(status for day in found.values() for *_, status in day)
    assert set(statuses) == {"", "late", "at_risk", "not_reported", "on_schedule"}


def test_an_export_loads_without_a_change(register: tuple[Installation, Any], tmp_path: Path) -> None:
    company, _ = register
    company.run("manage.py", "export", "initiatives", str(tmp_path / "again.csv"))
    counts = load(company, "initiatives", tmp_path / "again.csv")
    assert (counts["read"], counts["unchanged"], counts["updated"]) == (468, 468, 0)


# The tests below add to the register; they come last, in this order.


def test_milestones_and_updates_tell_on_the_days_that_they_are_about(
    register: tuple[Installation, Any], projects: dict[str, Project], tmp_path: Path
) -> None:
    company, dice = register[0], random.Random(468)
    for code, project in projects.items():
        projects[code] = replace(project, steps=invented_steps(project, dice), words=invented_words(project, dice))
    steps = (
        {"initiative": code, "title": f"Step {number}", "due": step.due, "done_on": step.done or ""}
        for code, project in projects.items()
        for number, step in enumerate(project.steps)
    )
    words = (
        {"initiative": code, "on": on, "health": health, "progress": 50, "author": "owner@government.example"}
        for code, project in projects.items()
        for on, health in project.words
    )
    assert load(company, "milestones", write(tmp_path / "m.csv", steps))["errors"] == []
    assert load(company, "status_updates", write(tmp_path / "u.csv", words))["errors"] == []
    found = standings(company, [DAY, *OTHER_DAYS])
    for day in (DAY, *OTHER_DAYS):
        assert differences(found[str(day)], projects, day) == {}, day


def invented_steps(project: Project, dice: random.Random) -> tuple[Step, ...]:
    """Up to three milestones near the acceptance day, some done in time, some late, some open."""
    dues = [DAY + timedelta(days=dice.choice([-200, -8, -7, -1, 0, 1, 40])) for _ in range(dice.randrange(4))]
    return tuple(Step(due, dice.choice([None, due, due + timedelta(days=9)])) for due in dues)


def invented_words(project: Project, dice: random.Random) -> tuple[tuple[date, str], ...]:
    """Up to three updates, some exactly thirty days before a day that is asked about."""
    days = {DAY - timedelta(days=dice.choice([400, 31, 30, 29, 0, -3])) for _ in range(dice.randrange(4))}
    return tuple((on, dice.choice(["on_schedule", "at_risk", "late"])) for on in sorted(days))


def test_a_later_file_changes_today_and_no_day_before(
    register: tuple[Installation, Any], projects: dict[str, Project], tmp_path: Path
) -> None:
    company = register[0]
    moved = [row | {"due": "2031-12-31"} for row in rows(DATA / "initiatives.csv")]
    counts = load(company, "initiatives", write(tmp_path / "moved.csv", moved))
    assert (counts["updated"], counts["errors"]) == (468, [])
    found = standings(company, [DAY, *OTHER_DAYS])
    for day in (DAY, *OTHER_DAYS):
        assert differences(found[str(day)], projects, day) == {}, day
    today = date.fromisoformat(shell(company, "from accounts.company import today; print(today())").strip())
    later = {code: replace(project, due=date(2031, 12, 31)) for code, project in projects.items()}
    assert differences(standings(company, [today])[str(today)], later, today) == {}
    company.run("manage.py", "undo_load", str(counts["load"]))
    assert differences(standings(company, [today])[str(today)], projects, today) == {}
