"""Lifecycle events derived from the activity of a KPI: what they are, who is left alone, how they are taken back."""

from __future__ import annotations

from datetime import date
from itertools import compress
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.company import today
from accounts.models import AuditEntry, User
from core.periods import Month, last_day, month_of, shift
from core.writes import StaleWrite, TransitionRefused
from customers.models import Customer, LifecycleEvent
from customers.services.customers import LifecycleRows
from kpis.models import Fact, Kpi
from kpis.reading.lifecycle import Records, derivations
from kpis.services.lifecycle import derive_lifecycle, preview_lifecycle, take_back_lifecycle
from tests import factories as make
from tests.kept import kept
from tests.oracle.lifecycle import life

MONTHS = [Month(m) for m in (201101, 201102, 201103, 201104, 201105, 201106, 201107, 201108)]
pytestmark = pytest.mark.django_db
# Of each month: no fact, a fact of 0, a fact above 0.
activities = st.lists(st.sampled_from((None, 0, 2)), min_size=len(MONTHS), max_size=len(MONTHS))


@kept
def visits(db: None) -> Kpi:
    return make.kpi("visits")


@kept
def stella(db: None) -> User:
    return make.person("stella", "steward")


def active(kpi: Kpi, *months: int, customer: Customer | None = None) -> Customer:
    customer = customer or make.customer()
    for month in months:
        make.fact(kpi, customer, month, 1)
    return customer


def events_of(customer: Customer) -> list[tuple[str, str]]:
    rows = LifecycleEvent.objects.filter(customer=customer).order_by("on")
    return [(on.isoformat(), kind) for on, kind in rows.values_list("on", "kind")]


@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(activities, min_size=1, max_size=5), st.integers(1, 4))
def test_events_are_those_that_a_walk_through_the_months_finds(told: list[Any], window: int) -> None:
    with transaction.atomic():
        kpi = make.kpi("seen")
        customers = [make.customer() for _ in told]
        for customer, numbers in zip(customers, told, strict=True):
            for month, number in zip(MONTHS, numbers, strict=True):
                if number is not None:
                    make.fact(kpi, customer, month, number)
        record = [month for month, *held in zip(MONTHS, *told, strict=True) if any(one is not None for one in held)]
        derive_lifecycle(kpi=kpi, months=window, by=None)
        for customer, numbers in zip(customers, told, strict=True):
            expected = life(set(compress(MONTHS, numbers)), record, window)
            days = [(last_day(Month(m)) if kind == "left" else date(m // 100, m % 100, 1)) for m, kind in expected]
            kinds = [kind for _, kind in expected]
            assert events_of(customer) == [(day.isoformat(), kind) for day, kind in zip(days, kinds, strict=True)]
        assert derive_lifecycle(kpi=kpi, months=window, by=None).new == 0
        transaction.set_rollback(True)


def test_nobody_left_in_a_month_that_has_not_ended(visits: Kpi) -> None:
    running = month_of(today())
    customer = active(visits, shift(running, -1))
    active(visits, running)
    derive_lifecycle(kpi=visits, months=1, by=None)
    assert [kind for _, kind in events_of(customer)] == ["joined"]


def test_the_facts_of_another_kpi_are_followed(visits: Kpi) -> None:
    taken = make.kpi("trailing", facts_of=visits)
    customer = active(visits, 201101)
    derive_lifecycle(kpi=taken, months=3, by=None)
    assert events_of(customer) == [("2011-01-01", "joined")]


def test_who_has_an_event_that_somebody_said_is_left_alone_and_counted(visits: Kpi) -> None:
    known = active(visits, 201101)
    make.lifecycle_event(known, "2010-06-15", "joined")
    active(visits, 201101, 201102)
    derived = derive_lifecycle(kpi=visits, months=3, by=None)
    assert (derived.left_alone, derived.customers) == (1, 1)
    assert events_of(known) == [("2010-06-15", "joined")]


def test_what_was_derived_otherwise_is_left_alone_and_counted_apart(visits: Kpi) -> None:
    active(visits, 201101)
    derive_lifecycle(kpi=visits, months=3, by=None)
    derived = derive_lifecycle(kpi=visits, months=4, by=None)
    assert (derived.of_others, derived.new) == (1, 0)
    assert [(one.kpi, one.window, one.events) for one in derivations()] == [("visits", 3, 1)]


def test_derived_again_they_follow_the_facts_of_now(visits: Kpi) -> None:
    customer, other = active(visits, 201101), active(visits, 201102, 201104)
    derive_lifecycle(kpi=visits, months=2, by=None)
    Fact.objects.filter(customer=customer).delete()
    make.fact(visits, other, 201103, 1)
    derived = derive_lifecycle(kpi=visits, months=2, by=None)
    assert (derived.new, derived.gone, events_of(customer)) == (0, 2, [])


def test_an_event_that_somebody_changes_is_not_derived_any_more(visits: Kpi, stella: User) -> None:
    customer = active(visits, 201101)
    derive_lifecycle(kpi=visits, months=3, by=None)
    LifecycleRows().change(row=LifecycleEvent.objects.get(), by=stella, values={"kind": "joined"})
    assert derivations() == []
    assert derive_lifecycle(kpi=visits, months=3, by=None).left_alone == 1
    assert events_of(customer) == [("2011-01-01", "joined")]


def test_a_preview_writes_nothing_and_what_has_changed_since_is_refused(visits: Kpi, stella: User) -> None:
    active(visits, 201101)
    seen = preview_lifecycle(kpi=visits, months=3)
    assert (seen.new, LifecycleEvent.objects.count()) == (1, 0)
    active(visits, 201102)
    with pytest.raises(StaleWrite):
        derive_lifecycle(kpi=visits, months=3, by=stella, seen=seen.mark)
    derive_lifecycle(kpi=visits, months=3, by=stella, seen=preview_lifecycle(kpi=visits, months=3).mark)
    assert AuditEntry.objects.filter(verb="derived events", by=stella).count() == 1


def test_they_are_taken_back_in_one_act_unless_something_rests_on_them(visits: Kpi, stella: User) -> None:
    customer = active(visits, 201101)
    derive_lifecycle(kpi=visits, months=3, by=stella)
    left = make.lifecycle_event(customer, "2011-02-10", "left")
    with pytest.raises(TransitionRefused, match=customer.external_id):
        take_back_lifecycle(kpi=visits, months=3, by=stella)
    left.delete()
    assert take_back_lifecycle(kpi=visits, months=3, by=stella) == 1
    assert not LifecycleEvent.objects.exists()


def test_stewards_alone_derive_and_a_calculated_kpi_has_no_activity(visits: Kpi, stella: User) -> None:
    with pytest.raises(PermissionDenied):
        derive_lifecycle(kpi=visits, months=3, by=make.person("oscar", "owner"))
    sums = make.kpi("double", formula="visits + visits", customer_method="", time_method="")
    with pytest.raises(ValidationError):
        derive_lifecycle(kpi=sums, months=3, by=stella)


def test_who_is_silent_at_the_end_of_the_record_is_named_by_tier(visits: Kpi) -> None:
    gold = make.tier("T1")
    active(visits, 201101, 201102, 201103)
    active(visits, 201101, 201102, customer=make.customer(tier=gold))
    derive_lifecycle(kpi=visits, months=2, by=None)
    records = Records(today())
    found = records.not_yet_known(date(2011, 3, 31))
    assert [(one.end, dict(one.at)) for one in found] == [(201103, {gold.pk: 1})]
    assert records.not_yet_known(date(2011, 2, 28)) == []
    assert records.start_months == {201101, 201102}
