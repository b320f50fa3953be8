"""From facts to a month, and from months to a quarter, a year and the trailing twelve months."""

# fractions are compared with whole numbers, within tuples too
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests import factories
from tests.kpis.reading import actual, cell, cells, record

pytestmark = pytest.mark.django_db


def test_sum_adds_the_numerators() -> None:
    kpi = factories.kpi(customer_method="sum")
    for value in ("1.5", "-4", "2.0001"):
        record(kpi, factories.customer(), {201101: value})
    assert actual("2011-01", kpi) == Fraction("-0.4999")


def test_mean_divides_by_the_number_of_facts() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool")
    for value in (1, 0, 4):
        record(kpi, factories.customer(), {201101: value})
    assert actual("2011-01", kpi) == Fraction(5, 3)


def test_a_percent_that_is_no_ratio_is_not_multiplied() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool", unit="percent")
    record(kpi, factories.customer(), {201101: 92})
    assert actual("2011-01", kpi) == 92


@pytest.mark.parametrize(("unit", "factor"), [("percent", 100), ("number", 1), ("days", 1)])
def test_ratio_divides_the_sums_and_is_times_100_where_the_unit_is_percent(unit: str, factor: int) -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool", unit=unit)
    record(kpi, factories.customer(), {201101: (1, 2)})
    record(kpi, factories.customer(), {201101: (2, 7)})
    assert actual("2011-01", kpi) == Fraction(3, 9) * factor


def test_a_ratio_has_no_value_where_the_denominators_add_up_to_0() -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool")
    record(kpi, factories.customer(), {201101: (5, 0)})
    found = cell("2011-01", kpi)
    assert found.actual is None
    assert (str(found.status), found.months_with_data, found.facts) == ("no_data", 1, 1)


def test_a_denominator_of_0_is_allowed_beside_others() -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool")
    record(kpi, factories.customer(), {201101: (5, 0), 201102: (1, 4)})
    assert actual("2011-Q1", kpi) == Fraction(6, 4)


def test_distinct_counts_customers_with_a_fact_above_0() -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    for value in (3, "0.0001", 0, -2):
        record(kpi, factories.customer(), {201101: value})
    found = cell("2011-01", kpi)
    assert (found.actual, found.facts) == (2, 4)


def test_distinct_is_0_where_facts_say_so_and_nothing_where_there_are_none() -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    record(kpi, factories.customer(), {201101: 0})
    assert actual("2011-01", kpi) == 0
    assert actual("2011-02", kpi) is None


def test_a_kpi_may_take_its_facts_from_another() -> None:
    revenue = factories.kpi("revenue")
    trailing = factories.kpi("trailing", facts_of=revenue, time_method="ttm")
    payers = factories.kpi("payers", facts_of=revenue, customer_method="distinct", time_method="pool")
    record(revenue, factories.customer(), {201002: 1, 201003: 10, 201101: 100})
    record(revenue, factories.customer(), {201101: 1000, 201102: 10_000})
    assert actual("2011-02", revenue) == 10_000
    assert actual("2011-02", trailing) == 11_110
    assert actual("2011-Q1", payers) == 2
    assert cell("2011-Q1", payers).facts == 3


def test_facts_of_another_are_followed_when_they_change() -> None:
    revenue = factories.kpi("revenue")
    payers = factories.kpi("payers", facts_of=revenue, customer_method="distinct", time_method="pool")
    record(revenue, factories.customer(), {201101: 1})
    assert actual("2011-Q1", payers) == 1
    record(revenue, factories.customer(), {201102: 1})
    assert actual("2011-Q1", payers) == 2


def test_pooling_never_aggregates_an_aggregate() -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool", unit="percent")
    customer = factories.customer(tier=factories.tier("T1"))
    record(kpi, customer, {201101: (2, 4), 201102: (2, 100)})
    assert actual("2011-Q1", kpi, "T1") == Fraction(4, 104) * 100
    assert actual("2011-Q1", kpi) == Fraction(4, 104) * 100


def test_pooling_across_tiers_never_aggregates_an_aggregate() -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool", unit="percent")
    record(kpi, factories.customer(tier=factories.tier("T1")), {201101: (2, 4)})
    record(kpi, factories.customer(tier=factories.tier("T2")), {201101: (2, 100)})
    assert actual("2011-01", kpi, "T1") == 50
    assert actual("2011-01", kpi, "T2") == 2
    assert actual("2011-01", kpi) == Fraction(4, 104) * 100


