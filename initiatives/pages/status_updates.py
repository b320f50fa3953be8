"""The owner's minute: what its page shows, and the way from its form to the services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.boundfield import BoundWidget
from django.urls import reverse

from accounts.company import today
from accounts.models import User
from accounts.pages.stale import TooLate, too_late
from accounts.reading.threads import open_about
from accounts.services.threads import answer
from core.formatting import day_name
from core.forms import show_refusal
from core.writes import StaleWrite
from initiatives.choices import ScheduleStatus
from initiatives.forms.status_updates import UpdateForm
from initiatives.models import Initiative, Milestone, StatusUpdate
from initiatives.reading.standings import Standing, read_standings
from initiatives.reading.subjects import INITIATIVE, initiative_subject
from initiatives.rules.initiative import REPORTING
from initiatives.services.status_updates import StaleUpdate, give_update, latest_update
from initiatives.wording import reasons_words


@dataclass(frozen=True, slots=True)
class MinutePage:
    """An initiative as it stands, and the form, with a field for each question that is still to be answered.

    ``late`` is what somebody else said while it was open; ``healths`` are its radio buttons, each with
    its look.
    """

    standing: Standing
    reasons: str
    form: UpdateForm
    late: TooLate | None
    healths: tuple[tuple[BoundWidget, ScheduleStatus], ...]
    prefilled: str

    @property
    def initiative(self) -> Initiative:
        """The row itself."""
        return self.standing.initiative

    @property
    def can_report(self) -> bool:
        """Whether there is anything to report of its stage."""
        return self.standing.initiative.stage in REPORTING

    @property
    def url(self) -> str:
        """The initiative's own page."""
        return reverse("initiative", args=[self.initiative.code])


def minute_page(form: UpdateForm, user: User, late: TooLate | None) -> MinutePage:
    """The page for one person."""
    row = form.initiative
    (standing,) = read_standings(Initiative.objects.filter(pk=row.pk))
    healths = tuple((radio, ScheduleStatus(radio.data["value"])) for radio in form["health"])
    reasons = reasons_words(standing.verdict, standing.plan) if standing.verdict else ""
    return MinutePage(standing, reasons, form, late, healths, _prefilled(form, user))


def _prefilled(form: UpdateForm, user: User) -> str:
    """Whose word the form begins with; empty where it holds what the person typed."""
    latest = form.latest
    if form.is_bound:
        return ""
    if latest is None:
        return "This is the first word on it."
    whose = "your" if latest.author_id == user.pk else f"{latest.author}’s"
    loaded = f", loaded by {latest.loaded_by}" if latest.loaded_by else ""
    return f"It begins with {whose} word of {day_name(latest.on)}{loaded}: change what is different now."


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
    update, _ = give_update(
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
    return update


def thanks_for(update: StatusUpdate) -> str:
    """What the person reads who has just reported."""
    status = ScheduleStatus(update.health).label
    return f"Thank you. Your word on “{update.initiative}” stands: {status}, {update.progress} %."
