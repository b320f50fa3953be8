"""A worker's watchdog: ends a worker that does nothing while work waits, so that it is started again.

A thread beside the worker's own, for whatever holds these up must not hold it up too. It counts looks and
asks no clock, which may jump: a machine that slept has missed nothing. Who starts the worker again is the
supervisor of `make run`, Docker or systemd.
"""

from __future__ import annotations

import logging
import os
from threading import Event, Thread
from typing import Any

from celery.worker import state
from django.db import connections

from accounts.company import today
from accounts.workers import forget_old_workers, note_worker
from config.celery import app
from kpis.choices import RunState, Trigger
from kpis.models import RollupRun
from kpis.rollup.runs import is_owed, request_rollup
from kpis.rules.actual import newest_month

logger = logging.getLogger(__name__)

LOOK_EVERY = 20.0  # seconds
# So many looks in a row at a worker that has a slot to spare, begins nothing and leaves messages where they are.
PATIENCE = 6
# So many at one that is at the same tasks all the while, an hour: the longest takes minutes.
LONGEST_TASK = 180
# So many without any task, and marks or a run in the database: was the message lost, is the scheduler away?
WAKE_AFTER = 3
EXIT = os.EX_SOFTWARE


class Watchdog:
    """Watches the worker of this process."""

    def __init__(self, worker: Any) -> None:
        self.worker = worker
        self.over = Event()
        self.seen: object = None
        self.quiet = self.idle = self.strikes = 0

    def start(self) -> None:
        """Watch from now on."""
        Thread(target=self._watch, name="watchdog", daemon=True).start()

    def rest(self, **kwargs: Any) -> None:
        """The worker has been asked to stop: what it still does, it may do in peace."""
        self.over.set()

    def _watch(self) -> None:
        self._try(forget_old_workers)
        while not self.over.is_set():
            self._try(self.look)
            if self.hung():
                self._end()
            self.over.wait(LOOK_EVERY)

    def _try(self, do: Any) -> None:
        """A database or queue that is away says nothing against the worker."""
        try:
            do()
        except Exception:  # whatever a driver raises
            logger.warning("The watchdog could not look", exc_info=True)
        finally:
            connections.close_all()

    def look(self) -> None:
        """Count what was seen once more, and say that the worker is well, where it is."""
        now = (state.all_total_count[0], frozenset(tuple(state.requests)))
        self.quiet = self.quiet + 1 if now == self.seen else 0
        self.seen = now
        self.idle = 0 if self.quiet == 0 or self.busy() else self.idle + 1
        self.strikes = self.strikes + 1 if self.idle and messages() else 0
        if not self.strikes:
            note_worker(self.worker.hostname)
            if self.idle and self.idle % WAKE_AFTER == 0 and something_is_marked():
                request_rollup(trigger=Trigger.SCHEDULE)

    def busy(self) -> bool:
        """Whether a task is under way."""
        running = getattr(self.worker.pool, "running", None)  # config/threads.py knows; of processes Celery does
        return bool(len(state.active_requests) if running is None else running)

    def hung(self) -> bool:
        """Whether this has been seen often enough."""
        return self.strikes >= PATIENCE or (self.quiet >= LONGEST_TASK and self.busy())

    def _end(self) -> None:
        """At once, without a word to the threads that hang. Messages that were taken are lost or come again; the
        marks in the database say what is left to do.
        """
        logger.critical(
            "This worker has begun nothing for %.0f seconds while work waits. It ends, to be started again",
            self.quiet * LOOK_EVERY,
        )
        os._exit(EXIT)


def messages() -> int:
    """How many messages nobody has taken yet."""
    with app.connection_for_read(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        channel: Any = broker.channel()
        return int(channel.queue_declare(app.conf.task_default_queue).message_count)


def something_is_marked() -> bool:
    """Whether there is anything to roll up, or a run under way."""
    marked = is_owed(newest_month(today()))
    return marked or RollupRun.objects.filter(state=RunState.RUNNING).exists()
