"""How long events are kept, and the purge of those that are older."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.company import today
from accounts.loads.doors import one_load_at_a_time
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.periods import first_day, month_of, shift
from core.stale import as_seen
from core.writes import refuse
from kpis.choices import EventKind
from kpis.models import EVENT_MODELS, EventKeeping
from kpis.rules.events import keeping_problems
from kpis.services.deriving import is_owed

# Of each kind what goes, {day} being the first that is kept, and the day that has to be old of what loads replaced. An
# issue goes with its contacts where it is solved and all is old, else all of it stays; what is not paid stays.
_ALL_OLD = """{0}.solved_on < '{{day}}' AND NOT EXISTS (
    SELECT 1 FROM kpis_contact k WHERE k.issue_id = {0}.id AND k."on" >= '{{day}}')"""
_ABOUT = "EXISTS (SELECT 1 FROM kpis_issue i WHERE i.id = e.issue_id AND {0})"
_OLD: dict[EventKind, tuple[str, str]] = {
    EventKind.CONTACTS: (_ABOUT.format(_ALL_OLD.format("i")), '"on"'),
    EventKind.ISSUES: (_ALL_OLD.format("e"), "solved_on"),
    EventKind.DEALS: ("e.closed_on < '{day}'", "closed_on"),
    EventKind.REFERRALS: ("e.\"on\" < '{day}'", '"on"'),
    EventKind.INVOICES: ("e.issued_on < '{day}' AND e.paid_on < '{day}'", "paid_on"),
}
_PURGE = "DELETE FROM {table} AS e WHERE {old}"
_COUNT = "SELECT count(*) FROM {table} e WHERE {old}"
_PURGE_REPLACED = """
    DELETE FROM kpis_replacedevent WHERE {last} < '{day}'
      AND load_id IN (SELECT id FROM accounts_load WHERE kind = '{kind}')
      AND event_id NOT IN (SELECT id FROM {table})"""


def keeping() -> EventKeeping:
    """How events are kept: for good, where nobody has said otherwise."""
    return EventKeeping.objects.first() or EventKeeping(pk=1)


@transaction.atomic
def set_keeping(*, months: int | None, by: User, seen: str | None = None) -> EventKeeping:
    """Keep events for so many months from now on; None: for good. What was purged stays so.

    ``seen`` is the revision that the person saw. Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    if not by.has_perm(Right.ADMINISTER):
        raise PermissionDenied("Administrators say how long events are kept; your roles do not include it.")
    refuse(keeping_problems(months))
    one_load_at_a_time()
    row = as_seen(keeping(), seen, "How long events are kept")
    before = state_of(row)
    row.months = months
    if state_of(row) != before:
        row.save()
        record_change(by=by, verb=Verb.CHANGED, obj=row, before=before)
    return row


def first_kept(months: int, day: date) -> date:
    """The first day of which events are kept, on the company's day."""
    return first_day(shift(month_of(day), -months))


@transaction.atomic
def purge_events() -> dict[str, int]:
    """Take the events away that are older than the setting says, and say so; how many of each kind.

    None go where nobody set it, or while facts wait to be derived from events. The facts stay as they are.
    """
    one_load_at_a_time()
    kept = keeping()
    if kept.months is None or is_owed():
        return {}
    day = first_kept(kept.months, today())
    purged = {kind.value: number for kind, number in _purge(day)}
    if kept.gone_before is None or day > kept.gone_before:
        kept.gone_before = day
        kept.save(update_fields=["gone_before"])
    if any(purged.values()):
        record(by=None, verb=Verb.PURGED, obj=kept, after={"gone_before": day, **purged})
    return purged


def _purge(day: date) -> Iterator[tuple[EventKind, int]]:
    with connection.cursor() as cursor:
        for kind, (old, last) in _OLD.items():
            given = {"day": day.isoformat(), "kind": kind.value, "table": EVENT_MODELS[kind]._meta.db_table}
            cursor.execute(_PURGE.format(old=old.format(**given), **given))
            yield kind, int(cursor.rowcount)
            cursor.execute(_PURGE_REPLACED.format(last=last, **given))


def older_than(day: date) -> int:
    """How many events a purge would take away now, whose first kept day that were."""
    with connection.cursor() as cursor:
        found = 0
        for kind, (old, _) in _OLD.items():
            given = {"day": day.isoformat(), "table": EVENT_MODELS[kind]._meta.db_table}
            cursor.execute(_COUNT.format(old=old.format(**given), **given))
            found += int(cursor.fetchone()[0])
        return found
