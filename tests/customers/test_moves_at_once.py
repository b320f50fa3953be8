"""Many customers moved by the database: what is written and taken back is what a load of the same rows does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.loads import UndoRefused, undo_load
from accounts.loads.doors import load_rows, write_within
from accounts.loads.kind import RowKind
from accounts.models import Load, LoadChange, User
from core.loading.objects import table_of
from customers.loads import TierMemberships
from customers.models import Customer, Tier, TierMembership, TierTouch
from customers.services.memberships import move_customers
from customers.services.touches import merged
from tests import factories as make

pytestmark = pytest.mark.django_db
KIND = TierMemberships.name
DAY = date(2011, 5, 1)
DAYS = [date(2010, 3, 7), date(2011, 4, 30), DAY, date(2011, 5, 20), date(2012, 1, 1)]
places = st.sampled_from([None, 0, 1])
lives = st.lists(st.tuples(st.dictionaries(st.sampled_from(DAYS), places), st.sampled_from([0, 1])), min_size=1)
loosely = settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@contextmanager
def company(told: Any) -> Iterator[tuple[User, list[tuple[Customer, Tier]]]]:
    """Customers with these memberships, and where they are to go; gone afterwards."""
    with transaction.atomic():
        tiers, by = [make.tier("T1"), make.tier("T2")], make.person("mo", "steward")
        moves = []
        for number, (life, wanted) in enumerate(told):
            customer = make.customer(f"C{number}")
            for day, place in life.items():
                make.member(customer, None if place is None else tiers[place], day)
            moves.append((customer, tiers[wanted]))
        TierTouch.objects.all().delete()
        yield by, moves
        transaction.set_rollback(True)


def by_the_database(by: User, moves: list[tuple[Customer, Tier]]) -> Load:
    ids = [(customer.pk, tier.pk) for customer, tier in moves]
    return write_within(kind=KIND, by=by, source="x", write=lambda load: move_customers(load=load, moves=ids, day=DAY))


def row_by_row(by: User, moves: list[tuple[Customer, Tier]]) -> Load:
    rows = [{"customer": who.external_id, "starts_on": f"{DAY}", "tier": tier.code} for who, tier in moves]
    load_rows(kind=KIND, table=table_of(rows, TierMemberships.columns), by=by, source="x")
    return Load.objects.latest("pk")


def memberships() -> set[Any]:
    return set(TierMembership.objects.values_list("customer__external_id", "starts_on", "tier__code"))


def marks() -> list[Any]:
    """The marks in as few as say the same; then there are none."""
    found = merged(TierTouch.objects.values_list("first_month", "last_month"))
    TierTouch.objects.all().delete()
    return found


def written(load: Load) -> Any:
    """All that a load has done."""
    load.refresh_from_db()
    changes = LoadChange.objects.filter(load=load).values_list("kind", "key", "change", "before", "after")
    counts = load.read, load.created, load.updated, load.unchanged
    return memberships(), sorted(changes, key=lambda change: change[1]), counts, marks()


def told(make_load: Callable[..., Load], undo: Callable[[Load], None], lives: Any) -> Any:
    """What was written, and what is marked when it was taken back, after which all is as before."""
    with company(lives) as (by, moves):
        before = memberships()
        load = make_load(by, moves)
        done = written(load)
        undo(load)
        assert memberships() == before
        return done, marks()


@loosely
@given(lives)
def test_memberships_records_and_marks_are_those_of_a_load_row_by_row(lives: Any) -> None:
    at_once = told(by_the_database, lambda load: undo_load(load=load), lives)
    assert at_once == told(row_by_row, lambda load: RowKind.undo(TierMemberships(), load, None), lives)


def test_a_membership_changed_since_stands_in_the_way_and_so_does_a_tier_that_is_gone() -> None:
    first, second = make.tier("T1"), make.tier("T2")
    customer, by = make.customer(tier=first), make.person("mo", "steward")
    row = make.member(customer, first, DAY)
    load = by_the_database(by, [(customer, second)])
    TierMembership.objects.filter(pk=row.pk).update(tier=None)
    with pytest.raises(UndoRefused, match=rf"{customer.external_id} \| {DAY} has been changed since by hand"):
        undo_load(load=load, by=by)
    TierMembership.objects.filter(pk=row.pk).update(tier=second)
    customer.memberships.exclude(pk=row.pk).delete()
    first.delete()
    with pytest.raises(UndoRefused, match=r"the tier that .* replaced is gone"):
        undo_load(load=load, by=by)
    assert TierMembership.objects.get().tier == second


def test_who_may_not_move_customers_takes_nothing_back() -> None:
    second = make.tier("T2")
    load = by_the_database(make.person("mo", "steward"), [(make.customer(), second)])
    with pytest.raises(UndoRefused, match="cannot be taken back by you"):
        undo_load(load=load, by=make.person("igor", "integrator"))
    assert TierMembership.objects.get().tier == second


def test_many_take_no_more_statements_than_few() -> None:
    tier, by = make.tier("T1"), make.person("mo", "steward")
    everyone = Customer.objects.bulk_create([Customer(external_id=f"C{n}", name=f"Customer {n}") for n in range(400)])
    asked = []
    for some in (everyone[:3], everyone[3:]):
        with CaptureQueriesContext(connection) as queries:
            load = by_the_database(by, [(customer, tier) for customer in some])
        undo_load(load=load, by=by)
        asked.append(len(queries))
    assert asked[0] == asked[1]
