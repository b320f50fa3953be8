"""Early warnings as they are replayed in arrays, held against the second calculator, customer by customer."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given

from core.periods import Month, month_of, shift
from customers.models import Customer, LifecycleEvent
from kpis.models import Fact, Kpi, RolledSlice, ValueKpis
from kpis.reading.replay import WarnedMonth, replay_warnings
from kpis.reading.warnings import looked_at, unit_of
from tests.kpis.test_properties import examples
from tests.oracle.database import store
from tests.oracle.invented_warnings import invented_record, invented_scene, seeds
from tests.oracle.warnings import Scene, changes, ranked, record, warned

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def put(scene: Scene) -> None:
    """The scene in the tables."""
    store(scene.company)
    for one in scene.lifecycle:
        Customer.objects.get_or_create(external_id=one.customer, defaults={"name": one.customer})
    ids = dict(Customer.objects.values_list("external_id", "pk"))
    derived: dict[str, Any] = {}
    if scene.derived_from:
        derived = {"derived_from": next(iter(scene.derived_from)), "derived_months": 3}
    LifecycleEvent.objects.bulk_create(
        LifecycleEvent(customer_id=ids[one.customer], on=one.on, kind=one.kind, **derived) for one in scene.lifecycle
    )
    if scene.value:
        ValueKpis.objects.update(revenue=Kpi.objects.get(code=scene.value))
    slices = Fact.objects.values_list("kpi_id", "month").distinct()
    now = timezone.now()
    RolledSlice.objects.bulk_create(
        RolledSlice(kpi_id=kpi, month=month, facts=1, computed_at=now) for kpi, month in slices
    )


def replayed(scene: Scene, month: int, today: date) -> WarnedMonth | None:
    """What the product finds of a month; None where nothing is looked at."""
    with transaction.atomic():
        put(scene)
        found = replay_warnings(looked_at(today), [Month(month)], explain_all=True)
        transaction.set_rollback(True)
    return found[0] if found else None


@given(seed=seeds)
@examples(25)
def test_who_is_warned_and_why(seed: int) -> None:
    scene, month, today = invented_scene(seed)
    if not scene.lifecycle:
        scene.derived_from = frozenset()
    with transaction.atomic():
        put(scene)
        looked = looked_at(today + timedelta(days=400))
        names = dict(Customer.objects.values_list("pk", "external_id"))
        found = replay_warnings(looked, [Month(month)], explain_all=True)
        transaction.set_rollback(True)
    if not found:
        assert not changes(scene, month)
        return
    units = {kpi.pk: unit_of(kpi) for kpi in looked.kpis}
    codes = {kpi.pk: kpi.code for kpi in looked.kpis}
    mine = {
        names[one.customer]: {
            (codes[why.kpi], why.before * units[why.kpi], why.now * units[why.kpi]) for why in one.reasons
        }
        for one in found[0].warned
    }
    theirs = {
        customer: {(one.kpi, one.earlier, one.recent) for one in own} for customer, own in warned(scene, month).items()
    }
    assert mine == theirs
    assert found[0].able == len(changes(scene, month))
    if scene.value:
        worth = {names[one.customer]: Fraction(one.value or 0, 10_000) for one in found[0].warned}
        assert worth == dict(ranked(scene, month))


@given(seed=seeds)
@examples(8)
def test_the_record(seed: int) -> None:
    scene, today = invented_record(seed)
    if not scene.lifecycle:
        scene.derived_from = frozenset()
    found = replayed(scene, shift(month_of(today), -1), today)
    theirs = record(scene, today)
    if found is None:
        assert theirs.warned == 0
        return
    mine = found.record
    assert (mine.warned, mine.lost, mine.base, mine.lead, mine.shown) == (
        *(theirs.warned, theirs.lost, theirs.base, theirs.lead, theirs.shown),
    )
    assert (mine.lift if mine.base else None) == theirs.lift
    if theirs.tail is not None:
        assert mine.chance == pytest.approx(float(theirs.tail), abs=1e-9)
