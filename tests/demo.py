"""A demo company for a module's tests: founded once for each day and calendar, gone afterwards.

Several modules look at the same company. On SQLite the one that comes first keeps a copy of the database under
``var/``, and the others begin with it, as with that of ``tests/migrated.py``: founding takes seconds. It is founded as
on its day, so that the copy stays right for as long as the product is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache

import pytest
import time_machine
from django.db import connection, transaction

from accounts.models import Company
from demo.founding import found
from tests.migrated import COPIES, ROOT, File, alone, file, mark

NEW_YEAR = date(2026, 1, 3)
# Where most can go wrong: little of the year has gone by, or the quarter ends today and the year began in April.
DAYS = [
    pytest.param((NEW_YEAR, 1), id="just after New Year"),
    pytest.param((date(2026, 9, 30), 4), id="on a quarter's last day, fiscal years from April"),
]
APPS = ("accounts", "core", "customers", "demo", "initiatives", "kpis", "scorecard")


@contextmanager
def founded_company(day: date, *, fiscal_start: int = 1) -> Iterator[None]:
    """The demo company as of a day; tests take back what they change of it, each in a transaction of its own."""
    if connection.vendor == "sqlite":
        try:
            _begin(day, fiscal_start)
            yield
        finally:
            file().read()
    else:
        with transaction.atomic():
            _found(day, fiscal_start)
            yield
            transaction.set_rollback(True)


def _begin(day: date, fiscal_start: int) -> None:
    """From the copy, or make it."""
    name = f"demo-{day}-{fiscal_start}"
    copy = File(COPIES / name / f"{product()}.sqlite3")
    with alone(name):
        if copy.exists():
            copy.read()
        else:
            _found(day, fiscal_start)
            copy.write()


def _found(day: date, fiscal_start: int) -> None:
    Company.objects.filter(pk=1).update(fiscal_year_start_month=fiscal_start)
    with time_machine.travel(f"{day}T06:00:00Z"):
        assert found(day=day)


@cache
def product() -> str:
    """What tells the product of these sources from another."""
    seen = hashlib.sha256(mark().encode())
    for path in sorted(path for app in APPS for path in (ROOT / app).glob("**/*.py")):
        seen.update(path.read_bytes())
    return seen.hexdigest()[:16]
