"""The weekly mail: one, to the right person, with the right links, not twice."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Company, OutgoingMail, User
from accounts.services import outbox as mailing
from accounts.services.outbox import send_waiting
from core import registry
from initiatives.choices import Response, Stage
from initiatives.mails import reminders
from initiatives.mails.reminders import last_moment, next_moment, remind
from initiatives.models import Initiative, ReminderTime
from initiatives.services.reminding import set_reminder_time
from initiatives.services.status_updates import give_update, respond
from tests import factories as make
from tests.threads import at_once

# A Monday, 7 in the morning in Berlin.
MONDAY = datetime(2026, 5, 4, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    """Monday, an hour before the mails; people joined long before."""
    Company.objects.update(time_zone="Europe/Berlin")
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def owner(clock: Any, omar: User) -> User:
    return joined(omar)


def joined(user: User) -> User:
    """Here for long; last Monday's moment is dealt with."""
    User.objects.filter(pk=user.pk).update(joined_at=MONDAY - 100 * DAY)
    ReminderTime.objects.create(user=user, handled_at=MONDAY - 7 * DAY + HOUR)
    return user


def silent(owner: User | None, code: str = "lights", **fields: Any) -> Initiative:
    """Running for 50 days without a word."""
    fields = {"baseline_start": date(2026, 3, 15), "baseline_due": date(2026, 12, 1)} | fields
    return make.initiative(code, owner=owner, **fields)


def sent() -> list[Any]:
    """All mails so far, as sent."""
    send_waiting()
    return list(mail.outbox)


def test_one_mail_with_everything_at_eight_on_monday(clock: Any, owner: User) -> None:
    silent(owner)
    make.milestone(silent(owner, "faster-replies"), "Pilot", due=date(2026, 4, 22))
    assert remind() == 0
    clock.shift(HOUR)
    assert remind() == 1
    (one,) = sent()
    assert one.to == ["omar@tierboard.example"]
    assert one.subject == "2 things are asked of you: Faster replies and Lights"
    assert "Milestone “Pilot” is 12 days overdue" in one.body
    assert "No word for 50 days" in one.body
    assert "comes every Monday at 08:00" in one.body


def test_its_links_lead_into_the_form_also_for_who_has_to_sign_in_first(clock: Any, owner: User, settings: Any) -> None:
    settings.BASE_URL = "https://scorecard.example.com"
    silent(owner)
    clock.shift(HOUR)
    remind()
    (one,) = sent()
    links = re.findall(r"https://scorecard\.example\.com(/\S*)", one.body)
    assert links == ["/initiatives/lights/update/", "/my/"]
    assert 'href="https://scorecard.example.com/initiatives/lights/update/"' in one.alternatives[0][0]
    browser = Client()
    at_the_door = browser.get(links[0])
    assert at_the_door["Location"] == "/accounts/login/?next=/initiatives/lights/update/"
    form = {"username": "omar@tierboard.example", "password": make.PASSWORD}
    inside = browser.post(at_the_door["Location"], form, follow=True)
    assert inside.redirect_chain == [("/initiatives/lights/update/", 302)]
    assert "Lights" in inside.content.decode()


def test_a_mail_comes_once_a_week(clock: Any, owner: User) -> None:
    silent(owner)
    clock.shift(HOUR)
    assert [remind(), remind()] == [1, 0]
    clock.shift(6 * DAY)
    assert remind() == 0
    clock.shift(DAY)
    assert remind() == 1
    assert OutgoingMail.objects.count() == 2
    keys = sorted(OutgoingMail.objects.values_list("key", flat=True))
    assert keys == [f"reminder:{owner.pk}:2026-W19", f"reminder:{owner.pk}:2026-W20"]


def test_a_person_chooses_the_hour_in_the_companys_time_zone(clock: Any, owner: User) -> None:
    silent(owner)
    set_reminder_time(user=owner, weekday=2, hour=16)
    clock.move_to(datetime(2026, 5, 6, 13, 59, tzinfo=UTC))
    assert remind() == 0
    clock.move_to(datetime(2026, 5, 6, 14, 0, tzinfo=UTC))
    assert remind() == 1
    assert "comes every Wednesday at 16:00" in sent()[0].body


def test_choosing_another_hour_sends_nothing_at_once(clock: Any, owner: User) -> None:
    silent(owner)
    clock.shift(2 * DAY)
    remind()
    set_reminder_time(user=owner, weekday=0, hour=9)
    assert remind() == 0
    assert OutgoingMail.objects.count() == 1


def test_moving_the_hour_to_later_that_week_brings_no_second_mail(clock: Any, owner: User) -> None:
    silent(owner)
    clock.shift(HOUR)
    assert remind() == 1
    set_reminder_time(user=owner, weekday=4, hour=9)
    clock.shift(5 * DAY)
    assert remind() == 0


def test_what_is_asked_after_the_hour_waits_for_the_next(clock: Any, owner: User) -> None:
    clock.shift(HOUR)
    assert remind() == 0
    silent(owner)
    clock.shift(HOUR)
    assert remind() == 0
    clock.shift(7 * DAY)
    assert remind() == 1


def test_a_moment_that_was_missed_is_made_up_for_once(clock: Any, owner: User) -> None:
    silent(owner)
    clock.shift(HOUR)
    remind()
    clock.shift(22 * DAY)  # nothing ran for three weeks
    assert [remind(), remind()] == [1, 0]


