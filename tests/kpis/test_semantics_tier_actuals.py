"""Tier actuals: a KPI that nobody measures per customer is entered per tier and month."""

# fractions are compared with whole numbers, within tuples too
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from customers.models import Tier
from kpis.models import TierActual
from tests import factories
from tests.factories import all_customers, tier_actual
from tests.kept import kept
from tests.kpis.reading import actual, cell, columns

pytestmark = pytest.mark.django_db


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def silver(db: None) -> Tier:
    return factories.tier("T2")


def test_an_entered_sum_is_its_numerator(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi()
    tier_actual(kpi, gold, 201101, "10.5")
    tier_actual(kpi, gold, 201102, 2)
    tier_actual(kpi, silver, 201101, 4)
    assert actual("2011-01", kpi, gold) == Fraction("10.5")
    assert actual("2011-Q1", kpi, gold) == Fraction("12.5")
    assert actual("2011-Q1", kpi, silver) == 4


def test_an_entered_mean_is_a_sum_over_its_observations(gold: Tier) -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool")
    tier_actual(kpi, gold, 201101, 30, 10)
    tier_actual(kpi, gold, 201102, 10, 1)
    assert actual("2011-01", kpi, gold) == 3
    assert actual("2011-Q1", kpi, gold) == Fraction(40, 11)


def test_an_entered_ratio_pools_both_of_its_parts(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool", unit="percent")
    tier_actual(kpi, gold, 201101, 2, 4)
    tier_actual(kpi, gold, 201102, 2, 100)
    tier_actual(kpi, silver, 201102, 6, 8)
    assert actual("2011-Q1", kpi, gold) == Fraction(400, 104)
    assert actual("2011-02", kpi) == Fraction(800, 108)
    assert actual("2011-Q1", kpi) == Fraction(1000, 112)


def test_facts_counts_rows(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool")
    for month in (201101, 201102):
        tier_actual(kpi, gold, month, 30, 10)
    tier_actual(kpi, silver, 201102, 5, 5)
    assert [cell("2011-Q1", kpi, tier).facts for tier in (gold, silver, "all")] == [2, 1, 3]
    assert [cell("2011-Q1", kpi, tier).months_with_data for tier in (gold, silver, "all")] == [2, 1, 2]


def test_all_customers_is_the_rows_entered_for_all_where_every_month_with_data_has_one(gold: Tier) -> None:
    kpi = factories.kpi(time_method="pool")
    for month in (201101, 201102):
        tier_actual(kpi, gold, month, 10)
        tier_actual(kpi, all_customers(), month, 50)
    found = cell("2011-Q1", kpi)
    assert (found.actual, found.facts, found.months_with_data) == (100, 2, 2)


def test_all_customers_is_the_tiers_components_where_a_month_with_data_has_no_row_for_all(
    gold: Tier, silver: Tier
) -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool")
    tier_actual(kpi, gold, 201101, 1, 10)
    tier_actual(kpi, silver, 201101, 2, 10)
    tier_actual(kpi, all_customers(), 201101, 9, 10)
    tier_actual(kpi, gold, 201102, 3, 10)
    found = cell("2011-Q1", kpi)
    assert (found.actual, found.facts) == (Fraction(6, 30), 3)
    assert actual("2011-01", kpi) == Fraction(9, 10)
    assert actual("2011-02", kpi) == Fraction(3, 10)


def test_a_row_entered_for_all_alone_is_no_tiers(gold: Tier) -> None:
    kpi = factories.kpi()
    tier_actual(kpi, all_customers(), 201101, 7)
    assert actual("2011-01", kpi) == 7
    assert actual("2011-01", kpi, gold) is None
    assert columns("2011-01") == ["T1", "all"]


def test_an_entered_distinct_count_has_no_value_for_a_longer_period(gold: Tier) -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    for month in (201101, 201102, 201103):
        tier_actual(kpi, gold, month, 12)
    assert actual("2011-01", kpi, gold) == 12
    found = cell("2011-Q1", kpi, gold)
    assert (found.actual, str(found.status), found.facts) == (None, "no_data", 3)


def test_an_entered_distinct_count_has_no_all_customers_but_the_entered_one(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="last")
    for tier in (gold, silver):
        tier_actual(kpi, tier, 201101, 12)
    assert actual("2011-01", kpi) is None
    tier_actual(kpi, all_customers(), 201101, 20)
    assert actual("2011-01", kpi) == 20
    assert actual("2011-Q1", kpi) == 20


@pytest.mark.parametrize(("time_method", "value"), [("sum", 30), ("mean", 15), ("last", 18)])
def test_an_entered_distinct_count_joins_months_where_the_way_of_time_needs_no_customers(
    gold: Tier, time_method: str, value: int
) -> None:
    kpi = factories.kpi(customer_method="distinct", time_method=time_method)
    tier_actual(kpi, gold, 201101, 12)
    tier_actual(kpi, gold, 201103, 18)
    assert actual("2011-Q1", kpi, gold) == value


def test_entered_trailing_twelve_months_add_their_parts(gold: Tier) -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="ttm")
    tier_actual(kpi, gold, 201003, 100, 100)
    tier_actual(kpi, gold, 201004, 1, 10)
    tier_actual(kpi, gold, 201103, 2, 10)
    found = cell("2011-Q1", kpi, gold)
    assert (found.actual, found.facts, found.months_with_data) == (Fraction(3, 20), 2, 2)


def test_another_kpi_may_count_what_was_entered(gold: Tier) -> None:
    spent = factories.kpi("spent")
    trailing = factories.kpi("trailing", facts_of=spent, time_method="ttm")
    tier_actual(spent, gold, 201012, 4)
    tier_actual(spent, gold, 201101, 8)
    assert [actual("2011-01", kpi, gold) for kpi in (spent, trailing)] == [8, 12]


def test_entered_sums_are_exact(gold: Tier) -> None:
    kpi = factories.kpi(direction="lower", near_band_abs=0)
    tier_actual(kpi, gold, 201101, "0.1")
    tier_actual(kpi, gold, 201102, "0.2")
    factories.target(kpi, gold, 201101, "0.3", per="quarter")
    tier_actual(kpi, gold, 201103, 0)
    assert str(cell("2011-Q1", kpi, gold).status) == "met"


def test_an_entered_row_that_is_deleted_is_gone(gold: Tier) -> None:
    kpi = factories.kpi()
    row = tier_actual(kpi, gold, 201101, 5)
    assert actual("2011-01", kpi) == 5
    TierActual.objects.filter(pk=row.pk).delete()
    factories.touch(kpi, 201101)
    assert [cell("2011-01", kpi, tier).months_with_data for tier in (gold, "all")] == [0, 0]


def test_an_entered_month_where_silence_means_zero_counts_0_for_the_tier_that_said_nothing(
    gold: Tier, silver: Tier
) -> None:
    kpi = factories.kpi(absent="zero")
    tier_actual(kpi, gold, 201101, 5)
    found = cell("2011-01", kpi, silver)
    assert (found.actual, found.facts, found.months_with_data) == (0, 0, 1)
    assert actual("2011-01", kpi) == 5


def test_the_rows_for_all_and_for_tiers_are_never_mixed_in_one_cell(gold: Tier) -> None:
    kpi = factories.kpi(time_method="sum")
    tier_actual(kpi, gold, 201101, 5)
    tier_actual(kpi, gold, 201102, 6)
    tier_actual(kpi, all_customers(), 201101, 9)
    assert [actual(code, kpi) for code in ("2011-01", "2011-02", "2011-Q1")] == [9, 6, 11]


def test_pace_does_not_mix_them_either(gold: Tier) -> None:
    kpi = factories.kpi(time_method="sum")
    tier_actual(kpi, gold, 201101, 5)
    tier_actual(kpi, gold, 201102, 6)
    tier_actual(kpi, all_customers(), 201101, 9)
    factories.target(kpi, all_customers(), 201101, 7)
    found = cell("2011-Q1", kpi, today=date(2011, 3, 20))
    assert (found.actual, str(found.status), str(found.pace)) == (11, "partial", "missed")


def test_silence_in_an_entered_distinct_count_makes_no_value_of_a_longer_period(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool", absent="zero")
    tier_actual(kpi, gold, 201101, 5)
    assert actual("2011-01", kpi, silver) == 0
    assert actual("2011-Q1", kpi, silver) is None
