"""Alerts: one mail when something followed really gets worse, one when it recovers, nothing for noise or repetition."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import OutgoingMail, User
from accounts.services.outbox import send_waiting
from accounts.services.threads import ask
from customers.models import Tier
from kpis.choices import Direction, Signal
from kpis.formulas.signals import chart_of, signal_of
from kpis.models import Kpi
from kpis.reading.subjects import resolve_cells
from scorecard.mails.alerts import write_alerts
from scorecard.models import Comparison, Follow, KeptStates
from scorecard.services.subscriptions import follow, unfollow
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db
TODAY = date(2011, 10, 15)


@kept
def gold(company: Any) -> Tier:
    return make.tier("T1", name="Gold")


@kept
def nps(gold: Tier) -> Kpi:
    return make.kpi("nps", name="Recommendation")


def stand(kpi: Kpi, tier: Tier, month: str, state: str) -> None:
    """What comparing keeps of a cell: verdict, signal and assurance."""
    KeptStates.objects.update_or_create(period=month, defaults={"states": {f"{kpi.pk}:{tier.pk}": state}})


def look() -> int:
    return write_alerts(today=TODAY)


def subjects() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("subject", flat=True))


@pytest.mark.parametrize(("kind", "key"), [("cell", "nps@T1"), ("kpi", "nps"), ("tier", "T1")])
def test_a_real_change_for_the_worse_and_the_recovery_are_a_mail_each(
    nps: Kpi, gold: Tier, ines: User, kind: str, key: str
) -> None:
    stand(nps, gold, "2011-08", "met||may_miss")
    follow(person=ines, kind=kind, key=key)
    assert look() == 0
    stand(nps, gold, "2011-09", "near|worse|may_miss")
    assert (look(), look()) == (1, 0)  # a rollup that runs again tells nothing
    stand(nps, gold, "2011-09", "met||may_miss")
    assert (look(), look()) == (1, 0)
    assert subjects() == ["Recommendation, Gold got worse", "Recommendation, Gold recovered"]


def test_a_colour_that_crosses_a_line_in_the_noise_is_nobodys_mail(nps: Kpi, gold: Tier, ines: User) -> None:
    follow(person=ines, kind="cell", key="nps@T1")
    for state in ("met||may_miss", "missed||may_miss", "near||may_miss", "missed|better|will_meet"):
        stand(nps, gold, "2011-09", state)
        assert look() == 0


def test_a_month_after_it_that_is_worse_too_tells_nothing_new(nps: Kpi, gold: Tier, ines: User) -> None:
    follow(person=ines, kind="cell", key="nps@T1")
    stand(nps, gold, "2011-08", "met|worse|may_miss")
    assert look() == 1
    stand(nps, gold, "2011-09", "met|worse|may_miss")
    assert look() == 0


def test_a_month_without_a_value_and_one_that_runs_say_nothing_of_it(nps: Kpi, gold: Tier, ines: User) -> None:
    follow(person=ines, kind="cell", key="nps@T1")
    stand(nps, gold, "2011-08", "met|worse|")
    assert look() == 1
    stand(nps, gold, "2011-09", "no_data||")
    stand(nps, gold, "2011-10", "partial||")
    assert look() == 0


def test_what_was_worse_before_one_followed_is_not_told_but_its_recovery_is(nps: Kpi, gold: Tier, ines: User) -> None:
    stand(nps, gold, "2011-09", "missed|worse|will_miss")
    follow(person=ines, kind="kpi", key="nps")
    assert look() == 0
    stand(nps, gold, "2011-09", "missed||will_miss")
    assert look() == 1
    assert subjects() == ["Recommendation, Gold recovered"]


def test_a_capability_gap_is_told_with_its_value_why_it_came_and_what_ends_it(
    nps: Kpi, gold: Tier, ines: User, browser: Client
) -> None:
    follow(person=ines, kind="tier", key="T1")
    stand(nps, gold, "2011-09", "missed||will_miss")
    assert look() == 1
    assert send_waiting() == 1
    (sent,) = mail.outbox
    assert "it will miss its target" in sent.body
    assert "You are told because you follow the tier T1." in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = sent.extra_headers["List-Unsubscribe"].strip("<>")
    path = "/" + stop.split("/", 3)[3]
    somebody = Client()
    assert "Send no alerts any more?" in somebody.get(path).content.decode()
    assert Follow.objects.exists()  # a program that looks at links ends nothing
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not Follow.objects.exists()
    assert somebody.get(path[:-3] + "/").status_code == 404
    stand(nps, gold, "2011-09", "missed|worse|will_miss")
    assert look() == 0


@time_machine.travel("2011-10-15T12:00:00Z", tick=False)
def test_an_initiative_that_becomes_late_is_told_and_so_is_that_it_is_late_no_more(company: Any, ines: User) -> None:
    due = date(2011, 12, 1)
    row = make.initiative(
        "lights",
        stage="in_progress",
        baseline_start=date(2011, 9, 20),
        started_on=date(2011, 9, 20),
        baseline_due=due,
        due=due,
    )
    follow(person=ines, kind="initiative", key="lights")
    assert look() == 0
    type(row).objects.filter(pk=row.pk).update(due=date(2011, 10, 1))
    assert (look(), look()) == (1, 0)
    type(row).objects.filter(pk=row.pk).update(due=due)
    assert (look(), look()) == (1, 0)


def test_what_is_followed_no_more_or_is_gone_has_not_recovered(nps: Kpi, gold: Tier, ines: User) -> None:
    follow(person=ines, kind="cell", key="nps@T1")
    follow(person=ines, kind="kpi", key="nps")
    stand(nps, gold, "2011-09", "missed|worse|")
    assert look() == 1
    unfollow(person=ines, kind="cell", key="nps@T1")
    KeptStates.objects.all().delete()
    assert look() == 0
    assert len(subjects()) == 1


def test_who_may_not_read_any_more_is_not_written_to(nps: Kpi, gold: Tier, ines: User) -> None:
    follow(person=ines, kind="kpi", key="nps")
    ines.role_grants.all().delete()
    stand(nps, gold, "2011-09", "missed|worse|")
    assert look() == 0


def test_one_who_follows_by_the_page_finds_it_on_theirs(nps: Kpi, gold: Tier, ines: User) -> None:
    client = make.signed_in(ines)
    answer = client.post(reverse("follow"), {"kind": "cell", "key": "nps@T1", "next": "/kpis/nps/"})
    assert answer.headers["Location"] == "/kpis/nps/"
    assert "Recommendation, Gold" in client.get(reverse("subscriptions")).content.decode()
    client.post(reverse("follow"), {"kind": "cell", "key": "nope@T1"})
    client.post(reverse("follow"), {"kind": "moon", "key": "nps"})
    assert [row.key for row in Follow.objects.all()] == ["nps@T1"]
    client.post(reverse("unfollow"), {"kind": "cell", "key": "nps@T1"})
    assert not Follow.objects.exists()


def test_a_question_about_what_one_follows_is_told_to_who_did_not_ask_it(
    nps: Kpi, gold: Tier, ines: User, stella: User
) -> None:
    follow(person=ines, kind="tier", key="T1")
    follow(person=stella, kind="cell", key="nps@T1")
    (subject,) = resolve_cells(["nps@T1/2011-Q3"], stella)
    ask(subject=subject, by=stella, text="Why did it fall?")
    OutgoingMail.objects.all().delete()
    assert (look(), look()) == (1, 0)
    mail_ = OutgoingMail.objects.get()
    assert (mail_.to, mail_.subject) == (ines, "1 question about what you follow")
    assert "Why did it fall?" in mail_.body


def test_where_nothing_changed_since_the_last_look_nothing_is_looked_at(
    nps: Kpi, gold: Tier, ines: User, django_assert_num_queries: Any
) -> None:
    follow(person=ines, kind="cell", key="nps@T1")
    Comparison.objects.create(pk=1, seen="as of noon")
    stand(nps, gold, "2011-09", "missed|worse|")
    assert look() == 1
    with django_assert_num_queries(3):  # the comparison, the entries, whether they are the same
        assert write_alerts(today=TODAY) == 0
    stand(nps, gold, "2011-09", "met||")
    assert look() == 0  # cells that were not compared anew are as they were
    Comparison.objects.update(seen="as of one o’clock")
    assert look() == 1
    assert write_alerts(today=TODAY + timedelta(days=1)) == 0  # a day begins: what becomes late by it is seen
    (subject,) = resolve_cells(["nps@T1/2011-Q3"], ines)
    ask(subject=subject, by=make.person("Stella", Role.STEWARD), text="Why?")
    assert write_alerts(today=TODAY + timedelta(days=1)) == 1  # something was written down: a question


@pytest.mark.slow
def test_of_two_hundred_steady_cells_five_alerts_a_month_are_too_many() -> None:
    """A year of independent noise, each month looked at once, everything followed: what got worse, and recovered."""
    chance, lines = random.Random(5), 0
    for _ in range(200):
        values = [Fraction(round(chance.gauss(100, 10), 2)) for _ in range(48)]
        was = False
        for month in range(36, 48):
            now = signal_of(chart_of(values[: month + 1]), Direction.HIGHER) == Signal.WORSE
            lines += now != was
            was = now
    assert 0 < lines / 12 <= 5
