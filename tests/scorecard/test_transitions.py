"""Transitions: what became another verdict, signal or assurance, found by comparing with how cells stood."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from core.decisions import Decision
from core.periods import Month
from customers.models import Customer, Tier
from kpis.models import Kpi, MonthSignal, SignalTouch
from kpis.rollup.runs import roll_up_now
from kpis.services.decisions import decide, take_back
from kpis.services.definitions import edit_kpi
from kpis.services.signals import set_step
from scorecard.models import KeptStates, Transition
from scorecard.reading.transitions import changed_since, transitions_since
from scorecard.services.transitions import write_transitions
from tests import factories as make

pytestmark = pytest.mark.django_db

TODAY = date(2011, 10, 15)
SEPTEMBER = 201109


@pytest.fixture
def gold(company: Any) -> Tier:
    return make.tier("T1")


@pytest.fixture
def acme(gold: Tier) -> Customer:
    return make.customer("ACME", tier=gold)


@pytest.fixture
def calls(gold: Tier, acme: Customer) -> Kpi:
    """Calls of the third quarter, met in September, looked at once."""
    kpi = make.kpi("calls")
    for month in (201107, 201108, SEPTEMBER):
        make.fact(kpi, acme, month, 10)
    make.target(kpi, gold, 201107, 10)
    roll_up_now()
    look()
    return kpi


def look(today: date = TODAY) -> int:
    return write_transitions(today=today)


def told() -> set[tuple[str, str, str, str, str, str]]:
    rows = Transition.objects.values_list("period", "tier__code", "aspect", "before", "after", "cause")
    return set(rows)


def test_a_first_sight_is_no_transition(calls: Kpi) -> None:
    assert not Transition.objects.exists()
    assert set(KeptStates.objects.values_list("period", flat=True)) == {
        *("2011-10", "2011-09", "2011-08", "2011-07"),
        *("2011-Q4", "2011-Q3", "2011-Q2", "2011-Q1"),
        *("2011", "2010", "2009", "2008"),
    }
    make.tier("T2")  # a column that was not there
    make.fact(calls, make.customer(tier=Tier.objects.get(code="T2")), 201106, 1)
    roll_up_now()
    look()
    assert {row[1] for row in told()} <= {"T1", "all"}


def test_new_data_that_turn_verdicts_are_told_with_their_periods_and_twice_writes_nothing(
    calls: Kpi, acme: Customer
) -> None:
    make.fact(calls, make.customer(tier=Tier.objects.get(code="T1")), SEPTEMBER, -5)
    roll_up_now()
    assert look() == 4
    assert told() == {
        (period, tier, "verdict", "met", after, "rollup")
        for period, after in (("2011-09", "missed"), ("2011-Q3", "missed"))
        for tier in ("T1", "all")
    }
    assert look() == 0
    make.fact(calls, acme, 201106, 1)  # outside of what is looked at by months, and no target
    roll_up_now()
    Transition.objects.all().delete()
    look()
    assert {row[0] for row in told()} == {"2011-Q2"}


def test_an_approval_and_its_taking_back_are_told_without_a_rollup(calls: Kpi, gold: Tier, fay: User) -> None:
    stella = make.person("Steve", "steward")
    target = make.target(calls, gold, SEPTEMBER, 11, state="proposed", created_by=stella)
    decide(decisions=[Decision(target.pk, True, "")], by=fay)
    assert look() > 0
    assert ("2011-09", "T1", "verdict", "met", "near", "approval") in told()
    Transition.objects.all().delete()
    take_back(targets=[target.pk], by=fay, reason="A slip.")
    look()
    assert ("2011-09", "T1", "verdict", "near", "met", "taken_back") in told()


def test_another_band_turns_verdicts_and_says_so(calls: Kpi, acme: Customer, stella: User) -> None:
    make.fact(calls, make.customer(tier=Tier.objects.get(code="T1")), SEPTEMBER, -1)
    roll_up_now()
    look()
    Transition.objects.all().delete()
    calls.refresh_from_db()
    edit_kpi(kpi=calls, by=stella, values={"near_band": 5})
    look()
    assert ("2011-09", "T1", "verdict", "near", "missed", "band") in told()


def test_a_day_that_begins_ends_a_period_and_turns_its_verdicts(calls: Kpi, acme: Customer) -> None:
    make.fact(calls, acme, 201110, 10)
    roll_up_now()
    look()
    Transition.objects.all().delete()
    assert look(date(2011, 10, 31)) == 0
    look(date(2011, 11, 1))
    assert told() == {("2011-10", tier, "verdict", "partial", "met", "day") for tier in ("T1", "all")}


def test_signals_of_months_are_told_and_what_acts_through_a_rollup_keeps_its_cause(
    calls: Kpi, gold: Tier, stella: User
) -> None:
    row = MonthSignal.objects.create(kpi=calls, tier=gold, month=SEPTEMBER, signal="worse", rule="outside")
    set_step(kpi=calls, tier=None, month=Month(SEPTEMBER), reason="New counting.", by=stella)
    look()
    assert told() == {("2011-09", "T1", "signal", "", "worse", "step")}  # of the month alone, not of its quarter
    assert SignalTouch.objects.exists()
    roll_up_now()
    assert not MonthSignal.objects.filter(pk=row.pk).exists()
    look()
    assert ("2011-09", "T1", "signal", "worse", "", "step") in told()


def test_a_lost_message_loses_no_transition_and_what_changed_nothing_is_not_looked_at_twice(
    calls: Kpi, acme: Customer, django_assert_max_num_queries: Any
) -> None:
    other = make.customer(tier=Tier.objects.get(code="T1"))
    make.fact(calls, other, SEPTEMBER, -5)
    roll_up_now()  # nobody looked after it
    make.fact(calls, acme, 201110, 1)
    roll_up_now()
    look()
    assert ("2011-09", "T1", "verdict", "met", "missed", "rollup") in told()
    with django_assert_max_num_queries(8):
        assert look() == 0


def test_what_is_asked_since_a_moment_is_the_net_of_it(calls: Kpi, gold: Tier) -> None:
    begun = timezone.now()
    both: dict[str, Any] = {"kpi": calls, "tier": gold, "aspect": "verdict", "cause": "rollup"}
    for place, (period, before, after) in enumerate(
        [
            ("2011-09", "met", "near"),
            ("2011-08", "met", "missed"),
            ("2011-09", "near", "missed"),
            ("2011-08", "missed", "met"),
        ]
    ):
        Transition.objects.create(
            period=period, before=before, after=after, at=begun + timedelta(seconds=place + 1), **both
        )
    assert [one.period for one in transitions_since(begun)] == ["2011-08", "2011-09", "2011-08", "2011-09"]
    assert [(one.last.period, one.before, one.after) for one in changed_since(begun)] == [("2011-09", "met", "missed")]
    assert not transitions_since(begun + timedelta(seconds=9), kpis=[calls.pk])