def test_who_joins_on_thursday_is_first_reminded_on_monday(clock: Any, omar: User) -> None:
    clock.shift(3 * DAY)
    User.objects.update(joined_at=timezone.now())
    silent(omar)
    assert remind() == 0
    clock.shift(4 * DAY + HOUR)
    assert remind() == 1


@pytest.mark.parametrize("stage", [Stage.CANDIDATE, Stage.ON_HOLD, Stage.DONE, Stage.CANCELLED])
def test_nobody_is_mailed_about_what_does_not_run(clock: Any, owner: User, ines: User, stage: Stage) -> None:
    joined(ines)
    row = silent(owner, stage=stage, sponsor=ines, baseline_due=date(2026, 4, 1))
    make.milestone(row, due=date(2026, 4, 1))
    make.status_update(row, author=owner, on=date(2026, 3, 1))
    clock.shift(HOUR)
    waits = stage == Stage.CANDIDATE  # for an executive, who is asked to decide and nothing else
    assert remind() == waits
    assert [(mail.to, mail.subject) for mail in OutgoingMail.objects.all()] == (
        [(ines, "1 thing is asked of you: Initiatives")] if waits else []
    )


def test_who_reported_is_not_mailed(clock: Any, owner: User) -> None:
    row = silent(owner)
    give_update(initiative=row, by=owner, health="on_schedule", progress=10, note="", seen="")
    clock.shift(HOUR)
    assert remind() == 0


def test_a_question_is_in_the_mail(clock: Any, owner: User, ines: User) -> None:
    update = make.status_update(silent(owner), author=owner)
    respond(update=update, by=ines, verb=Response.ASKED_BACK, text="Who pays <b>it</b>?")
    clock.shift(HOUR)
    remind()
    at_once_told, one = sent()
    assert "Who pays <b>it</b>?" in at_once_told.body
    assert "Ines asks: “Who pays <b>it</b>?”" in one.body
    assert "Who pays &lt;b&gt;it&lt;/b&gt;?" in one.alternatives[0][0]


def test_each_is_mailed_about_their_own(clock: Any, owner: User) -> None:
    other = joined(make.person("Olga", Role.OWNER))
    silent(owner, "lights")
    silent(other, "doors")
    clock.shift(HOUR)
    assert remind() == 2
    bodies = {one.to[0]: one.body for one in sent()}
    assert "lights" in bodies[owner.email]
    assert "doors" not in bodies[owner.email]
    assert "doors" in bodies[other.email]


def test_after_two_silent_periods_the_sponsor_is_told_in_their_one_mail(clock: Any, owner: User, ines: User) -> None:
    joined(ines)
    silent(owner, "lights", sponsor=ines, baseline_start=date(2026, 3, 5))
    silent(owner, "doors", sponsor=ines, baseline_start=date(2026, 3, 4))
    clock.shift(HOUR)
    remind()
    (one,) = [each for each in sent() if each.to == [ines.email]]
    assert one.subject == "1 thing is asked of you: Doors"
    assert "Omar has said nothing for 61 days. You are its sponsor" in one.body
    assert "/initiatives/doors/" in one.body
    assert "update" not in one.body


def test_who_left_is_not_mailed(clock: Any, owner: User) -> None:
    silent(owner)
    User.objects.update(is_active=False)
    clock.shift(HOUR)
    assert remind() == 0


def test_one_that_fails_stops_nobody_elses_and_is_tried_again(
    clock: Any, owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = joined(make.person("Olga", Role.OWNER))
    silent(owner)
    silent(other, "doors")
    clock.shift(HOUR)

    def break_for_omar(user: User) -> list[registry.Ask]:
        if user == owner:
            raise RuntimeError("an app's own fault")
        return registry.asks_of(user)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "asks_of", break_for_omar)
        assert remind() == 1
    assert "could not be written" in caplog.text
    assert remind() == 1
    assert {row.to for row in OutgoingMail.objects.all()} == {owner, other}


@pytest.mark.parametrize(
    ("weekday", "hour", "last", "following"),
    [
        (0, 8, "2026-10-19 08:00", "2026-10-26 08:00"),
        (6, 2, "2026-10-25 02:00", "2026-11-01 02:00"),  # an hour that comes twice
        (5, 8, "2026-10-24 08:00", "2026-10-31 08:00"),
    ],
)
def test_moments_keep_the_clock_on_the_wall(weekday: int, hour: int, last: str, following: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)  # summer time ended in the night
    chosen = ReminderTime(weekday=weekday, hour=hour)
    assert f"{last_moment(chosen, now, zone).astimezone(zone):%Y-%m-%d %H:%M}" == last
    assert f"{next_moment(chosen, now, zone):%Y-%m-%d %H:%M}" == following


def test_an_hour_that_the_clock_leaves_out_still_comes() -> None:
    zone = ZoneInfo("Europe/Berlin")
    chosen = ReminderTime(weekday=6, hour=2)  # 29 March 2026 has no 2 o'clock
    before, after = (datetime(2026, 3, 29, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert last_moment(chosen, before, zone).date() == date(2026, 3, 22)
    assert last_moment(chosen, after, zone).date() == date(2026, 3, 29)


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_a_mail_once(clock: Any, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "_wake", lambda: None)
    silent(owner)
    clock.shift(HOUR)
    both, deal = threading.Barrier(2), reminders._remind

    def together(user: User, at: datetime) -> bool:
        both.wait(timeout=10)  # both have found that it is due
        return deal(user, at)

    monkeypatch.setattr(reminders, "_remind", together)
    assert sorted(at_once(remind, remind)) == [0, 1]
    assert OutgoingMail.objects.count() == 1
