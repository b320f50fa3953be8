"""Something that a rollup needs goes away in the middle of it, and comes back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import wait_until
from bench.soak.supervisor import Program, Supervisor
from tests.processes.company import Installation

POOLS = ("threads", "processes")
MARK = ("-m", "tests.processes.seed", "--mark")


@contextmanager
def at_work(company: Installation, pool: str, folder: Path, *, pace: str) -> Iterator[Supervisor]:
    """A worker with that pool under a supervisor that starts it again, with the scheduler in it or beside it."""
    env = company.environment | {"AT_WORK": str(folder / "at-work")}
    for name in ("at-work", "logs"):
        (folder / name).mkdir()
    names = [pool] if pool == "threads" else [pool, "scheduler"]
    words = {name: ["-m", "tests.processes.hasty", name, pace] for name in names}
    supervisor = Supervisor([Program(name, words[name], env, folder / "logs") for name in names])
    try:
        yield supervisor
    finally:
        supervisor.end()


def wait_for_both(folder: Path, patience: float) -> None:
    """Until two parts are under way: a worker that lost a slot has one at most. Raises TimeoutError."""
    wait_until(lambda: len(os.listdir(folder / "at-work")) > 1, patience)


def disturb(company: Installation, folder: Path, away: Callable[[], None], within: float) -> float:
    """Mark everything, and take something away when both slots are at it; the seconds from its return to the end."""
    company.run(*MARK)
    wait_for_both(folder, patience=90)
    away()
    return company.wait_until_done(within)
