"""A rollup, or a worker's, that stops at one point and waits there to be killed, or for a line to go on.

``python -m tests.processes.dying rollup|worker POINT``; prints ``here`` when it has got there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from config.celery import app  # noqa: E402
from kpis.rollup import publishing, runs, staging  # noqa: E402


def stop_before(module: Any, name: str, calls: int) -> None:
    """Let the function work until its n-th call, then wait."""
    real: Callable[..., Any] = getattr(module, name)
    seen: list[int] = []

    def stopping(*args: Any, **kwargs: Any) -> Any:
        seen.append(1)
        if len(seen) == calls:
            sys.stdout.write("here\n")
            sys.stdout.flush()
            sys.stdin.readline()
        return real(*args, **kwargs)

    setattr(module, name, stopping)


POINTS = {
    "reading facts": (staging, "_cells", 2),
    "between two parts": (runs, "stage", 3),
    "with every part computed": (runs, "finish", 1),
    "before publishing": (runs, "publish", 1),
    "with month cells swapped": (publishing, "_publish_periods", 1),
    "with marks about to go": (publishing, "_distinct_counts", 1),
}


def main(who: str, point: str) -> None:
    """Begin, as a command or as a worker that somebody has woken."""
    stop_before(*POINTS[point])
    if who == "rollup":
        runs.roll_up_now()
    else:
        app.worker_main(["worker", "--pool=solo", "--loglevel=ERROR", "--without-mingle", "--without-gossip"])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
