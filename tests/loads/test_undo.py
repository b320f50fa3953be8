"""Taking a load back: what it replaced returns, and what others rely on stays."""

from __future__ import annotations

import pytest

from accounts.loads import UndoRefused, undo_load
from accounts.models import Department, Load, User
from customers.models import Customer, TierTouch
from kpis.choices import EventKind, TargetState
from kpis.models import Fact, ReplacedFact, SliceTouch, TakenBackFact, Target
from tests.loads.conftest import FILES
from tests.loads.files import Loader, contents

FACTS = "kpi,customer,month,numerator,denominator\n"
TARGETS = "kpi,tier,from_month,per,value,state\n"


def refused(load: Load, words: str) -> None:
    """The load is not taken back, the message has the words, and nothing changed."""
    before = contents()
    with pytest.raises(UndoRefused, match=words):
        undo_load(load=load)
    assert contents() == before


def test_replaced_facts_return_and_created_ones_go(filled: Loader) -> None:
    before = filled.exported("facts")
    later = filled.good("facts", FACTS + "revenue,C1,2011-01,5,\nrevenue,C2,2011-01,6,\nrepeat_rate,C1,2011-01,2,5")
    assert (later.created, later.updated) == (1, 2)
    assert ReplacedFact.objects.count() == 2
    undo_load(load=later)
    assert filled.exported("facts") == before
    assert ReplacedFact.objects.count() == 0


def test_taking_facts_back_keeps_what_they_said_and_what_they_had_replaced(filled: Loader) -> None:
    first = Load.objects.get(kind="facts")
    later = filled.good("facts", FACTS + "revenue,C1,2011-01,5,\nrevenue,C2,2011-02,6,")
    replaced = ReplacedFact.objects.get()
    undo_load(load=later)
    kept = TakenBackFact.objects.order_by("month")
    said = [(row.load_id, row.numerator, row.old_numerator, row.old_load_id) for row in kept]
    assert said == [(later.pk, 5, replaced.numerator, first.pk), (later.pk, 6, None, None)]
    later.refresh_from_db()
    assert later.undone_at


def test_facts_that_a_later_load_replaced_stand_in_the_way_by_name(filled: Loader) -> None:
    first = Load.objects.get(kind="facts")
    later = filled.good("facts", FACTS + "revenue,C1,2011-01,5,")
    refused(first, rf"load {later.pk} replaced revenue \| C1 \| 2011-01 later")
    undo_load(load=later)
    undo_load(load=first)
    assert not Fact.objects.exists()


def test_rows_that_a_later_load_changed_stand_in_the_way_by_name(filled: Loader) -> None:
    first = Load.objects.get(kind="departments")
    later = filled.good("departments", "code,name\nsales,Selling")
    refused(first, f"load {later.pk} changed sales later")


def test_rows_changed_by_hand_stand_in_the_way(load: Loader) -> None:
    found = load.good("departments", FILES["departments"])
    Department.objects.filter(code="sales").update(name="Selling")
    refused(found, "sales has been changed since by hand")


def test_customers_with_facts_stay(filled: Loader) -> None:
    loads = Load.objects.in_bulk(Load.objects.values_list("pk", flat=True))
    for load in sorted(loads.values(), key=lambda load: -load.pk):
        if load.kind in {"tier_memberships", "lifecycle_events", *EventKind.values}:
            undo_load(load=load)
    refused(Load.objects.get(kind="customers"), "facts refer to it")
    assert Customer.objects.count() == 3


def test_kpis_with_facts_stay(filled: Loader) -> None:
    for kind in ("targets", "tier_actuals", "complete_months"):
        undo_load(load=Load.objects.get(kind=kind))
    refused(Load.objects.get(kind="kpis"), "facts refer to it")


def test_what_is_left_of_a_life_has_to_be_legal(filled: Loader) -> None:
    left = filled.good("lifecycle_events", "customer,on,kind\nC2,2011-03-01,left")
    filled.good("lifecycle_events", "customer,on,kind\nC2,2011-05-01,returned")
    refused(left, "“returned” cannot stand after “joined”")


def test_a_withdrawn_approval_stays_visible_and_its_predecessor_stands_again(filled: Loader, root: User) -> None:
    row = "revenue,T2,2012-01,month,{},\n"
    filled.good("targets", TARGETS + row.format(100), approved_by=root)
    before = filled.exported("targets")
    later = filled.good("targets", TARGETS + row.format(110), approved_by=root)
    states = Target.objects.filter(from_month=201201).order_by("version").values_list("state", flat=True)
    assert list(states) == [TargetState.SUPERSEDED, TargetState.APPROVED]
    undo_load(load=later)
    assert list(states.all()) == [TargetState.APPROVED, TargetState.WITHDRAWN]
    assert filled.exported("targets") == before
    again = filled.good("targets", TARGETS + row.format(110), approved_by=root)
    assert again.updated == 1
    assert list(states.all()) == [TargetState.SUPERSEDED, TargetState.WITHDRAWN, TargetState.APPROVED]


def test_a_draft_that_a_load_approved_returns_as_a_draft(filled: Loader, root: User) -> None:
    before = filled.exported("targets")
    draft = Load.objects.get(kind="targets")
    approval = filled.good("targets", FILES["targets"], approved_by=root)
    assert (approval.created, approval.updated, approval.unchanged) == (0, 4, 1)
    undo_load(load=approval)
    assert filled.exported("targets") == before
    undo_load(load=draft)
    assert filled.exported("targets") == []


def test_taking_back_marks_what_the_rollup_has_to_compute_again(filled: Loader) -> None:
    SliceTouch.objects.all().delete()
    TierTouch.objects.all().delete()
    undo_load(load=Load.objects.get(kind="facts"))
    marks = set(SliceTouch.objects.values_list("kpi__code", "month"))
    assert marks == {("repeat_rate", 201101), ("repeat_rate", 201102), ("revenue", 201101), ("claims", 201102)}
    undo_load(load=Load.objects.get(kind="tier_memberships"))
    assert list(TierTouch.objects.values_list("first_month", "last_month")) == [(201101, None)]
