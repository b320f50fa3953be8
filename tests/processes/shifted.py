"""A worker whose clock is wrong: ``python -m tests.processes.shifted HOURS``, before (-) or after the true time."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from config.celery import app  # noqa: E402


def set_clock(hours: int) -> None:
    """Every moment that the product reads or stores is wrong by so much."""
    true = timezone.now

    def now() -> datetime:
        return true() + timedelta(hours=hours)

    timezone.now = now


if __name__ == "__main__":
    set_clock(int(sys.argv[1]))
    app.worker_main(["worker", "--pool=solo", "--loglevel=ERROR", "--without-mingle", "--without-gossip"])
