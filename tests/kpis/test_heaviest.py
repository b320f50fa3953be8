"""The customers that weigh most in a cell: found by looking at few of them, and the same as by looking at all."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from core.periods import Month, last_day
from customers.models import Customer, Tier, TierMembership
from kpis.choices import CustomerMethod, TimeMethod
from kpis.models import Fact, Kpi
from kpis.reading import slices
from kpis.reading.slices import CustomerSums, heaviest_customers, weight_in
from tests import factories

pytestmark = pytest.mark.django_db

MONTHS = (Month(202601), Month(202602), Month(202603))
SHOWN = 4


def by_looking_at_all(kpi: Kpi, column: str, among: set[int]) -> list[CustomerSums]:
    """Fact by fact, each in the tier that its customer had on the last day of its month."""
    moves: dict[int, list[tuple[date, str]]] = defaultdict(list)
    for row in TierMembership.objects.select_related("tier").order_by("starts_on"):
        moves[row.customer_id].append((row.starts_on, row.tier.code if row.tier else "untiered"))
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for fact in Fact.objects.filter(kpi=kpi, month__in=MONTHS):
        held = [tier for since, tier in moves[fact.customer_id] if since <= last_day(Month(fact.month))]
        if fact.customer_id in among and column in {"all", held[-1] if held else "untiered"}:
            parts = (fact.numerator, fact.denominator or 0)
            above, below = (int(part * 10_000) for part in parts)
            sums[fact.customer_id] = [a + b for a, b in zip(sums[fact.customer_id], (above, below, 1), strict=True)]
    found = [CustomerSums(customer, *parts) for customer, parts in sums.items()]
    return sorted(found, key=lambda row: (-abs(weight_in(kpi, row)), row.customer_id))[:SHOWN]


@pytest.fixture
def crowd() -> list[Customer]:
    """Customers of three tiers and of none, who move in the midst of the months and back, or to no tier."""
    tiers: list[Any] = [factories.tier("T1"), factories.tier("T2"), factories.tier("T3"), None]
    chance = random.Random(12)
    customers = [factories.customer() for _ in range(30)]
    days = [date(2025, 6, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31)]
    for customer in customers[3:]:  # three never belong anywhere
        for day in sorted(chance.sample(days, chance.randint(1, 3))):
            TierMembership.objects.create(customer=customer, starts_on=day, tier=chance.choice(tiers))
    return customers


@pytest.mark.parametrize("method", [CustomerMethod.SUM, CustomerMethod.RATIO])
@pytest.mark.parametrize("first", [0, 50])
def test_the_heaviest_are_those_of_all_customers(
    crowd: list[Customer], method: CustomerMethod, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "_FIRST", first)  # with 0 it has to look again, and again
    monkeypatch.setattr(slices, "_TIMES", 2)
    chance = random.Random(7)
    kpi = factories.kpi(customer_method=method, time_method=TimeMethod.POOL)
    Fact.objects.bulk_create(
        Fact(
            month=month,
            kpi=kpi,
            customer=customer,
            # few values, so that many weigh the same; corrections below nought
            numerator=chance.choice([-9, -2, 0, 1, 1, 2, 9]),
            denominator=chance.choice([0, 1, 2, 9]) if method == CustomerMethod.RATIO else None,
            load_id=0,
        )
        for month in MONTHS
        for customer in crowd
        if chance.random() < 0.7
    )
    some = Customer.objects.filter(pk__in=[customer.pk for customer in crowd[::2]])
    for tier in Tier.objects.all():
        for among in (None, some):
            ids = {customer.pk for customer in (among or crowd)}
            found = heaviest_customers(kpi, tier, MONTHS, SHOWN, among=among)
            assert found == by_looking_at_all(kpi, tier.code, ids), (tier.code, among)
