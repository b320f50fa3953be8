"""Many cases of one question, asked one after another of a company that was made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import caches
from django.db import transaction
from django.test import Client

from accounts.models import User
from tests.factories import signed_in


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


def browser_of(person: User | None) -> Client:
    """A browser of this person, or of nobody, to whom a failure is an answer like others: 500."""
    browser = signed_in(person) if person else Client()
    browser.raise_request_exception = False
    return browser
