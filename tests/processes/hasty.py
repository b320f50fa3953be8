"""A worker, or the scheduler, whose parts take a moment each, so that something can go wrong in the middle; in haste
silent runs are sent again after seconds, and wakes come each second.

``python -m tests.processes.hasty threads|processes|scheduler hasty|calm``. Who is at a part has a file in the folder
AT_WORK.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import mkstemp
from typing import Any

import django

django.setup()

from config.celery import app  # noqa: E402
from kpis.rollup import runs, staging  # noqa: E402

PAUSE = 0.4
PLAIN = ["--quiet", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]


def slowly(module: Any, name: str) -> None:
    """Let a function take a moment longer, and say meanwhile that somebody is at it."""
    real: Callable[..., Any] = getattr(module, name)

    def slow(*args: Any, **kwargs: Any) -> Any:
        handle, path = mkstemp(dir=os.environ["AT_WORK"])
        os.close(handle)
        try:
            time.sleep(PAUSE)
            return real(*args, **kwargs)
        finally:
            Path(path).unlink()

    setattr(module, name, slow)


def hurry() -> None:
    """What takes minutes takes seconds."""
    runs.RESEND_AFTER = timedelta(seconds=3)
    app.conf.beat_schedule["wake the rollup"]["schedule"] = timedelta(seconds=1)
    app.conf.beat_max_loop_interval = 1


if __name__ == "__main__":
    slowly(runs, "stage")  # before its transaction
    slowly(staging, "_cells")  # in it
    if sys.argv[2] == "hasty":
        hurry()
    if sys.argv[1] == "threads":
        sys.argv[1:] = []
        runpy.run_module("config.background", run_name="__main__")
    elif sys.argv[1] == "processes":
        app.worker_main(PLAIN)
    else:
        app.start(["--quiet", "beat"])
