"""The watchdog as real processes: a worker that hangs ends, one that is busy or has nothing to do does not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from tests.processes.company import Installation, founded
from tests.processes.forks import Fork
from tests.processes.test_rollup_survives import kill, wait_until_there

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

POOLS = ("threads", "prefork")
WAKE = "from kpis.tasks import wake_rollup; [wake_rollup.delay('load') for _ in range(5)]"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Installation]:
    with founded(tmp_path, "watched") as made:
        yield made


def waked(company: Installation, *words: str) -> Fork:
    """A worker for whom several messages wait."""
    company.run("manage.py", "shell", "-v0", "-c", WAKE)
    return company.start("-m", "tests.processes.losing", *words)


@pytest.mark.parametrize("pool", POOLS)
def test_a_worker_that_lost_its_slots_ends_and_the_next_does_the_work(company: Installation, pool: str) -> None:
    worker = waked(company, pool, "lost")
    worker.communicate(timeout=60)
    assert worker.returncode == os.EX_SOFTWARE
    following = company.start("-m", "celery", "--quiet", "-A", "config", "worker", "--pool", pool, "-c", "2")
    try:
        company.wait_until_done(60)
    finally:
        kill(following)


@pytest.mark.parametrize("pool", POOLS)
def test_a_worker_that_is_busy_for_longer_than_the_watchdog_waits_goes_on(company: Installation, pool: str) -> None:
    worker = waked(company, pool, "busy")
    wait_until_there(worker)
    try:
        company.wait_until_done(110)
        sleep(6)  # and now it has nothing to do, for longer than the watchdog waits
        assert worker.poll() is None
    finally:
        kill(worker)
