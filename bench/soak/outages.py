"""PostgreSQL, Redis and a disk go away in the middle of rollups, three times each, for threads and for processes.

``python -m bench.soak.outages``, a part of ``make soak``; STOPS=3. The product's own intervals hold: each run must end
right within two minutes of the return, with both slots of the worker at it, and nothing may wait. Threads run as
`make run` has them, with the scheduler in their process; processes as the containers have them, beside it.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.soak.servers import Postgres, RedisServer, both
from tests.processes.company import Installation
from tests.processes.disks import NoDiskError, fill, small_disk
from tests.processes.disturbing import POOLS, at_work, disturb

WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Case:
    """What goes away, and for whom."""

    name: str
    company: Installation
    away: Callable[[], None]


def main() -> int:
    """0 where everything held, 1 where something did not; a disk that cannot be mounted is told and proves nothing."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # what was started is ended, whoever ends us
    stops, wrong = int(os.environ.get("STOPS") or 3), 0
    with tempfile.TemporaryDirectory(prefix="tierboard-outages-") as made, both() as (postgres, redis):
        for make in (postgresql_away, redis_away, disk_full_embedded, disk_full_of_server):
            for pool in POOLS:
                wrong += not tried(make, pool, stops, Path(made), postgres, redis)
    return 1 if wrong else 0


def tried(
    make: Callable[..., Iterator[Case]], pool: str, stops: int, made: Path, postgres: Postgres, redis: RedisServer
) -> bool:
    """One case for one pool, with its line of the report; whether it held."""
    folder = made / f"{make.__name__}_{pool}"
    folder.mkdir()
    try:
        with contextmanager(make)(folder, postgres, redis) as case:
            case.company.set_up()
            took = stopped(case, pool, folder, stops)
    except NoDiskError as error:
        say(f"Not tried: a full disk; {error}.")
        return True
    except (TimeoutError, AssertionError) as error:
        say(f"{make.__name__}, {pool}: **FAILS**; {error}")
        return False
    seconds = ", ".join(f"{one:.0f}" for one in took)
    say(f"{case.name}, {pool}: holds; the runs ended {seconds} s after its return.")
    return True


def stopped(case: Case, pool: str, folder: Path, stops: int) -> list[float]:
    """The seconds of each stop. Raises TimeoutError or AssertionError where a run does not end, or not right."""
    expected, took = case.company.matrices(), []
    with at_work(case.company, pool, folder, pace="calm"):
        for _ in range(stops):
            took.append(disturb(case.company, folder, case.away, WITHIN))
            assert case.company.matrices() == expected, "the cells are not what they were"  # noqa: S101 - a verdict
    return took


def postgresql_away(folder: Path, postgres: Postgres, redis: RedisServer) -> Iterator[Case]:
    """By a crash, with files as the queue."""
    postgres.create(folder.name)
    company = Installation(postgres.url(folder.name), folder / "var")
    yield Case("PostgreSQL stopped at once for 12 s", company, lambda: postgres.away_for(12, signal.SIGQUIT))


def redis_away(folder: Path, postgres: Postgres, redis: RedisServer) -> Iterator[Case]:
    """By a crash, empty afterwards."""
    postgres.create(folder.name)
    company = Installation(postgres.url(folder.name), folder / "var")
    company.environment["REDIS_URL"] = redis.url
    yield Case("Redis killed for 12 s", company, lambda: redis.away_for(12, signal.SIGKILL))


def disk_full_embedded(folder: Path, postgres: Postgres, redis: RedisServer) -> Iterator[Case]:
    """SQLite, the queue and everything else on one disk."""
    with small_disk() as disk:
        company = Installation(f"sqlite:///{disk}/company.sqlite3", disk)
        yield Case("A full disk for 6 s, embedded", company, lambda: full(disk))


def disk_full_of_server(folder: Path, postgres: Postgres, redis: RedisServer) -> Iterator[Case]:
    """The disk of a PostgreSQL's data, with Redis as the queue."""
    with small_disk() as disk, ExitStack() as stack:
        disk.chmod(0o777)
        server = Postgres(disk / "server", disk.parent / "log")
        server.start()
        stack.callback(server.end)
        server.create("company")
        company = Installation(server.url("company"), folder / "var")
        company.environment["REDIS_URL"] = redis.url
        yield Case("A full disk of PostgreSQL's data for 6 s", company, lambda: full(disk))


def full(disk: Path) -> None:
    """No room for six seconds."""
    ballast = fill(disk, left=0)
    time.sleep(6)
    ballast.unlink()


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
