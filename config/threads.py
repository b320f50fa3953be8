"""Celery's pool of threads, which forgets what is raised around a task: the message is never acknowledged, its slot
never freed, and once that has met every slot the worker waits for good. This one tells the worker of everything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import Any

from billiard.einfo import ExceptionInfo
from celery.concurrency import thread
from celery.concurrency.base import apply_target

logger = logging.getLogger(__name__)


class AroundTheTaskError(Exception):
    """Something around a task failed. Its own kind of error, for the worker takes some others for something else."""


class TaskPool(thread.TaskPool):
    """A pool of threads from which each task comes back, done or failed. ``running``: tasks under way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.running, self._lock = 0, Lock()

    def on_apply(
        self,
        target: Callable[..., Any],
        args: Any = None,
        kwargs: Any = None,
        callback: Any = None,
        accept_callback: Any = None,
        error_callback: Any = None,
        **_: Any,
    ) -> Any:
        """Hand a task to a thread. What that returned or raised has been told when Celery's own call comes back."""
        call = (target, args, kwargs, callback, accept_callback)
        return super().on_apply(self._apply, (call, error_callback), {}, callback=lambda told: None)

    def _apply(self, call: tuple[Any, ...], error_callback: Callable[[ExceptionInfo], None]) -> None:
        self._count(1)
        try:
            apply_target(*call)
        except BaseException as error:  # MemoryError and SystemExit too: they would end in a thread, unheard
            logger.exception("Something failed around a task; what is left to do, the next wake does")
            error_callback(_told(error))
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self.running += more


def _told(error: BaseException) -> ExceptionInfo:
    """The error as the worker wants to be told of it."""
    try:
        raise AroundTheTaskError(repr(error)) from error
    except AroundTheTaskError:
        return ExceptionInfo()
