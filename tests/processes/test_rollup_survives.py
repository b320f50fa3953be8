"""Rollups as real processes: killed in the middle, two at once, a worker that never comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.processes.company import Installation, founded
from tests.processes.dying import POINTS
from tests.processes.forks import Fork

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

NOTHING = {"SliceTouch": 0, "TierTouch": 0, "StagedCell": 0}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Installation]:
    with founded(tmp_path_factory.mktemp("company"), "company") as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(company: Installation) -> list[Any]:
    """What the company reads when nothing goes wrong."""
    return company.matrices()


@pytest.fixture
def installation(company: Installation, undisturbed: list[Any]) -> Installation:
    """Nothing has been rolled up yet."""
    company.set_up()
    return company


def wait_until_there(process: Fork) -> None:
    assert "here\n" in iter(process.stdout.readline, "")


def kill(process: Fork) -> None:
    process.kill()  # SIGKILL: no clean-up runs
    process.communicate()


@pytest.mark.parametrize("point", list(POINTS))
def test_a_rollup_killed_in_the_middle_is_repeated_with_the_same_cells(
    installation: Installation, undisturbed: list[Any], point: str
) -> None:
    dying = installation.start("-m", "tests.processes.dying", "rollup", point)
    wait_until_there(dying)
    kill(dying)
    assert installation.leftovers()["SliceTouch"] > 0
    assert installation.matrices() == undisturbed
    assert installation.leftovers() == NOTHING


def test_a_worker_killed_in_the_middle_loses_nothing(installation: Installation, undisturbed: list[Any]) -> None:
    installation.run("manage.py", "shell", "-c", "from kpis.tasks import wake_rollup; wake_rollup.delay('load')")
    worker = installation.start("-m", "tests.processes.dying", "worker", "between two parts")
    wait_until_there(worker)
    kill(worker)
    assert installation.leftovers()["SliceTouch"] > 0
    assert installation.matrices() == undisturbed
    assert installation.leftovers() == NOTHING


def test_two_rollups_at_once_agree(installation: Installation, undisturbed: list[Any]) -> None:
    both = [installation.start("manage.py", "rollup", "2026-Q1") for _ in range(2)]
    for process in both:
        process.communicate(timeout=120)
    assert [process.returncode for process in both] == [0, 0]
    assert installation.matrices() == undisturbed
    assert installation.leftovers() == NOTHING


def test_a_worker_takes_the_rollup_from_the_queue(installation: Installation, undisturbed: list[Any]) -> None:
    installation.run("manage.py", "shell", "-c", "from kpis.tasks import wake_rollup; wake_rollup.delay('load')")
    worker = installation.start("-m", "celery", "-A", "config", "worker", "--pool=threads", "-c2", "-lERROR")
    try:
        deadline = time.monotonic() + 90
        while installation.leftovers() != NOTHING and time.monotonic() < deadline:
            time.sleep(0.5)
        assert installation.leftovers() == NOTHING
    finally:
        worker.terminate()
        worker.communicate(timeout=30)
    assert installation.matrices() == undisturbed


def test_a_load_while_a_rollup_runs_is_rolled_up_by_the_next(installation: Installation) -> None:
    rollup = installation.start("-m", "tests.processes.dying", "rollup", "with every part computed")
    wait_until_there(rollup)
    installation.run("-m", "tests.processes.seed", "--correct")
    rollup.communicate("go on\n")
    assert rollup.returncode == 0
    assert installation.leftovers()["SliceTouch"] > 0
    corrected = installation.matrices()
    assert installation.leftovers() == NOTHING
    installation.run("-m", "tests.processes.seed", "--correct")
    assert installation.matrices() == corrected
