"""Many cases of one question, asked one after another of a company that was made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import caches
from django.db import transaction


@contextmanager
def taken_back() -> Iterator[None]:
    """What one case does to the database is gone before the next one begins, and so are texts and counts kept of it."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        caches["texts"].clear()
        caches["counts"].clear()
