"""The owners' word: status updates, one a day, and what reviewers answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from accounts.services.threads import ask
from core.auditing import state_of
from core.texts import plain, tidied
from core.writes import StaleWrite, refuse
from initiatives.choices import Health, Response, Stage
from initiatives.models import Initiative, Milestone, StatusUpdate, UpdateResponse
from initiatives.reading.subjects import initiative_subject
from initiatives.rules.initiative import redating_problem
from initiatives.rules.status_updates import silence, word_problems
from initiatives.services.milestones import redate_milestone, tick_milestone
from initiatives.services.trail import require, require_editor, track


class StaleUpdate(StaleWrite):
    """Somebody else reported since the form was shown; ``newer`` is their update."""

    def __init__(self, newer: StatusUpdate) -> None:
        super().__init__(f"{newer.author} reported meanwhile; nothing of yours was kept.")
        self.newer = newer


@dataclass(frozen=True, slots=True)
class _Word:
    """What the owner says."""

    health: Health
    progress: int
    note: str
    ticked: frozenset[int] = frozenset()
    redated: Mapping[int, tuple[date, str]] = field(default_factory=dict)
    due: date | None = None
    due_reason: str = ""


def latest_update(initiative: Initiative) -> StatusUpdate | None:
    """The owner's latest word up to today; None where nobody said anything."""
    said = StatusUpdate.objects.filter(initiative=initiative, on__lte=today())
    return said.select_related("author", "load__by").order_by("-on").first()


def latest_mark(initiative: Initiative) -> str:
    """What a form keeps to notice that somebody else reported since it was shown; empty without an update."""
    latest = latest_update(initiative)
    return f"{latest.pk}.{latest.revision}" if latest else ""


@transaction.atomic
def give_update(  # noqa: PLR0913 - one form, one call
    *,
    initiative: Initiative,
    by: User,
    health: str,
    progress: int,
    note: str,
    seen: str,
    ticked: Iterable[int] = (),
    redated: Mapping[int, tuple[date, str]] | None = None,
    due: date | None = None,
    due_reason: str = "",
) -> tuple[StatusUpdate, bool]:
    """Today's word of an owner, with milestones (by id) that are done or get a new due date and reason; and whether it
    is new: what was said already changes nothing.

    A second one that day replaces the first; the audit keeps both. The same content from the same
    person again is the same update. ``seen`` is ``latest_mark`` when the form was shown. Raises
    PermissionDenied, StaleUpdate, StaleWrite, ValidationError by field.
    """
    require_editor(by, initiative)
    # the lock makes two reports at once wait for each other
    row = Initiative.objects.select_for_update().get(pk=initiative.pk)
    word = _Word(_health(health), progress, tidied(note), frozenset(ticked), dict(redated or {}), due, due_reason)
    latest = latest_update(row)
    own = latest and latest.author_id == by.pk and not latest.loaded_by
    if latest and own and latest.on == today() and _says(latest, word, row):
        return latest, False
    if latest and f"{latest.pk}.{latest.revision}" != seen:
        raise StaleUpdate(latest)
    _check(row, word)
    update = _write_update(row, by, word, latest)
    _move_milestones(row, by, word)
    _move_due(row, by, word)
    return update, True


def _health(text: str) -> Health:
    try:
        return Health(text)
    except ValueError as error:
        words = ", ".join(Health.values)
        raise ValidationError({"health": f"“{text}” is none of {words}."}) from error


def _says(latest: StatusUpdate, word: _Word, row: Initiative) -> bool:
    """Whether an update and what stands already say all of it: the same form sent twice."""
    if (latest.health, latest.progress, latest.note) != (word.health, word.progress, word.note):
        return False
    steps = {step.pk: step for step in Milestone.objects.filter(initiative=row, pk__in=word.ticked | set(word.redated))}
    ticked = all(pk in steps and steps[pk].done_on is not None for pk in word.ticked)
    redated = all(pk in steps and steps[pk].due == day for pk, (day, _) in word.redated.items())
    return ticked and redated and word.due in {None, row.due}


def _check(row: Initiative, word: _Word) -> None:
    stage = Stage(row.stage)
    nothing, unsaid = silence(stage), redating_problem(stage, row.due, word.due or row.due, word.due_reason)
    said = (("__all__", nothing), ("due_reason", unsaid))
    refuse([*(one for one in said if one[1]), *word_problems(word.progress, word.note)])


def _write_update(row: Initiative, by: User, word: _Word, latest: StatusUpdate | None) -> StatusUpdate:
    day = today()
    values: dict[str, Any] = {"health": word.health, "progress": word.progress, "note": word.note, "author": by}
    if latest is None or latest.on != day:
        update = StatusUpdate.objects.create(initiative=row, on=day, known_from=day, **values)
        record(by=by, verb=Verb.REPORTED, obj=update, after=state_of(update))
        return update
    before = state_of(latest)
    replaced = StatusUpdate.objects.filter(pk=latest.pk, revision=latest.revision)
    if not replaced.update(revision=F("revision") + 1, at=timezone.now(), load=None, **values):
        raise StaleUpdate(latest)
    update = StatusUpdate.objects.select_related("author").get(pk=latest.pk)
    record_change(by=by, verb=Verb.REPORTED_AGAIN, obj=update, before=before)
    return update


def _move_milestones(row: Initiative, by: User, word: _Word) -> None:
    steps = {step.pk: step for step in Milestone.objects.filter(initiative=row)}
    for pk in sorted(word.ticked & set(steps)):
        tick_milestone(milestone=steps[pk], by=by)
    for pk, (day, reason) in sorted(word.redated.items()):
        if pk in steps and steps[pk].due != day:
            redate_milestone(milestone=steps[pk], by=by, due=day, reason=reason)


def _move_due(row: Initiative, by: User, word: _Word) -> None:
    if word.due is None or word.due == row.due:
        return
    before = state_of(row)
    Initiative.objects.filter(pk=row.pk).update(due=word.due, revision=F("revision") + 1)
    row.refresh_from_db()
    track(initiative=row, by=by, before=before, reason=word.due_reason.strip())
    record_change(by=by, verb=Verb.REDATED, obj=row, before=before, reason=word.due_reason.strip())


@transaction.atomic
def respond(*, update: StatusUpdate, by: User, verb: str, text: str = "") -> UpdateResponse:
    """A reviewer acknowledges an update or asks back; the same answer sent twice is one.

    A question stands beside the initiative, where it is answered in a field of its own. Raises PermissionDenied for
    the update's own author and those who may not comment, ValidationError where a question has no text.
    """
    require(by, Right.COMMENT, "Your roles do not include answering an update.")
    if update.author_id == by.pk:
        raise PermissionDenied("This is your own update: somebody else reviews it.")
    text = plain(text)
    if verb not in Response.values:
        raise ValidationError({"verb": f"“{verb}” is none of {', '.join(Response.values)}."})
    if verb == Response.ASKED_BACK and not text:
        raise ValidationError({"text": "Write what you want to know."})
    StatusUpdate.objects.select_for_update().get(pk=update.pk)
    last = update.responses.filter(by=by).order_by("pk").last()
    if last and (last.verb, last.text) == (verb, text):
        return last
    asked = verb == Response.ASKED_BACK
    thread = ask(subject=initiative_subject(update.initiative), by=by, text=text) if asked else None
    if thread and (double := UpdateResponse.objects.filter(thread=thread).first()):
        return double
    response = UpdateResponse.objects.create(update=update, verb=verb, text=text, by=by, thread=thread)
    record(by=by, verb=Verb(response.get_verb_display().lower()), obj=update, after={"text": text})
    return response
