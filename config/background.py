"""The worker with the scheduler beside it, in the memory of one process: what ``make run`` starts."""

from __future__ import annotations

import logging
import time
from threading import Thread
from typing import Any

from celery.beat import Service
from celery.signals import worker_ready
from django.conf import settings

from config.celery import app

logger = logging.getLogger(__name__)

# Seconds until a scheduler that failed is started again: the first time, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


@worker_ready.connect
def begin(**kwargs: Any) -> None:
    """The scheduler, once somebody is there to take what it starts."""
    Thread(target=keep_scheduling, name="scheduler", daemon=True).start()


def keep_scheduling() -> None:
    """Start what is due, until stopped. A scheduler that fails, as on a full disk, is started again after a pause."""
    pause = FIRST_PAUSE
    while not schedule():
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def schedule() -> bool:
    """Start what is due; True where it was stopped, False where it failed."""
    try:
        Service(app).start()
    except Exception:  # whatever it is: nothing else would wake the worker
        logger.exception("The scheduler failed; it is started again")
        return False
    return True


if __name__ == "__main__":
    app.worker_main(["--quiet", "worker", *settings.EMBEDDED_WORKER_OPTIONS])
