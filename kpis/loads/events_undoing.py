"""A load of events taken back: what it created goes, what it replaced or took away returns."""

from __future__ import annotations

from datetime import date

from accounts.loads import UndoRefused
from accounts.loads.undoing import named
from accounts.models import Load, User
from accounts.rights import Right
from core.formatting import short_day
from kpis.choices import EventKind
from kpis.loads import events_sql
from kpis.loads.events_applying import Written, assigned, listed
from kpis.loads.staging import execute, stream
from kpis.models import ReplacedEvent
from kpis.reading.kept_events import taken_from
from kpis.rules.events import BEFORE_OPENED, counting_days
from kpis.services.event_touches import touch_events

_NOTHING = ". Nothing was changed"


def undo_events(kind: Written, load: Load, by: User | None) -> None:
    """Have the events as they were before the load. Raises UndoRefused where something stands in the way, named."""
    if by and not by.has_perm(Right.LOAD):
        raise UndoRefused(f"Load {load.pk} is not yours to take back{_NOTHING}")
    _refuse_replaced_later(load)
    _refuse_nameless(kind, load)
    if load.removed:
        _put_back(kind, load)
    else:
        _return(kind, load)
    _refuse_out_of_order(kind, load)
    ReplacedEvent.objects.filter(load_id=load.pk).delete()


def _return(kind: Written, load: Load) -> None:
    what, table = kind.model.kind, kind.table
    if what == EventKind.ISSUES:
        contacts = events_sql.CONTACTS_OF_CREATED.format(created=events_sql.CREATED)
        _refuse_named(load, contacts, "contacts about issues that would go:")
    touch_events(what, "e.load_id = %s", [load.pk])
    execute(events_sql.DELETE_EVENTS.format(table=table, among=events_sql.CREATED), [load.pk, load.pk])
    execute(events_sql.RETURN_REPLACED.format(table=table, assigned=assigned(kind.model.columns(), "p")), [load.pk])
    touch_events(what, events_sql.REPLACED, [load.pk])


def _put_back(kind: Written, load: Load) -> None:
    if not ReplacedEvent.objects.filter(load_id=load.pk).exists():
        raise UndoRefused(f"Load {load.pk} cannot be taken back: what it took away was purged since{_NOTHING}")
    _refuse_gone(kind, load)
    again = events_sql.GIVEN_AGAIN.format(table=kind.table)
    _refuse_named(load, again, "ids that have been given again since, so take that back first:")
    columns = kind.model.columns()
    execute(events_sql.PUT_BACK.format(table=kind.table, columns=listed(columns), kept=listed(columns, "p")), [load.pk])
    touch_events(kind.model.kind, events_sql.REPLACED, [load.pk])


def _refuse_replaced_later(load: Load) -> None:
    later = ReplacedEvent.objects.filter(load_id__gt=load.pk, replaced_load_id=load.pk)
    first = later.order_by("load_id").values_list("load_id", flat=True).first()
    if first is not None:
        rows = later.filter(load_id=first).order_by("external_id").values_list("external_id", flat=True)
        raise UndoRefused(
            f"Load {load.pk} cannot be taken back: load {first} replaced {named(list(rows))} later. "
            f"Take load {first} back first; nothing was changed"
        )


def _refuse_nameless(kind: Written, load: Load) -> None:
    """What a row names that would return has to be there."""
    query = events_sql.NAMES_NOTHING.format(named=kind.named, reference=kind.key, among=kind.among)
    what = "customers were deleted or merged into others" if kind.among else "issues are there no more"
    _refuse_named(load, query, f"events whose {what}:")


def _refuse_gone(kind: Written, load: Load) -> None:
    """Where events may have been purged, none returns."""
    day = taken_from(kind.model.kind)
    [(first,)] = stream(events_sql.DAYS_OF_KEPT.format(day=counting_days(kind.model.kind)[0]), [load.pk])
    if day and first and date.fromisoformat(str(first)) < day:
        raise UndoRefused(
            f"Load {load.pk} cannot be taken back: it took away events of before {short_day(day)}, and others of then "
            f"may have been purged since{_NOTHING}"
        )


def _refuse_out_of_order(kind: Written, load: Load) -> None:
    """What is left has to be legal too: no contact before its issue."""
    if kind.model.kind in {EventKind.ISSUES, EventKind.CONTACTS}:
        key = "issue_id" if kind.model.kind == EventKind.ISSUES else "id"
        query = events_sql.CONTACTS_BEFORE_ISSUES.format(key=key, rule=BEFORE_OPENED.sql)
        _refuse_named(load, query, "contacts that would lie before their issues:")


def _refuse_named(load: Load, query: str, words: str) -> None:
    """Raise UndoRefused where a query about the load finds names."""
    found = [name for (name,) in stream(query, [load.pk] * query.count("%s"))]
    if found:
        raise UndoRefused(f"Load {load.pk} cannot be taken back: there are {words} {named(found)}{_NOTHING}")
