"""The owner's minute, between the page and the services."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.company import today
from accounts.models import User
from accounts.pages.stale import TooLate, too_late
from accounts.reading.threads import open_about
from accounts.services.threads import answer
from core.forms import show_refusal
from core.writes import StaleWrite
from initiatives.forms.owner import UpdateForm
from initiatives.models import Initiative, Milestone, StatusUpdate
from initiatives.reading.subjects import INITIATIVE, initiative_subject
from initiatives.services.progress import StaleUpdate, give_update, latest_update


def update_form(initiative: Initiative, data: Any = None) -> UpdateForm:
    """The form, prefilled with the last update."""
    questions = open_about(INITIATIVE, [initiative.code]).get(initiative.code, [])
    return UpdateForm(data, initiative=initiative, latest=latest_update(initiative), today=today(), questions=questions)


def report(form: UpdateForm, by: User) -> StatusUpdate | TooLate | None:
    """Give the update, and the answers that were written; all of it or nothing. None where something is wrong, which
    the form then says. Raises PermissionDenied.
    """
    try:
        with transaction.atomic():
            for thread, text in form.answers:
                answer(thread=thread, subject=initiative_subject(form.initiative), by=by, text=text)
            return _give(form, by)
    except StaleUpdate as stale:
        form.initiative.refresh_from_db()
        steps = Milestone.objects.filter(initiative=form.initiative)
        late = too_late(
            form,
            stale.newer,
            by,
            beside=[form.initiative, *steps],
            name=form.initiative.title,
            note=f"The word that is newer was loaded by {who}." if (who := stale.newer.loaded_by) else "",
        )
        form.take_notice(stale.newer)
        return late
    except StaleWrite as stale:
        form.add_error(None, str(stale))
    except ValidationError as error:
        show_refusal(form, error)
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