def test_a_distinct_count_over_a_quarter_is_not_the_sum_of_three_months() -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    for months in ((201101, 201102, 201103), (201102,), (201103,)):
        record(kpi, factories.customer(), dict.fromkeys(months, 1))
    assert [actual(f"2011-0{month}", kpi) for month in (1, 2, 3)] == [1, 2, 2]
    assert actual("2011-Q1", kpi) == 3
    assert actual("2011", kpi) == 3


def in_each_way_of_time(customer_method: str, *facts: dict[int, Any]) -> list[Fraction | None]:
    """The first quarter of 2011, pooled, summed, averaged, the last month's and the twelve months', of customers with
    these facts.
    """
    times = ("pool", "sum", "mean", "last", "ttm")
    kpis = [factories.kpi(customer_method=customer_method, time_method=time_method) for time_method in times]
    for kpi in kpis:
        for months in facts:
            record(kpi, factories.customer(), months)
    return [found.actual for found in cells("2011-Q1", kpis)]


def test_a_mean_over_customers_in_each_way_of_time() -> None:
    found = in_each_way_of_time("mean", {201101: 12, 201103: 0}, {201103: 1}, {201103: 1})
    months = 12 + Fraction(2, 3)
    assert found == [Fraction(14, 4), months, months / 2, Fraction(2, 3), Fraction(14, 4)]


def test_a_distinct_count_in_each_way_of_time() -> None:
    seen = ((201101, 201102, 201103), (201102,), (201103,), (201008,))
    found = in_each_way_of_time("distinct", *(dict.fromkeys(months, 1) for months in seen))
    assert found == [3, 5, Fraction(5, 3), 2, 4]


def test_a_ratio_in_each_way_of_time() -> None:
    found = in_each_way_of_time("ratio", {201012: (1, 1), 201101: (2, 4), 201102: (2, 100)})
    assert found == [Fraction(4, 104), Fraction(52, 100), Fraction(26, 100), Fraction(2, 100), Fraction(5, 105)]


def test_a_sum_in_each_way_of_time() -> None:
    assert in_each_way_of_time("sum", {201003: 50, 201004: 5, 201101: 2, 201102: 4}) == [6, 6, 3, 4, 11]


@pytest.mark.parametrize(
    ("time_method", "value"), [("sum", Fraction(1, 2)), ("mean", Fraction(1, 2)), ("last", Fraction(1, 2))]
)
def test_a_month_whose_ratio_has_no_value_is_left_out_of_longer_periods(time_method: str, value: Fraction) -> None:
    kpi = factories.kpi(customer_method="ratio", time_method=time_method)
    record(kpi, factories.customer(), {201101: (1, 2), 201102: (7, 0)})
    found = cell("2011-Q1", kpi)
    assert found.actual == value
    assert found.months_with_data == 2


def test_last_names_the_month_that_it_comes_from() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="last")
    record(kpi, factories.customer(tier=factories.tier("T1")), {201101: 1, 201102: 2})
    record(kpi, factories.customer(tier=factories.tier("T2")), {201103: 3})
    assert [cell("2011-Q1", kpi, column).last_month for column in ("T1", "T2", "all")] == [201102, 201103, 201103]
    assert actual("2011-Q1", kpi) == 3


@pytest.mark.parametrize("method", ["sum", "mean", "ratio", "distinct"])
def test_trailing_twelve_months_are_pooled_for_a_month_too(method: str) -> None:
    kpi = factories.kpi(customer_method=method, time_method="ttm")
    customer = factories.customer()
    record(kpi, customer, {201001: (1, 1), 201002: (2, 8), 201101: (4, 8)})
    record(kpi, factories.customer(), {201101: (3, 4)})
    expected = {"sum": 9, "mean": 3, "ratio": Fraction(9, 20), "distinct": 2}
    assert actual("2011-01", kpi) == expected[method]
    assert (cell("2011-01", kpi).facts, cell("2011-01", kpi).months_with_data) == (3, 2)


def test_trailing_twelve_months_of_a_quarter_end_with_its_last_month() -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, factories.customer(), {201006: 1, 201007: 10, 201106: 100, 201107: 1000})
    assert actual("2011-Q2", kpi) == 110
    assert actual("2011-06", kpi) == 110


def test_trailing_twelve_months_count_each_fact_in_the_tier_of_its_own_month() -> None:
    kpi, gold, silver = factories.kpi(time_method="ttm"), factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    factories.member(customer, silver, "2011-01-01")
    record(kpi, customer, {201012: 1, 201101: 10})
    assert [actual("2011-06", kpi, tier) for tier in (gold, silver)] == [1, 10]
