"""Rows on facts derived from events: a million contacts from nothing, and a day's thousand more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter

from django.db import connection

from bench.company import day, execute
from bench.loading import peak_memory
from bench.sizes import MONTHS, Size
from bench.table import Row, told, within
from core.periods import first_day
from kpis.choices import CustomerMethod, Direction, EventKind, Indicator, Source, TimeMethod, Unit
from kpis.models import Fact, Kpi
from kpis.services.deriving import derive_owed
from kpis.services.event_touches import touch_events

FROM_NOTHING, A_DAY, MEGABYTES = 60, 2, 250
CONTACTS_OF_ISSUE, ISSUES_OF_CUSTOMER = 3, 3
A_DAYS_CONTACTS = 1_000

# Three issues a customer over the two years, three of four solved within three weeks; contacts a few days apart.
_ISSUES = """
    INSERT INTO kpis_issue (external_id, load_id, customer_id, opened_on, solved_on)
    SELECT 'I' || c.id || '-' || n.n, 0, c.id, {opened}, CASE WHEN (c.id + n.n) % 4 > 0 THEN {solved} END
    FROM customers_customer c CROSS JOIN ({three}) n
"""
_CONTACTS = """
    INSERT INTO kpis_contact (external_id, load_id, issue_id, "on", channel)
    SELECT i.external_id || '-' || n.n, 0, i.id, {on}, 'phone' FROM kpis_issue i CROSS JOIN ({more}) n
"""
_MORE = """
    INSERT INTO kpis_contact (external_id, load_id, issue_id, "on", channel)
    SELECT 'M' || i.id, 1, i.id, {last}, 'mail' FROM kpis_issue i WHERE i.id % 97 = 0 ORDER BY i.id LIMIT {number}
"""


def rows(size: Size) -> Iterator[Row]:
    """Two KPIs of contacts are derived from nothing, then again after a day."""
    contacts = happen()
    for code, rule, unit in (
        ("repeats", "repeat_contacts(days=30)", Unit.PERCENT),
        ("per_issue", "contacts_per_solved_issue", Unit.NUMBER),
    ):
        Kpi.objects.create(
            code=code,
            name=code,
            rule=rule,
            unit=unit,
            source=Source.EVENTS,
            indicator=Indicator.LEADING,
            direction=Direction.LOWER,
            customer_method=CustomerMethod.RATIO,
            time_method=TimeMethod.POOL,
        )
    facts = Fact.objects.count()
    memory = peak_memory()
    seconds, spent = derived()
    facts = Fact.objects.count() - facts
    what = f"derive {facts:,} facts of two rules from {contacts:,} contacts, from nothing"
    yield within(what, seconds, FROM_NOTHING, "s")
    yield told("processor time of the database and the worker", spent)
    yield within("memory of the worker beyond what it had before", max(peak_memory() - memory, 0), MEGABYTES, "MB")
    more()
    seconds, spent = derived()
    yield within(f"derive again after {A_DAYS_CONTACTS:,} contacts of a day", seconds, A_DAY, "s")
    yield told("processor time of the database and the worker", spent)


def happen() -> int:
    """The issues and contacts of the company; answers the number of contacts."""
    begin, span = first_day(MONTHS[0]), 600
    opened = _after(day(begin), f"(c.id * 31 + n.n * 211) % {span}")
    solved = _after(day(begin), f"(c.id * 31 + n.n * 211) % {span} + 21")
    execute(_ISSUES.format(opened=opened, solved=solved, three=_numbers(ISSUES_OF_CUSTOMER)))
    on = _after("i.opened_on", "n.n * (5 + i.id % 19)")
    execute(_CONTACTS.format(on=on, more=_numbers(CONTACTS_OF_ISSUE)))
    extra = _after("i.opened_on", "1")
    extra_contacts = _CONTACTS.format(on=extra, more="SELECT 9 AS n") + " WHERE i.id % 3 = 0"
    execute(extra_contacts)
    if connection.vendor == "postgresql":
        execute("ANALYZE kpis_issue; ANALYZE kpis_contact")
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM kpis_contact")
        return int(cursor.fetchone()[0])


def more() -> None:
    """A day's contacts, marked as a load marks them."""
    last = date(2025, 12, 30)
    execute(_MORE.format(last=day(last), number=A_DAYS_CONTACTS))
    touch_events(EventKind.CONTACTS, "e.load_id = 1")


def derived() -> tuple[float, str]:
    """How long a derivation took, and what of that processors worked, where the database's can be seen."""
    before, started = _worked(), perf_counter()
    derive_owed()
    seconds, after = perf_counter() - started, _worked()
    return seconds, f"{sum(after) - sum(before):.1f} s"


def _worked() -> tuple[float, float]:
    """Seconds of processor time of this process and, on the same machine, of the one that serves it."""
    own = time.process_time()
    if connection.vendor != "postgresql":
        return own, 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return own, 0.0
    return own, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _after(start: str, days: str) -> str:
    """A day so many days after another."""
    if connection.vendor == "postgresql":
        return f"CAST({start} + CAST({days} AS integer) AS date)"
    return f"date({start}, '+' || ({days}) || ' days')"


def _numbers(count: int) -> str:
    return " UNION ALL ".join(f"SELECT {n} AS n" for n in range(count))
