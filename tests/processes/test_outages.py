"""PostgreSQL, Redis or the disk is away in the middle of a rollup: it ends right, and no slot is lost.

Each outage is met once: that of what ``make run`` has by threads, and of what servers have by processes, but for Redis,
which is lost by both. ``make soak`` brings every one of them to both (bench/soak/outages.py).
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest
from django.db import connection

from bench.soak.servers import Postgres, RedisServer, both
from bench.soak.supervisor import Supervisor
from tests.processes.company import Installation
from tests.processes.disks import fill, installed
from tests.processes.disturbing import MARK, at_work, disturb, wait_for_both

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

AWAY = 4.0  # seconds
WITHIN = 60.0  # seconds after which it is done, with the intervals of tests/processes/hasty.py


def holds(company: Installation, pool: str, folder: Path, away: Callable[[], None]) -> Supervisor:
    """Roll up, take something away in the middle of the next rollup, and see both slots at work in one after it."""
    expected = company.matrices()
    with at_work(company, pool, folder, pace="hasty") as supervisor:
        disturb(company, folder, away, WITHIN)
        assert company.matrices() == expected
        company.run(*MARK)
        wait_for_both(folder, patience=30)
        company.wait_until_done(WITHIN)
    return supervisor


@dataclass
class Served:
    """A company on servers that can be taken away."""

    company: Installation
    postgres: Postgres
    redis: RedisServer

    def queued(self, folder: Path) -> Installation:
        """The same company, with Redis as its queue."""
        other = Installation(self.company.environment["DATABASE_URL"], folder / "var")
        other.environment["REDIS_URL"] = self.redis.url
        return other


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with both() as (postgres, redis):
        postgres.create("company")
        company = Installation(postgres.url("company"), tmp_path_factory.mktemp("var"))
        company.set_up()
        yield Served(company, postgres, redis)


@pytest.mark.postgres
def test_postgresql_stops_at_once_in_the_middle(served: Served, tmp_path: Path) -> None:
    supervisor = holds(served.company, "processes", tmp_path, lambda: served.postgres.away_for(AWAY, signal.SIGQUIT))
    assert {program.starts for program in supervisor.programs.values()} == {1}


@pytest.mark.postgres
@pytest.mark.redis
def test_redis_is_killed_in_the_middle_and_starts_empty(served: Served, tmp_path: Path) -> None:
    holds(served.queued(tmp_path), "threads", tmp_path, lambda: served.redis.away_for(AWAY, signal.SIGKILL))


@pytest.mark.postgres
@pytest.mark.redis
def test_redis_stands_still_in_the_middle(served: Served, tmp_path: Path) -> None:
    def pause() -> None:
        served.redis.send(signal.SIGSTOP)
        sleep(12)  # longer than anybody waits for an acknowledgement
        served.redis.send(signal.SIGCONT)

    holds(served.queued(tmp_path), "processes", tmp_path, pause)


def test_the_disk_is_full_in_the_middle(disk: Path, tmp_path: Path) -> None:
    def full() -> None:
        ballast = fill(disk, left=0)
        sleep(AWAY)
        ballast.unlink()

    with installed(disk, tmp_path) as company:
        company.set_up()
        holds(company, "threads" if connection.vendor == "sqlite" else "processes", tmp_path, full)
