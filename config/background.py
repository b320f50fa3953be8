"""The worker with the scheduler beside it, in the memory of one process: what ``make run`` starts."""

from __future__ import annotations

import logging
import os
import signal
from threading import Thread
from typing import Any

from celery.beat import Service
from celery.signals import worker_ready
from django.conf import settings

from config.celery import app

logger = logging.getLogger(__name__)


@worker_ready.connect
def begin(**kwargs: Any) -> None:
    """The scheduler, once somebody is there to take what it starts."""
    Thread(target=schedule, name="scheduler", daemon=True).start()


def schedule() -> None:
    """Start what is due, until stopped. Where that fails the worker stops too, for nothing would wake it."""
    try:
        Service(app).start()
    except Exception:  # whatever it is, it is the end of both
        logger.exception("The scheduler failed, so that the worker stops")
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    app.worker_main(["--quiet", "worker", *settings.EMBEDDED_WORKER_OPTIONS])
