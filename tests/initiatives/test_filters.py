"""The one set of filters: what each keeps, what an unknown value does, and how a list is sorted."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict

from accounts.company import today
from accounts.models import User
from initiatives.choices import Level, Stage
from initiatives.filters.register import SORTS, InitiativeFilter
from initiatives.models import Initiative
from tests import factories

pytestmark = pytest.mark.usefixtures("company")


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def filtered(user: User | None = None, **params: Any) -> InitiativeFilter:
    return InitiativeFilter(params, request=SimpleNamespace(user=user) if user else None)  # type: ignore[arg-type]


def found(user: User | None = None, **params: Any) -> list[str]:
    """The codes of the list, which as a query has the same rows."""
    chosen = filtered(user, **params)
    codes = [standing.initiative.code for standing in chosen.standings()]
    assert chosen.problems == []
    assert sorted(chosen.qs.values_list("code", flat=True)) == sorted(codes)
    return codes


def make(**by_code: dict[str, Any]) -> None:
    for code, fields in by_code.items():
        factories.initiative(code, **fields)


def test_without_a_filter_all_are_there_the_gravest_first() -> None:
    make(a={}, b={"due": ago(1)}, c={"stage": Stage.CANDIDATE}, d={"due": today() + timedelta(days=150)})
    assert found() == ["b", "d", "a", "c"]


def test_columns() -> None:
    europe, support = factories.business_unit(), factories.department("support")
    make(
        a={"level": Level.BUSINESS_UNIT, "business_unit": europe},
        b={"department": support, "theme": "Waiting"},
        c={"serves": support, "customer_focused": False},
    )
    assert found(level=["business_unit"]) == ["a"]
    assert found(level=["business_unit", "corporate"]) == ["a", "b", "c"]
    assert found(business_unit="europe") == ["a"]
    assert found(no_business_unit="true") == ["b", "c"]
    assert found(department="support") == ["b"]
    assert found(serves="support") == ["b", "c"]
    assert found(serves="sales") == ["a"]
    assert found(theme=" waiting ") == ["b"]
    assert found(customer_focused="false") == ["c"]
    assert found(customer_focused="true") == ["a", "b"]


def test_people(omar: User, stella: User) -> None:
    make(a={"owner": omar}, b={"deputy": omar, "sponsor": stella}, c={"owner": stella}, d={})
    Initiative.objects.get(code="d").team.add(omar)
    assert found(owner=omar.email) == ["a"]
    assert found(sponsor=stella.email) == ["b"]
    assert found(omar, mine="true") == ["a", "b", "d"]
    assert found(omar, mine="false") == ["c"]
    assert found(mine="true") == []
    assert found(no_owner="true") == ["b", "d"]
    assert found(no_owner="false") == ["a", "c"]


def test_a_customer_is_asked_for_by_those_who_may_read_them(omar: User, stella: User) -> None:
    theirs = factories.customer("C1")
    make(a={"level": Level.KEY_ACCOUNT, "customer": theirs}, b={})
    assert found(stella, customer="C1") == ["a"]
    refused = filtered(omar, customer="C1")
    assert (len(refused.standings()), len(refused.problems)) == (2, 1)
    Initiative.objects.filter(code="a").update(owner=omar)
    assert found(omar, customer="C1") == ["a"]


def test_kpis_and_tiers() -> None:
    one, two = factories.tier("T1"), factories.tier("T2")
    nps, claims = factories.kpi("nps"), factories.kpi("claims")
    make(a={"tiers": (one, two), "kpis": (nps,)}, b={"kpis": ((nps, one), claims)}, c={"tiers": (two,)}, d={})
    assert found(tier="T1") == ["a", "b", "d"]
    assert found(tier="T2") == ["a", "b", "c", "d"]
    assert found(kpi="nps") == ["a", "b"]
    assert found(no_kpi="true") == ["c", "d"]
    assert found(no_kpi="false") == ["a", "b"]


def test_how_it_stands() -> None:
    silent = {"baseline_start": ago(31), "baseline_due": today() + timedelta(days=9)}
    make(
        green={"loyalty_impact": 5, "effort": 1},
        late={"due": ago(1), "loyalty_impact": 4, "effort": 4},
        silent={**silent, "loyalty_impact": 1, "effort": 1},
        both={**silent, "due": ago(1)},
        waiting={"stage": Stage.APPROVED, "baseline_start": ago(8)},
        idea={"stage": Stage.CANDIDATE},
    )
    assert found(status=["late"]) == ["both", "late"]
    assert found(status=["on_schedule", "not_reported"]) == ["silent", "green"]
    assert found(stage=["candidate", "approved"]) == ["idea", "waiting"]
    assert found(stale="true") == ["both", "silent"]
    assert found(stale="false") == ["late", "green", "idea", "waiting"]
    assert found(quadrant=["quick_win", "fill_in"]) == ["silent", "green"]
    assert found(unscored="true") == ["both", "idea", "waiting"]
    assert found(not_started="true") == ["waiting"]
    assert found(status=["late"], unscored="false") == ["late"]


def test_a_past_day() -> None:
    make(
        a={"baseline_start": date(2026, 2, 1), "baseline_due": date(2026, 6, 30)},
        b={"baseline_start": date(2026, 4, 1), "baseline_due": date(2026, 6, 30)},
        c={"baseline_start": date(2026, 2, 1), "known_from": date(2026, 3, 2)},
    )
    assert found(as_of="2026-03-01") == ["a", "b"]
    assert found(as_of="2026-03-01", stage=["in_progress"]) == ["a"]
    assert found(as_of="2026-03-02", stage=["in_progress"]) == ["a", "c"]


def test_search_finds_all_words_in_any_case_wherever_they_stand() -> None:
    make(
        portal={"title": "Ökonomie des Wartens", "theme": "Service"},
        billing={"title": "Billing", "description": "Portal for invoices"},
    )
    assert found(q="ÖKONOMIE") == ["portal"]
    assert found(q="portal") == ["billing", "portal"]
    assert found(q=" service  warten ") == ["portal"]
    assert found(q="service invoices") == []
    assert found(q="%") == []


# Sorting


def test_each_way_to_sort_works_both_ways(omar: User) -> None:
    make(
        a={"owner": omar, "loyalty_impact": 2, "effort": 5, "cost": 5, "due": ago(1)},
        b={"stage": Stage.CANDIDATE, "loyalty_impact": 5, "effort": 1, "cost": 900_000_000},
        c={},
    )
    factories.status_update(Initiative.objects.get(code="a"), progress=70, author=omar)
    for sort in SORTS:
        up, down = found(sort=sort), found(sort=f"-{sort}")
        assert sorted(up) == sorted(down) == ["a", "b", "c"]
    assert found(sort="-code") == ["c", "b", "a"]
    assert found(sort="due") == ["a", "b", "c"]
    assert found(sort="slip") == ["a", "b", "c"]
    assert found(sort="-priority") == ["a", "b", "c"]


def test_what_is_not_known_comes_last_either_way(omar: User) -> None:
    make(a={}, b={"cost": 5, "owner": omar}, c={"cost": 7})
    assert (found(sort="cost"), found(sort="-cost")) == (["b", "c", "a"], ["c", "b", "a"])
    assert (found(sort="owner"), found(sort="-owner")) == (["b", "a", "c"], ["b", "a", "c"])
    assert found(sort="progress") == ["a", "b", "c"]


# Values that are unknown


@pytest.mark.parametrize(
    "params",
    [
        {"level": ["galaxy"]},
        {"department": "nowhere"},
        {"owner": "nobody@tierboard.example"},
        {"tier": "all"},
        {"moves": "nps"},
        {"moves": "nps@T9"},
        {"stage": ["running"]},
        {"status": ["green"]},
        {"stale": "perhaps"},
        {"as_of": "yesterday"},
        {"as_of": "2999-01-01"},
        {"pain_period": "2026-Q5"},
        {"sort": "colour"},
    ],
)
def test_an_unknown_value_filters_nothing_and_is_named(params: dict[str, Any]) -> None:
    factories.kpi("nps")
    make(a={}, b={})
    chosen = filtered(**params)
    assert len(chosen.standings()) == chosen.qs.count() == 2
    (problem,) = chosen.problems
    assert problem.endswith("It was left out.")
    assert list(chosen.form.errors) == list(params)


def test_a_good_value_beside_an_unknown_one_counts() -> None:
    make(a={}, b={"stage": Stage.CANDIDATE})
    chosen = filtered(stage=["candidate"], department="nowhere")
    assert [standing.initiative.code for standing in chosen.standings()] == ["b"]


def test_an_address_says_the_same_as_a_dictionary() -> None:
    make(a={}, b={"stage": Stage.CANDIDATE}, c={"stage": Stage.DONE})
    chosen = InitiativeFilter(QueryDict("stage=candidate&stage=done&sort=-code&page=3&theme="))
    assert [standing.initiative.code for standing in chosen.standings()] == ["c", "b"]


@pytest.mark.parametrize("number", [2, 30])
def test_the_number_of_queries_does_not_grow_with_the_register(
    number: int, stella: User, django_assert_max_num_queries: Any
) -> None:
    tier, kpi = factories.tier("T1"), factories.kpi("nps")
    for _ in range(number):
        factories.initiative(tiers=(tier,), kpis=(kpi,), owner=stella)
    params = {"status": ["on_schedule"], "moves": "nps@T1", "department": "sales", "orphaned": "false", "sort": "owner"}
    with django_assert_max_num_queries(25):
        chosen = filtered(stella, **params)
        assert len(chosen.standings()) == number
