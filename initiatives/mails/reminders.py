"""The weekly mail: what is asked of a person, at the hour that they chose, never twice.

What has a mail of its own, once per period (``Ask.own_mail``), is left to that one.

Each person's latest weekly moment is claimed by compare-and-swap and the mail's key names the week, so
neither two workers nor a second run write it again. A moment that was missed because nothing ran is made
up for as soon as something does; more than one missed moment is made up for once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.company import company
from accounts.models import User
from accounts.services.outbox import absolute, one_mail, write_mail
from core.formatting import counted, some_of
from core.reader import to_its_reader
from core.registry import Ask, asks_of
from initiatives.models import ReminderTime

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def remind(*, now: datetime | None = None) -> int:
    """Write the mails of everybody whose hour has come since the last run; how many were written."""
    moment = now or timezone.now()
    zone = ZoneInfo(company().time_zone)
    somebody = Q(is_superuser=True) | Q(role_grants__isnull=False)
    people = User.objects.filter(somebody, is_active=True).distinct().select_related("reminder_time")
    due = [(user, last_moment(time_of(user), moment, zone)) for user in people]
    return sum(_remind(user, at) for user, at in due if at > _handled(user))


def time_of(user: User) -> ReminderTime:
    """What the person chose; Monday at 8 where they chose nothing."""
    try:
        return user.reminder_time
    except ObjectDoesNotExist:
        return ReminderTime(user=user)


def _handled(user: User) -> datetime:
    """Up to when the person's moments are dealt with; whoever is new begins with the next one."""
    return max(time_of(user).handled_at or user.joined_at, user.joined_at)


def last_moment(chosen: ReminderTime, now: datetime, zone: ZoneInfo) -> datetime:
    """The latest moment up to now at the chosen weekday and hour in the company's time zone."""
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - chosen.weekday) % 7)
    candidates = (datetime.combine(day - timedelta(days=back), time(chosen.hour), zone) for back in (0, 7))
    return next(at for at in (candidate.astimezone(UTC) for candidate in candidates) if at <= now)


def next_moment(chosen: ReminderTime, now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after now at the chosen weekday and hour, in the company's time zone."""
    last = last_moment(chosen, now, zone).astimezone(zone)
    return datetime.combine(last.date() + timedelta(days=7), time(chosen.hour), zone)


def _remind(user: User, at: datetime) -> bool:
    """Deal with one person's moment; whether a mail was written."""
    return bool(one_mail(user, "reminder", lambda: _claim(user, at) and _write(user, at)))


def _claim(user: User, at: datetime) -> bool:
    """Take the moment; False where another worker has it."""
    ReminderTime.objects.get_or_create(user=user)
    waiting = ReminderTime.objects.filter(Q(handled_at=None) | Q(handled_at__lt=at), user=user)
    return bool(waiting.update(handled_at=at))


@to_its_reader
def _write(user: User, at: datetime) -> bool:
    """One mail with what is asked of the person; none where nothing is."""
    asks = [ask for ask in asks_of(user) if not ask.own_mail]
    if not asks:
        return False
    week = at.astimezone(ZoneInfo(company().time_zone)).isocalendar()
    context = _context(user, asks)
    mail = write_mail(
        key=f"reminder:{user.pk}:{week.year}-W{week.week:02}",
        to=user,
        subject=subject(asks),
        body=render_to_string("mail/reminder.txt", context),
        html=render_to_string("mail/reminder.html", context),
    )
    return mail is not None


def subject(asks: Sequence[Ask]) -> str:
    """``3 things are asked of you: Warehouse lights, Faster replies and 1 more``."""
    are = "is" if len(asks) == 1 else "are"
    return f"{counted(len(asks), 'thing')} {are} asked of you: {some_of(ask.about for ask in asks)}"


def _context(user: User, asks: Sequence[Ask]) -> dict[str, Any]:
    chosen = time_of(user)
    return {
        "person": user,
        "company": company(),
        "asks": [(ask, absolute(ask.url)) for ask in asks],
        "my_url": absolute(reverse("my")),
        "when": f"{WEEKDAYS[chosen.weekday]} at {chosen.hour:02}:00",
    }
