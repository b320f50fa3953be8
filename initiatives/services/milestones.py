"""Writes of milestones. None is deleted by hand: one that is dropped says since when and why."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.company import today
from accounts.models import User
from core.auditing import state_of
from core.stale import as_seen
from core.texts import tidied
from core.writes import StaleWrite, refuse
from initiatives.choices import Tracked
from initiatives.models import Initiative, Milestone
from initiatives.rules.milestone import done_problems, title_problems
from initiatives.services.trail import require_editor, said, track_milestone


@transaction.atomic
def add_milestone(*, initiative: Initiative, by: User, title: str, due: date) -> Milestone:
    """A new step, known from today. Raises PermissionDenied, ValidationError by field."""
    require_editor(by, initiative)
    milestone = Milestone(initiative=initiative, title=tidied(title), due=due, known_from=today())
    _validate(milestone)
    milestone.save()
    record(by=by, verb=Verb.CREATED, obj=milestone, after=state_of(milestone))
    return milestone


@transaction.atomic
def rename_milestone(*, milestone: Milestone, by: User, title: str) -> Milestone:
    """Another title. Raises PermissionDenied, StaleWrite, ValidationError by field."""
    row = _open(milestone, by)
    before = state_of(row)
    row.title = tidied(title)
    _validate(row)
    row.save(update_fields=["title"])
    record_change(by=by, verb=Verb.RENAMED, obj=row, before=before)
    return row


@transaction.atomic
def redate_milestone(*, milestone: Milestone, by: User, due: date, reason: str, seen: str | None = None) -> Milestone:
    """Another due date, with a reason; the same date again changes nothing.

    ``seen`` is the revision that the person saw. Raises PermissionDenied, StaleWrite,
    ValidationError without a reason.
    """
    row = _open(milestone, by)
    if row.due == due:
        return row
    before, was = state_of(as_seen(row, seen, row)), row.due
    text = said(reason, "reason", f"Say why “{row.title}” gets another due date.")
    row.due = due
    row.save(update_fields=["due"])
    track_milestone(milestone=row, by=by, changes=[(Tracked.DUE, was, due)], reason=text)
    record_change(by=by, verb=Verb.REDATED, obj=row, before=before, reason=text)
    return row


@transaction.atomic
def tick_milestone(*, milestone: Milestone, by: User, on: date | None = None) -> Milestone:
    """Done, today or on the day given; ticked twice it keeps its first day.

    Raises PermissionDenied, StaleWrite, ValidationError for a day that lies ahead.
    """
    row = _open(milestone, by)
    day = on or today()
    refuse(done_problems(day, row.done_on, today()))
    return row if row.done_on else _set_done(row, by, day, Verb.TICKED)


@transaction.atomic
def untick_milestone(*, milestone: Milestone, by: User) -> Milestone:
    """Not done after all. Raises PermissionDenied, StaleWrite."""
    row = _open(milestone, by)
    return _set_done(row, by, None, Verb.UNTICKED) if row.done_on else row


def _set_done(row: Milestone, by: User, day: date | None, verb: Verb) -> Milestone:
    before, was = state_of(row), row.done_on
    row.done_on = day
    row.save(update_fields=["done_on"])
    track_milestone(milestone=row, by=by, changes=[(Tracked.DONE_ON, was, day)])
    record_change(by=by, verb=verb, obj=row, before=before)
    return row


@transaction.atomic
def drop_milestone(*, milestone: Milestone, by: User, reason: str) -> Milestone:
    """From today on it counts no more, and says why.

    Raises PermissionDenied, StaleWrite, ValidationError without a reason.
    """
    row = _open(milestone, by)
    before = state_of(row)
    row.dropped_on, row.dropped_reason = today(), said(reason, "reason", f"Say why “{row.title}” is dropped.")
    row.save(update_fields=["dropped_on", "dropped_reason"])
    changes = [(Tracked.DROPPED_ON, None, row.dropped_on)]
    track_milestone(milestone=row, by=by, changes=changes, reason=row.dropped_reason)
    record_change(by=by, verb=Verb.DROPPED, obj=row, before=before)
    return row


@transaction.atomic
def restore_milestone(*, milestone: Milestone, by: User, reason: str) -> Milestone:
    """One that was dropped counts again from today on, and says why; restored twice is as restored once.

    Raises PermissionDenied, StaleWrite where it is gone, ValidationError without a reason.
    """
    require_editor(by, milestone.initiative)
    row = as_seen(Milestone.objects.select_for_update().filter(pk=milestone.pk).first(), None, milestone)
    if row.dropped_on is None:
        return row
    text = said(reason, "reason", f"Say why “{row.title}” counts again.")
    before, was = state_of(row), row.dropped_on
    row.dropped_on, row.dropped_reason = None, ""
    _validate(row)
    row.save(update_fields=["dropped_on", "dropped_reason"])
    track_milestone(milestone=row, by=by, changes=[(Tracked.DROPPED_ON, was, None)], reason=text)
    record_change(by=by, verb=Verb.RESTORED, obj=row, before=before, reason=text)
    return row


def _open(milestone: Milestone, by: User) -> Milestone:
    """The milestone as it is, locked. Raises PermissionDenied, StaleWrite where it was dropped or is gone."""
    require_editor(by, milestone.initiative)
    row = Milestone.objects.select_for_update().filter(pk=milestone.pk).first()
    if row is None or row.dropped_on:
        raise StaleWrite(f"“{milestone.title}” was dropped by somebody else meanwhile; nothing was changed.")
    return row


def _validate(milestone: Milestone) -> None:
    there = Milestone.objects.filter(initiative_id=milestone.initiative_id, title=milestone.title)
    if (other := there.exclude(pk=milestone.pk).first()) is not None:
        refuse(title_problems(milestone.title, dropped_on=other.dropped_on, is_taken=True))
    milestone.full_clean()
