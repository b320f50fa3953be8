"""A demo company for a module's tests: founded once, gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import transaction

from accounts.models import Company
from demo.founding import found


@contextmanager
def founded_company(day: date, *, fiscal_start: int = 1) -> Iterator[None]:
    """The demo company as of a day, inside a transaction that is taken back; tests nest theirs in it."""
    with transaction.atomic():
        Company.objects.filter(pk=1).update(fiscal_year_start_month=fiscal_start)
        assert found(day=day)
        yield
        transaction.set_rollback(True)
