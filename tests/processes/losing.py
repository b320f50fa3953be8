"""A worker that loses its slots: what it takes is never acknowledged, as when something fails around a task.

Its watchdog looks each second. ``python -m tests.processes.losing threads|prefork lost|busy``: with ``busy`` nothing is
lost, but one part takes longer than the watchdog's patience.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import django

django.setup()

from celery.signals import worker_ready  # noqa: E402
from celery.worker.request import Request  # noqa: E402

from config import watchdog  # noqa: E402
from config.celery import app  # noqa: E402
from kpis.rollup import runs  # noqa: E402

PLAIN = ["--quiet", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--pool"]
LONG = 12


def lose() -> None:
    """No acknowledgement is given."""

    def nothing(*args: Any, **kwargs: Any) -> None:
        """As if it had been."""

    request: Any = Request
    request.acknowledge = nothing


def dawdle() -> None:
    """Whoever computes one of the first two parts of this process takes so long."""
    module: Any = runs
    real, seen = module.stage, list[int]()

    def slow(*args: Any, **kwargs: Any) -> None:
        seen.append(1)
        if len(seen) < 3:
            time.sleep(LONG)
        real(*args, **kwargs)

    module.stage = slow


def say(**kwargs: Any) -> None:
    """It is there."""
    sys.stdout.write("here\n")
    sys.stdout.flush()


if __name__ == "__main__":
    watchdog.LOOK_EVERY, watchdog.PATIENCE = 1.0, 4
    {"lost": lose, "busy": dawdle}[sys.argv[2]]()
    worker_ready.connect(say)
    app.worker_main([*PLAIN, sys.argv[1]])
