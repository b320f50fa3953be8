"""What the one-minute form shows beside its fields."""

from __future__ import annotations

from dataclasses import dataclass

from django.forms.boundfield import BoundWidget
from django.urls import reverse

from accounts.models import User
from accounts.pages.stale import TooLate
from core.formatting import day_name
from initiatives.choices import ScheduleStatus
from initiatives.forms.owner import UpdateForm
from initiatives.models import Initiative, StatusUpdate
from initiatives.reading.standings import Standing, read_standings
from initiatives.rules.initiative import REPORTING
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


def thanks_for(update: StatusUpdate) -> str:
    """What the person reads who has just reported."""
    status = ScheduleStatus(update.health).label
    return f"Thank you. Your word on “{update.initiative}” stands: {status}, {update.progress} %."
