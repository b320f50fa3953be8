"""PostgreSQL, Redis or the disk is away in the middle of a rollup: it ends right, and no slot is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest

from bench.processes import wait_until
from bench.soak.servers import Postgres, RedisServer, both
from bench.soak.supervisor import Program, Supervisor
from tests.processes.company import Installation
from tests.processes.disks import fill, installed

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

AWAY = 4.0  # seconds
WITHIN = 60.0  # seconds after which it is done, with the intervals of tests/processes/hasty.py
POOLS = ("threads", "processes")
MARK = ("-m", "tests.processes.seed", "--mark")


@contextmanager
def at_work(company: Installation, pool: str, folder: Path) -> Iterator[Supervisor]:
    """A worker with that pool under a supervisor that starts it again, and the scheduler within or beside it."""
    env = company.environment | {"AT_WORK": str(folder / "at-work")}
    for name in ("at-work", "logs"):
        (folder / name).mkdir()
    names = [pool] if pool == "threads" else [pool, "scheduler"]
    words = {name: ["-m", "tests.processes.hasty", name] for name in names}
    supervisor = Supervisor([Program(name, words[name], env, folder / "logs") for name in names])
    try:
        yield supervisor
    finally:
        supervisor.end()


def disturb(company: Installation, pool: str, folder: Path, away: Callable[[], None]) -> Supervisor:
    """Roll a company up, take something away in the middle of the next rollup, bring it back, and roll up again."""
    expected = company.matrices()
    company.run(*MARK)
    with at_work(company, pool, folder) as supervisor:
        busy = folder / "at-work"
        wait_until(lambda: len(os.listdir(busy)) > 1, patience=60)
        away()
        company.wait_until_done(WITHIN)
        assert company.matrices() == expected
        company.run(*MARK)
        wait_until(lambda: len(os.listdir(busy)) > 1, patience=20)  # both slots take work again
        company.wait_until_done(WITHIN)
    return supervisor


@dataclass
class Served:
    """A company on servers that can be taken away. ``company`` speaks to Redis where ``queued`` is called."""

    company: Installation
    postgres: Postgres
    redis: RedisServer

    def queued(self) -> Installation:
        """The same company, with Redis as its queue."""
        with_redis = copy(self.company)
        with_redis.environment = self.company.environment | {"REDIS_URL": self.redis.url}
        return with_redis


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with both() as (postgres, redis):
        postgres.create("company")
        company = Installation(postgres.url("company"), tmp_path_factory.mktemp("var"))
        company.set_up()
        yield Served(company, postgres, redis)


@pytest.mark.postgres
@pytest.mark.parametrize("pool", POOLS)
def test_postgresql_stops_at_once_in_the_middle(served: Served, pool: str, tmp_path: Path) -> None:
    supervisor = disturb(served.company, pool, tmp_path, lambda: served.postgres.away_for(AWAY, signal.SIGQUIT))
    assert {program.starts for program in supervisor.programs.values()} == {1}


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("pool", POOLS)
def test_redis_is_killed_in_the_middle_and_starts_empty(served: Served, pool: str, tmp_path: Path) -> None:
    disturb(served.queued(), pool, tmp_path, lambda: served.redis.away_for(AWAY, signal.SIGKILL))


@pytest.mark.postgres
@pytest.mark.redis
def test_redis_stands_still_in_the_middle(served: Served, tmp_path: Path) -> None:
    def pause() -> None:
        served.redis.send(signal.SIGSTOP)
        sleep(12)  # longer than anybody waits for an acknowledgement
        served.redis.send(signal.SIGCONT)

    disturb(served.queued(), "processes", tmp_path, pause)


@pytest.mark.parametrize("pool", POOLS)
def test_the_disk_is_full_in_the_middle(pool: str, disk: Path, tmp_path: Path) -> None:
    with installed(disk, tmp_path) as company:
        company.set_up()

        def full() -> None:
            ballast = fill(disk, left=0)
            sleep(AWAY)
            ballast.unlink()

        disturb(company, pool, tmp_path, full)
