"""An event that is taken away, with a reason: a load like any other, which can be taken back."""

from __future__ import annotations

from django.db import transaction

from accounts.audit import record
from accounts.choices import ChangeKind, Verb
from accounts.loads.doors import one_load_at_a_time
from accounts.loads.kind import cell_of
from accounts.loads.undoing import named
from accounts.models import Load, LoadChange, User
from core.loading import Record
from core.writes import TransitionRefused
from kpis.loads.events import Events
from kpis.loads.events_applying import keep_replaced
from kpis.models import Contact, Event, Issue
from kpis.services.event_touches import touch_events

_THIS = "e.id = %s"


def removal_problem(event: Event) -> str:
    """Why an event cannot go, in a sentence; empty where it can: an issue goes after its contacts."""
    if not isinstance(event, Issue):
        return ""
    contacts = Contact.objects.filter(issue=event).order_by("external_id").values_list("external_id", flat=True)
    if not (found := list(contacts[:6])):
        return ""
    return f"There are contacts about this issue: {named(found)}. Delete these first; nothing was changed."


def remove_event(kind: Events, event: Event, *, reason: str, by: User, source: str) -> Load:
    """Take an event away and keep what it was; what is derived of it is derived again. Raises TransitionRefused."""
    with transaction.atomic():
        one_load_at_a_time()
        if problem := removal_problem(event):
            raise TransitionRefused(problem)
        load = Load.objects.create(kind=kind.name, source=source, by=by, reason=reason, removed=1)
        touch_events(event.kind, _THIS, [event.pk])
        keep_replaced(kind.model, load.pk, _THIS, [event.pk])
        kind.model._default_manager.filter(pk=event.pk).delete()
        _record(kind, event, load)
        return load


def _record(kind: Events, event: Event, load: Load) -> None:
    before: Record = {column.name: cell_of(column, event) for column in kind.columns}
    LoadChange.objects.create(
        load=load, kind=kind.name, key=event.external_id, change=ChangeKind.REMOVED, before=before, after={}
    )
    after = {"kind": kind.name, "id": event.external_id, "reason": load.reason}
    record(by=load.by, verb=Verb.DELETED_EVENT, obj=load, after=after)
