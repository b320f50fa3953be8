"""Mails to owners of KPIs: missing actuals once a month, missed targets once a quarter, to the right people."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounts.choices import Role
from accounts.models import Company, OutgoingMail, User
from accounts.services import outbox as mailing
from accounts.services.outbox import send_waiting
from core.registry import asks_of
from customers.models import Tier
from kpis.choices import Direction
from kpis.mails import reminders
from kpis.mails.reminders import remind
from kpis.models import Kpi, TierActual
from kpis.rollup.runs import roll_up_now
from kpis.tasks import remind as remind_task
from tests import factories as make
from tests.threads import at_once

# 7 in the morning in Berlin: an hour before the mails of April, and of the first quarter, are due.
MAY = datetime(2026, 5, 5, 5, 0, tzinfo=UTC)
APRIL = datetime(2026, 4, 5, 5, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    Company.objects.update(time_zone="Europe/Berlin", name="Acme")
    with time_machine.travel(MAY, tick=False) as clock:
        yield clock


@pytest.fixture
def gold(clock: Any) -> Tier:
    return make.tier("T1", name="Gold")


@pytest.fixture
def silver(clock: Any) -> Tier:
    return make.tier("T2", name="Silver")


def lacking(owner: User | None, tier: Tier, code: str = "score", **fields: Any) -> Kpi:
    """Entered up to March, and nothing for April."""
    kpi = make.kpi(code, owner=owner, **fields)
    for month in (202602, 202603):
        make.tier_actual(kpi, tier, month, 4)
    return kpi


def failing(owner: User | None, *tiers: Tier, code: str = "score", until: int = 202603, **fields: Any) -> Kpi:
    """A mean of 4 from January to March where 100 was agreed to; rolled up the day before."""
    kpi = make.kpi(code, owner=owner, **({"customer_method": "mean", "time_method": "pool"} | fields))
    for tier in tiers:
        make.target(kpi, tier, 202601, 100)
        for month in range(202601, until + 1):
            make.tier_actual(kpi, tier, month, 4, 1)
    roll_up(DAY)
    return kpi


def roll_up(before: timedelta) -> None:
    """As though it had been some time ago."""
    with time_machine.travel(datetime.now(UTC) - before, tick=False):
        roll_up_now()


def restate(kpi: Kpi, value: int) -> None:
    """All three months have another value, and the matrix shows it."""
    TierActual.objects.filter(kpi=kpi).update(numerator=value)
    for month in (202601, 202602, 202603):
        make.touch(kpi, month)
    roll_up_now()


def told(code: str) -> list[str]:
    """Who has the mail about a period, by first name."""
    rows = OutgoingMail.objects.filter(key__endswith=f":{code}").select_related("to")
    return sorted(row.to.name for row in rows)


def only() -> Any:
    """The one mail, as sent."""
    send_waiting()
    (one,) = mail.outbox
    return one


def test_missing_actuals_of_the_last_month_are_one_mail_on_the_fifth_at_eight(
    clock: Any, omar: User, gold: Tier, silver: Tier, settings: Any
) -> None:
    settings.BASE_URL = "https://scorecard.example.com"
    make.tier_actual(lacking(omar, gold), silver, 202603, 4)
    lacking(omar, gold, "help_rating")
    assert remind() == 0
    clock.shift(HOUR)
    remind_task()
    one = only()
    assert (one.to, one.subject) == ([omar.email], "Actuals of April 2026 are missing: Score and Help rating")
    assert "The actuals of April 2026 are missing for Gold and Silver: enter them." in one.body
    assert "Enter: https://scorecard.example.com/actuals/score/2026-04/" in one.body
    assert 'href="https://scorecard.example.com/actuals/help_rating/2026-04/"' in one.alternatives[0][0]
    assert "once for 2026-04" in one.body
    assert "https://scorecard.example.com/my/" in one.body
    assert make.signed_in(omar).get("/actuals/score/2026-04/").status_code == 200


def test_the_day_is_the_companys_and_can_be_chosen(clock: Any, omar: User, gold: Tier) -> None:
    Company.objects.update(time_zone="America/New_York", kpi_mail_day=2)
    lacking(omar, gold)
    clock.move_to(datetime(2026, 5, 2, 11, 59, tzinfo=UTC))  # not quite 8 in New York
    assert remind() == 0
    clock.shift(timedelta(minutes=1))
    assert remind() == 1


def test_a_month_brings_no_second_mail_whatever_happens_after_the_first(clock: Any, omar: User, gold: Tier) -> None:
    kpi = lacking(omar, gold)
    clock.shift(HOUR)
    assert [remind(), remind()] == [1, 0]
    late = make.tier_actual(kpi, gold, 202604, 4)
    clock.shift(DAY)
    assert remind() == 0
    late.delete()
    lacking(omar, gold, "help_rating")
    clock.shift(DAY)
    assert remind() == 0
    assert len(asks_of(omar)) == 2  # /my/ goes on listing them
    clock.move_to(MAY + 31 * DAY + HOUR)
    assert remind() == 1
    assert sorted(OutgoingMail.objects.values_list("key", flat=True)) == [
        f"kpis:{omar.pk}:2026-04",
        f"kpis:{omar.pk}:2026-05",
    ]


def test_a_month_whose_actuals_came_in_time_brings_none(clock: Any, omar: User, gold: Tier) -> None:
    make.tier_actual(lacking(omar, gold), gold, 202604, 4)
    clock.shift(HOUR)
    assert remind() == 0
    assert not OutgoingMail.objects.exists()


def test_a_day_on_which_nothing_ran_is_made_up_for(clock: Any, omar: User, gold: Tier) -> None:
    lacking(omar, gold)
    clock.shift(20 * DAY)
    assert [remind(), remind()] == [1, 0]


def test_missed_cells_of_the_last_quarter_are_one_mail(clock: Any, omar: User, gold: Tier, silver: Tier) -> None:
    clock.move_to(APRIL)
    failing(omar, gold, silver)
    failing(omar, gold, code="calls", name="Calls <b>")
    assert remind() == 0
    clock.shift(HOUR)
    assert [remind(), remind()] == [1, 0]
    one = only()
    assert one.subject == "Targets of 2026-Q1 were missed: Score and Calls <b>"
    assert "KPIs that you own at Acme missed a target of Quarter 1, 2026." in one.body
    assert "It missed its target of Quarter 1, 2026 for Gold and Silver: see why." in one.body
    assert "/matrix/2026-Q1/score/T1/" in one.body
    assert "Calls &lt;b&gt;" in one.alternatives[0][0]
    assert make.signed_in(omar).get("/matrix/2026-Q1/score/T1/").status_code == 200


def test_a_recovery_is_not_nagged_and_a_relapse_brings_no_second_mail(clock: Any, omar: User, gold: Tier) -> None:
    clock.move_to(APRIL + HOUR)
    kpi = failing(omar, gold)
    assert remind() == 1
    for value in (100, 4):
        restate(kpi, value)
        clock.shift(DAY)
        assert remind() == 0
    assert OutgoingMail.objects.get().key == f"kpis:{omar.pk}:2026-Q1"


def test_what_recovered_before_the_day_brings_none(clock: Any, omar: User, gold: Tier) -> None:
    clock.move_to(APRIL)
    restate(failing(omar, gold), 100)
    clock.shift(DAY)
    assert remind() == 0


def test_the_quarters_mail_waits_until_the_day_after_its_last_month_came(clock: Any, omar: User, gold: Tier) -> None:
    clock.move_to(APRIL + HOUR)
    failing(omar, gold)
    late = failing(omar, gold, code="late", until=202602)
    assert "Late" in {ask.about for ask in asks_of(omar)}  # red already, on two of three months
    remind()
    assert told("2026-Q1") == []
    make.tier_actual(late, gold, 202603, 4, 1)
    roll_up_now()
    remind()
    assert told("2026-Q1") == []
    clock.shift(DAY - HOUR)
    remind()
    assert told("2026-Q1") == ["Omar"]
    assert "Score and Late" in OutgoingMail.objects.get(key__endswith="Q1").subject


def test_it_waits_ten_days_at_most_and_for_nobody_elses_kpis(clock: Any, omar: User, gold: Tier) -> None:
    clock.move_to(APRIL + HOUR)
    failing(omar, gold, until=202602)
    failing(make.person("Olga", Role.OWNER), gold, code="calls")
    remind()
    assert told("2026-Q1") == ["Olga"]
    clock.shift(10 * DAY - timedelta(minutes=1))
    remind()
    assert told("2026-Q1") == ["Olga"]
    clock.shift(timedelta(minutes=1))
    remind()
    assert told("2026-Q1") == ["Olga", "Omar"]


def test_a_calculated_kpi_waits_for_its_inputs_and_is_never_asked_for_actuals(
    clock: Any, omar: User, stella: User, gold: Tier
) -> None:
    clock.move_to(APRIL + HOUR)
    calls = failing(stella, gold, code="calls", until=202602)
    twice = make.kpi("twice", owner=omar, formula="2 * calls", customer_method="", time_method="")
    make.target(twice, gold, 202601, 100)
    assert [ask.about for ask in asks_of(omar)] == ["Twice"]
    remind()
    assert told("2026-Q1") == []
    make.tier_actual(calls, gold, 202603, 4, 1)
    roll_up(DAY)
    remind()
    assert told("2026-Q1") == ["Omar", "Stella"]
    assert told("2026-03") == ["Stella"]


@pytest.mark.parametrize("what", ["left", "no owner", "retired", "no role", "a program"])
def test_nobody_is_told_of_what_is_not_theirs_to_look_at(
    clock: Any, omar: User, ivo: User, noor: User, gold: Tier, what: str
) -> None:
    clock.move_to(APRIL + HOUR)
    owner = {"no owner": None, "no role": noor, "a program": ivo}.get(what, omar)
    retired = 202601 if what == "retired" else None
    failing(owner, gold, retired_from=retired)
    failing(owner, gold, code="late", until=202602, retired_from=retired)
    User.objects.filter(pk=omar.pk).update(is_active=what != "left")
    clock.shift(10 * DAY)
    assert remind() == 0
    assert not OutgoingMail.objects.exists()


def test_who_reads_and_enters_nothing_is_told_of_red_cells_alone(clock: Any, fay: User, gold: Tier) -> None:
    clock.move_to(APRIL + HOUR)
    failing(fay, gold)
    failing(fay, gold, code="late", until=202602)
    clock.shift(10 * DAY)
    remind()
    assert (told("2026-Q1"), told("2026-03")) == (["Fay"], [])


def test_what_met_its_target_is_not_told(clock: Any, omar: User, gold: Tier) -> None:
    clock.move_to(APRIL + HOUR)
    failing(omar, gold, direction=Direction.LOWER)
    assert remind() == 0


def test_each_is_told_of_their_own(clock: Any, omar: User, gold: Tier) -> None:
    lacking(omar, gold)
    lacking(make.person("Olga", Role.OWNER), gold, "help_rating")
    clock.shift(HOUR)
    assert remind() == 2
    bodies = {row.to.name: row.body for row in OutgoingMail.objects.all()}
    assert "score" in bodies["Omar"]
    assert "help_rating" not in bodies["Omar"]
    assert "help_rating" in bodies["Olga"]


def test_one_that_fails_stops_nobody_elses_and_is_tried_again(
    clock: Any, omar: User, gold: Tier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lacking(omar, gold)
    lacking(make.person("Olga", Role.OWNER), gold, "help_rating")
    clock.shift(HOUR)

    def break_for_omar(*, to: User, **mail: Any) -> Any:
        if to == omar:
            raise RuntimeError("a disk is full")
        return mailing.write_mail(to=to, **mail)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "write_mail", break_for_omar)
        assert remind() == 1
    assert "could not be written" in caplog.text
    assert remind() == 1
    assert told("2026-04") == ["Olga", "Omar"]


def test_a_look_costs_the_same_for_few_kpis_and_for_many(
    clock: Any, omar: User, gold: Tier, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    clock.move_to(APRIL + HOUR)
    for number in range(3):
        failing(omar, gold, code=f"kpi_{number}", direction=Direction.LOWER)
    with django_assert_max_num_queries(20) as few:
        assert remind() == 0
    for number in range(3, 30):
        failing(make.person(f"P{number}", Role.OWNER), gold, code=f"kpi_{number}", direction=Direction.LOWER)
    with django_assert_num_queries(len(few)):
        assert remind() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_write_a_mail_once(clock: Any, omar: User, gold: Tier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "_wake", lambda: None)
    lacking(omar, gold)
    clock.shift(HOUR)
    both, write = threading.Barrier(2), mailing.one_mail

    def together(*given: Any) -> bool | None:
        both.wait(timeout=10)  # both have found that nobody was told
        return write(*given)

    monkeypatch.setattr(reminders, "one_mail", together)
    assert sorted(at_once(remind, remind)) == [0, 1]
    assert OutgoingMail.objects.count() == 1
