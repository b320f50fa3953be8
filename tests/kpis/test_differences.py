"""The customers who made the difference: parts of a change that add up to it, named to those who may read them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from accounts.company import company
from accounts.models import User
from core.periods import Period
from customers.models import Customer, Tier
from kpis.models import Kpi
from kpis.reading.changes import explain_change
from kpis.reading.differences import Differences, explain_differences
from kpis.rollup.runs import roll_up_now
from tests import factories as make
from tests.kept import kept
from tests.kpis.test_explain import TODAY, moved_company

pytestmark = pytest.mark.django_db


@kept
def gold() -> Tier:
    return make.tier("T1", name="Gold")


@kept
def silver() -> Tier:
    return make.tier("T2", name="Silver")


def differences(kpi: Kpi, tier: Tier, user: User) -> Differences:
    roll_up_now()
    change = explain_change(Period.parse("2026-Q3", company().calendar), kpi, tier, today=TODAY)
    return explain_differences(change, user)


def given(found: Differences) -> list[tuple[str, Fraction]]:
    return [(row.customer.external_id, row.effect) for row in found.rows]


def test_of_a_sum_each_gives_what_it_brings_now_less_then(gold: Tier, silver: Tier, ines: User) -> None:
    found = differences(moved_company(gold, silver), gold, ines)
    assert given(found) == [("bert", 150), ("anna", -30)]
    assert found.change.split is not None
    assert found.change.split.change == 120


@pytest.mark.parametrize("method", ["ratio", "mean"])
def test_of_a_rate_the_parts_of_all_customers_add_up_exactly(method: str, gold: Tier, silver: Tier, ines: User) -> None:
    base = (lambda number: number) if method == "ratio" else (lambda number: None)
    rate = make.kpi("rate", customer_method=method, time_method="pool", unit="percent")
    stays, comes, goes, other = (make.customer(name, tier=gold) for name in ("stays", "comes", "goes", "other"))
    make.member(other, silver, "2026-08-01")
    for month, rows in {
        202605: ((stays, 3, 7), (goes, 5, 11), (other, 1, 13)),
        202608: ((stays, 4, 9), (comes, 2, 3), (other, 6, 17)),
        202607: ((other, 1, 19), (stays, 0, 7)),
    }.items():
        for customer, above, below in rows:
            make.fact(rate, customer, month, above, base(below))
    for tier in (gold, make.all_customers()):
        found = differences(rate, tier, ines)
        assert found.change.split is not None, found.change.not_split
        assert sum(row.effect for row in found.rows) == found.change.split.change
        assert {row.customer.external_id for row in found.rows} == {"stays", "comes", "goes", "other"}


def test_an_owner_is_told_of_own_key_accounts_alone(gold: Tier, silver: Tier, omar: User) -> None:
    revenue = moved_company(gold, silver)
    assert given(differences(revenue, gold, omar)) == []
    Customer.objects.filter(external_id="bert").update(is_key_account=True, account_manager=omar)
    found = differences(revenue, gold, omar)
    assert given(found) == [("bert", 150)]
    assert (found.customers, found.readable) == (2, 1)


def test_what_is_not_split_names_nobody_and_says_why(gold: Tier, ines: User) -> None:
    entered = make.kpi("entered")
    make.tier_actual(entered, gold, 202605, 5)
    make.tier_actual(entered, gold, 202608, 6)
    found = differences(entered, gold, ines)
    assert (found.rows, found.customers) == ((), 0)
    assert "entered per tier" in found.change.not_split
