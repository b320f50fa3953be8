"""What two people, or two workers, do in the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connections

Answer = TypeVar("Answer")


def at_once(*works: Callable[[], Answer]) -> list[Answer]:
    """Each in a thread of its own with connections of its own; their answers in the order in which they came."""
    answers: list[Answer] = []

    def run(work: Callable[[], Answer]) -> None:
        try:
            answers.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers
