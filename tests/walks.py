"""Many cases of one question, asked one after another of a company that was made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import caches
from django.db import transaction
from django.test import Client

from accounts.models import User
from core.kept import forget_all
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
        forget_all()


def browser_of(person: User | None) -> Client:
    """A browser of this person, or of nobody, to whom a failure is an answer like others: 500."""
    browser = signed_in(person) if person else Client()
    browser.raise_request_exception = False
    return browser


class Visitor:
    """Somebody who looks at many pages, and whose forms change nothing that is there afterwards.

    Signing out is among what is taken back, so that one session is enough for the whole way.
    """

    def __init__(self, person: User | None) -> None:
        self.browser = browser_of(person)
        self.cookies = {name: morsel.value for name, morsel in self.browser.cookies.items()}

    def get(self, address: str) -> Any:
        """Open a page."""
        self._begin()
        return self.browser.get(address)

    def post(self, address: str, sent: Any = None, **options: Any) -> Any:
        """Send a form, and take back what came of it."""
        self._begin()
        with transaction.atomic():
            answer = self.browser.post(address, sent, **options)
            transaction.set_rollback(True)
        return answer

    def _begin(self) -> None:
        self.browser.cookies.clear()
        for name, value in self.cookies.items():
            self.browser.cookies[name] = value
