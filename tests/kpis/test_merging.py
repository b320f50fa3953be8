"""Two customers that turn out to be one: what is merged, what is asked, and that it can be taken back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.loads import UndoRefused, undo_load
from accounts.loads.doors import load_file
from accounts.models import AuditEntry, ListView, Load, Thread, User
from core.writes import StaleWrite, TransitionRefused
from customers.formulas import merged_life, merged_tiers
from customers.models import Customer, LifecycleEvent, TierMembership
from customers.rules.lifecycle import first_illegal
from kpis.choices import CustomerMethod
from kpis.models import Fact, MonthCell, PeriodCell
from kpis.rollup.runs import roll_up_now
from kpis.rules.merging import Double
from kpis.services.merging import merge_customers, preview_merge, undo_merge
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 30)
MONTHS = (202601, 202602, 202603)
DAYS = (date(2026, 1, 10), date(2026, 2, 10), date(2026, 2, 20), date(2026, 3, 10))
# What a merge and its taking back leave: their record, their entries, marks, runs, and cells that are made anew.
_TRACES = {"kpis.customermerge", "kpis.mergedfact", "accounts.auditentry", "kpis.slicetouch", "customers.tiertouch"}
_MADE = {"kpis.rolluprun", "kpis.runpart", "kpis.rolledslice", "kpis.monthcell", "kpis.periodcell"}


@kept
def company_of_two(stella: User) -> dict[str, Any]:
    """Acme and Acme Ltd, in Gold and Silver, with sales, satisfaction and complaints of the first quarter."""
    gold, silver = factories.tier("T1"), factories.tier("T2")
    acme, limited = factories.customer("acme", tier=gold), factories.customer("acme/ltd", tier=silver)
    sales = factories.kpi("sales")
    csat = factories.kpi("csat", customer_method=CustomerMethod.MEAN, time_method="pool")
    active = factories.kpi("active", customer_method=CustomerMethod.DISTINCT, time_method="pool")
    return {"acme": acme, "ltd": limited, "sales": sales, "csat": csat, "active": active, "tiers": (gold, silver)}


def merge(stella: User, world: dict[str, Any], **choices: str) -> Any:
    said = {str(world[name].pk): take for name, take in choices.items()}
    return merge_customers(kept=world["acme"], gone=world["ltd"], by=stella, choices=said, today=TODAY)


def numerators(customer: Customer) -> dict[tuple[str, int], int]:
    found = Fact.objects.filter(customer=customer).values_list("kpi__code", "month", "numerator")
    return {(kpi, month): int(number) for kpi, month, number in found}


def test_facts_move_and_of_those_that_both_have_the_chosen_one_counts(
    company_of_two: dict[str, Any], stella: User
) -> None:
    acme, limited, sales, csat = (company_of_two[name] for name in ("acme", "ltd", "sales", "csat"))
    for month, mine, other in ((202601, 10, 5), (202602, 20, 7)):
        factories.fact(sales, acme, month, mine)
        factories.fact(sales, limited, month, other)
    factories.fact(sales, limited, 202603, 9)
    factories.fact(csat, acme, 202601, 3)
    factories.fact(csat, limited, 202601, 4)
    with pytest.raises(ValidationError) as told:
        merge(stella, company_of_two, sales="sum")
    assert told.value.message_dict == {f"kpi_{csat.pk}": ["Has facts of both customers: say which one counts."]}
    with pytest.raises(ValidationError):
        merge(stella, company_of_two, sales="sum", csat="sum")  # the sum of two means is none

    february = {f"{sales.pk}|2026-02": "gone", str(sales.pk): "sum", str(csat.pk): "gone"}
    merge_customers(kept=acme, gone=limited, by=stella, choices=february, today=TODAY)

    both = {("sales", 202601): 15, ("sales", 202602): 7, ("sales", 202603): 9, ("csat", 202601): 4}
    assert (numerators(acme), numerators(limited)) == (both, {})
    assert not Customer.objects.filter(pk=limited.pk).exists()


def test_all_that_names_the_customer_names_the_kept_one_and_an_entry_says_how_much(
    company_of_two: dict[str, Any], stella: User
) -> None:
    acme, limited = company_of_two["acme"], company_of_two["ltd"]
    lights = factories.initiative("lights", customer=limited)
    asked = Thread.objects.create(kind="customer", key=limited.external_id, asked_by=stella)
    view = ListView.objects.create(list="initiatives", user=stella, name="Acme", query="customer=acme%2Fltd&stage=done")
    factories.lifecycle_event(limited, "2026-01-10", "joined")
    assert [use.words for use in preview_merge(acme, limited, TODAY).uses] == [
        *("1 tier membership", "1 lifecycle event", "1 question", "1 initiative", "1 saved view"),
    ]
    merge(stella, company_of_two)
    for row in (lights, asked, view):
        row.refresh_from_db()
    assert (lights.customer, asked.key, view.query) == (acme, "acme", "customer=acme&stage=done")
    entry = AuditEntry.objects.latest("pk")
    assert entry.after
    assert (entry.verb, entry.after["initiatives"], entry.after["gone"]) == ("merged", 1, {"customer": limited.pk})
    assert AuditEntry.objects.count() == 1


def test_the_tier_is_the_kept_ones_and_the_others_where_that_has_none() -> None:
    january, february, march, april = DAYS
    mine = {february: "gold", march: None}
    assert merged_tiers(mine, {january: "silver"}) == {january: "silver", february: "gold", march: "silver"}
    assert merged_tiers({}, {april: "silver"}) == {april: "silver"}
    assert merged_tiers({january: "gold"}, {february: "silver"}) == {january: "gold"}


@given(st.lists(st.lists(st.sampled_from(range(1, 28)), unique=True).map(sorted), min_size=2, max_size=2))
def test_who_is_on_the_book_where_either_was_has_a_legal_life(lives: list[list[int]]) -> None:
    days = [[(date(2026, 1, day), place % 2 == 0) for place, day in enumerate(life)] for life in lives]
    one = merged_life(days)
    kinds = ["joined" if not place else "returned" if on else "left" for place, (_, on) in enumerate(one)]
    assert first_illegal((day, kind) for (day, _), kind in zip(one, kinds, strict=True)) is None
    for day in range(1, 29):
        standing = [[on for of, on in life if of <= date(2026, 1, day)][-1:] == [True] for life in (*days, one)]
        assert standing[2] is (standing[0] or standing[1])


def test_files_that_name_the_merged_customer_are_told_whom_to_name(
    company_of_two: dict[str, Any], stella: User, tmp_path: Path
) -> None:
    merge(stella, company_of_two)
    files = {
        "facts": "kpi,customer,month,numerator\nsales,acme/ltd,2026-01,1\n",
        "tier_memberships": "customer,starts_on,tier\nacme/ltd,2026-01-01,T1\n",
        "customers": "external_id,name\nacme/ltd,Acme\n",
    }
    for kind, text in files.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(text)
        errors = [error.reason for error in load_file(kind=kind, path=path).errors]
        assert errors == ["was merged into “acme”: name that customer instead"], kind


def test_a_merge_is_refused_where_it_is_not_the_persons_or_not_what_was_shown(
    company_of_two: dict[str, Any], stella: User, ines: User
) -> None:
    acme, limited = company_of_two["acme"], company_of_two["ltd"]
    with pytest.raises(PermissionDenied):
        merge(ines, company_of_two)
    with pytest.raises(ValidationError):
        merge_customers(kept=acme, gone=acme, by=stella, choices={}, today=TODAY)
    seen = preview_merge(acme, limited, TODAY).revision
    factories.fact(company_of_two["sales"], limited, 202601, 1)
    with pytest.raises(StaleWrite):
        merge_customers(kept=acme, gone=limited, by=stella, choices={}, seen=seen, today=TODAY)


def test_taking_back_is_refused_where_what_moved_was_changed_since_and_names_it(
    company_of_two: dict[str, Any], stella: User
) -> None:
    factories.fact(company_of_two["sales"], company_of_two["ltd"], 202601, 1)
    lights = factories.initiative("lights", customer=company_of_two["ltd"])
    done = merge(stella, company_of_two)
    Fact.objects.filter(month=202601).update(numerator=2)
    TierMembership.objects.filter(customer=company_of_two["acme"]).update(tier=None)
    type(lights).objects.update(customer=None)
    with pytest.raises(TransitionRefused) as told:
        undo_merge(merge=done, by=stella)
    for name in ("the tier membership of 1 Jan 2000", "the fact sales | 2026-01", "the initiative lights"):
        assert name in str(told.value)
    third = factories.customer("third")
    merge_customers(kept=third, gone=company_of_two["acme"], by=stella, choices={}, today=TODAY)
    with pytest.raises(TransitionRefused, match="was itself merged into “Account third” later"):
        undo_merge(merge=done, by=stella)


def test_a_load_whose_facts_were_merged_is_taken_back_after_the_merge_is(
    company_of_two: dict[str, Any], stella: User, tmp_path: Path
) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("kpi,customer,month,numerator\nsales,acme/ltd,2026-01,1\n")
    load_file(kind="facts", path=path)
    load = Load.objects.get()
    done = merge(stella, company_of_two)
    with pytest.raises(UndoRefused, match="acme/ltd was merged into acme later"):
        undo_load(load=load, by=None)
    undo_merge(merge=done, by=stella)
    undo_load(load=load, by=None)
    assert not Fact.objects.exists()


Days = st.sets(st.sampled_from(DAYS)).map(sorted)


@st.composite
def pairs(draw: st.DrawFn) -> dict[str, Any]:
    """Tiers, lives and facts of two customers, and which facts of both count."""
    facts = st.dictionaries(
        st.tuples(st.sampled_from(("sales", "csat", "active")), st.sampled_from(MONTHS)), st.integers(-3, 9)
    )
    tiers = st.dictionaries(st.sampled_from(DAYS), st.sampled_from((0, 1, None)))
    both = {who: {"tiers": draw(tiers), "life": draw(Days), "facts": draw(facts)} for who in ("acme", "ltd")}
    takes = {name: draw(st.sampled_from(("kept", "gone"))) for name in ("csat", "active")}
    return both | {"choices": takes | {"sales": draw(st.sampled_from(("kept", "gone", "sum")))}}


@pytest.mark.slow
@given(pairs())
@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_taking_back_leaves_every_row_and_every_cell_as_it_was(
    company_of_two: dict[str, Any], stella: User, drawn: dict[str, Any]
) -> None:
    with taken_back_afterwards():
        put(company_of_two, drawn)
        roll_up_now()
        rows, cells = all_rows(), all_cells()
        done = merge(stella, company_of_two, **drawn["choices"])
        legal_life(company_of_two["acme"])
        roll_up_now()
        undo_merge(merge=done, by=stella)
        roll_up_now()
        assert all_cells() == cells
        assert all_rows() == rows


@contextmanager
def taken_back_afterwards() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def put(world: dict[str, Any], drawn: dict[str, Any]) -> None:
    TierMembership.objects.all().delete()
    for who in ("acme", "ltd"):
        for day, tier in drawn[who]["tiers"].items():
            factories.member(world[who], None if tier is None else world["tiers"][tier], day)
        for number, day in enumerate(drawn[who]["life"]):
            kind = "joined" if not number else "left" if number % 2 else "returned"
            factories.lifecycle_event(world[who], day, kind)
        for (kpi, month), number in drawn[who]["facts"].items():
            factories.fact(world[kpi], world[who], month, number)


def legal_life(customer: Customer) -> None:
    events = LifecycleEvent.objects.filter(customer=customer).order_by("on").values_list("on", "kind")
    assert first_illegal(events) is None


def all_rows() -> dict[str, list[Any]]:
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    labels = {model._meta.label_lower: model for model in models if model._meta.managed}
    return {
        label: sorted(map(repr, model._base_manager.values()))
        for label, model in labels.items()
        if label not in _TRACES | _MADE
    }


def all_cells() -> list[list[Any]]:
    return [
        sorted(str({name: value for name, value in row.items() if name != "id"}) for row in model.objects.values())
        for model in (MonthCell, PeriodCell)
    ]


def test_a_fact_that_both_say_alike_is_no_question_where_it_does_not_add_up(company_of_two: dict[str, Any]) -> None:
    facts = [Fact(month=202601, numerator=3, load_id=0) for _ in range(2)]
    assert not Double(company_of_two["csat"], 202601, *facts).is_open  # type: ignore[arg-type]
    assert Double(company_of_two["sales"], 202601, *facts).is_open  # type: ignore[arg-type]
