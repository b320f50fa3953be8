"""The owner's minute, between the page and the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.company import today
from accounts.models import User
from accounts.reading.threads import open_about
from accounts.services.threads import answer
from core.formatting import day_name
from core.writes import StaleWrite
from initiatives.choices import ScheduleStatus, Tracked
from initiatives.forms.owner import UpdateForm
from initiatives.models import Initiative, StatusUpdate, TrackedChange
from initiatives.reading.subjects import INITIATIVE, initiative_subject
from initiatives.services.progress import StaleUpdate, give_update, latest_update


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the newer update says otherwise than the person who was writing meanwhile."""

    what: str
    theirs: str
    yours: str


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody reported while the form was open: who and when, what differs, and what else they changed."""

    update: StatusUpdate
    differences: tuple[Difference, ...]
    changes: tuple[str, ...]


def update_form(initiative: Initiative, data: Any = None) -> UpdateForm:
    """The form, prefilled with the last update."""
    questions = open_about(INITIATIVE, [initiative.code]).get(initiative.code, [])
    return UpdateForm(data, initiative=initiative, latest=latest_update(initiative), today=today(), questions=questions)


def report(form: UpdateForm, by: User) -> StatusUpdate | Overtaken | None:
    """Give the update, and the answers that were written; all of it or nothing. None where something is wrong, which
    the form then says. Raises PermissionDenied.
    """
    given = form.cleaned_data
    try:
        with transaction.atomic():
            for thread, text in form.answers:
                answer(thread=thread, subject=initiative_subject(form.initiative), by=by, text=text)
            return _give(form, by)
    except StaleUpdate as stale:
        form.initiative.refresh_from_db()
        form.take_notice(stale.newer)
        return Overtaken(stale.newer, tuple(_differences(stale.newer, given)), tuple(_changes(stale.newer)))
    except StaleWrite as stale:
        form.add_error(None, str(stale))
    except ValidationError as error:
        _tell(form, error)
    return None


def _give(form: UpdateForm, by: User) -> StatusUpdate:
    given = form.cleaned_data
    return give_update(
        initiative=form.initiative,
        by=by,
        health=given["health"],
        progress=given["progress"],
        note=given["note"],
        seen=given["seen"],
        ticked=form.ticked,
        redated=form.redated,
        due=given["due"],
        due_reason=given["due_reason"],
    )


def _tell(form: UpdateForm, error: ValidationError) -> None:
    """Put what the services refuse beside its field, or above the form where the field is not on it."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, texts in by_field.items():
        form.add_error(name if name in form.fields else None, texts)


def _differences(newer: StatusUpdate, given: dict[str, Any]) -> list[Difference]:
    health = [str(ScheduleStatus(word).label) for word in (newer.health, given["health"])]
    pairs = (
        ("How it is", *health),
        ("Progress", f"{newer.progress} %", f"{given['progress']} %"),
        ("Sentence", newer.note, given["note"].strip()),
    )
    return [Difference(what, theirs, yours) for what, theirs, yours in pairs if theirs != yours]


def _changes(newer: StatusUpdate) -> list[str]:
    """What was moved or ticked together with an update, or since."""
    rows = TrackedChange.objects.filter(initiative=newer.initiative_id, at__gte=newer.at).select_related("milestone")
    return [_change_words(row) for row in rows]


def _change_words(row: TrackedChange) -> str:
    about = f"Milestone “{row.milestone}”" if row.milestone else "The initiative"
    if row.what == Tracked.DONE_ON:
        return f"{about} was ticked." if row.after else f"{about} was unticked."
    if row.what == Tracked.DUE:
        why = f": {row.reason}" if row.reason else ""
        return f"{about} is now due on {day_name(date.fromisoformat(row.after))}{why}."
    return f"{about} was dropped." if row.what == Tracked.DROPPED_ON else f"{about} changed: {row}."
