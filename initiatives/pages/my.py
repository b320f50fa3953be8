"""What /my/ shows of the register: one's own initiatives, one's recognition, and what one is to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from accounts.models import Company, User
from accounts.rights import Right
from core.formatting import day_name
from initiatives.choices import ScheduleStatus, Stage, TurnaroundState
from initiatives.formulas import GRAVITY
from initiatives.mails.reminders import next_moment
from initiatives.models import Initiative, ReminderTime, Thanks, Turnaround
from initiatives.reading.asks import can_answer
from initiatives.reading.standings import Standing, read_standings
from initiatives.wording import reasons_words, standing_words

_ENDED = (Stage.DONE, Stage.CANCELLED)
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One of a person's initiatives. ``reasons`` are empty where it is on schedule or says no more than its stage."""

    standing: Standing
    reasons: str
    url: str
    update_url: str


@dataclass(frozen=True, slots=True)
class MyRegister:
    """The register's share of /my/. ``waiting`` are turnarounds that an executive is to confirm or decline;
    ``next_mail`` says when the weekly mail comes next.
    """

    own: tuple[OwnRow, ...]
    thanks: tuple[Thanks, ...]
    turnarounds: tuple[Turnaround, ...]
    waiting: tuple[Turnaround, ...]
    next_mail: str


def my_register(user: User, company: Company, chosen: ReminderTime) -> MyRegister:
    """What the person sees of the register on their own page."""
    own = Initiative.objects.of_person(user)
    standings = sorted(read_standings(own.exclude(stage__in=_ENDED)), key=_gravest_first)
    thanks = Thanks.objects.filter(initiative__in=own.values("pk")).select_related("initiative", "by")
    turned = Turnaround.objects.filter(initiative__in=own.values("pk")).exclude(state=TurnaroundState.DECLINED)
    return MyRegister(
        tuple(_row(standing, user) for standing in standings),
        tuple(thanks[:_SHOWN]),
        tuple(turned.select_related("initiative", "decided_by")[:_SHOWN]),
        tuple(_waiting(user)),
        next_mail(chosen, company),
    )


def _gravest_first(standing: Standing) -> tuple[int, date]:
    place = GRAVITY.index(standing.status) if standing.status else len(GRAVITY)
    return place, standing.plan.due or date.max


def _row(standing: Standing, user: User) -> OwnRow:
    code = standing.initiative.code
    update_url = reverse("initiative_update", args=[code]) if standing.running and can_answer(user) else ""
    return OwnRow(standing, _reasons(standing), reverse("initiative", args=[code]), update_url)


def _reasons(standing: Standing) -> str:
    if standing.verdict is None:
        return standing_words(standing) if standing.not_started else ""
    fine = standing.status == ScheduleStatus.ON_SCHEDULE
    return "" if fine else reasons_words(standing.verdict, standing.plan)


def _waiting(user: User) -> list[Turnaround]:
    if not user.has_perm(Right.APPROVE_INITIATIVES):
        return []
    own = Initiative.objects.of_person(user).values("pk")
    rows = Turnaround.objects.filter(state=TurnaroundState.NOMINATED).exclude(initiative__in=own)
    return list(rows.select_related("initiative", "initiative__owner").order_by("nominated_on", "pk"))


def next_mail(chosen: ReminderTime, company: Company) -> str:
    """``Monday 3 May 2026 at 08:00``, in the company's time zone."""
    moment = next_moment(chosen, timezone.now(), ZoneInfo(company.time_zone))
    return f"{moment:%A} {day_name(moment.date())} at {moment:%H:%M}"
