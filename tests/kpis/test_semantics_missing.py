"""Missing, partial, late: months with data, silence that means zero, and what is withheld."""

# fractions are compared with whole numbers, within tuples too
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from customers.models import Tier
from kpis.models import Kpi
from tests import factories
from tests.factories import all_customers
from tests.kept import kept
from tests.kpis.reading import actual, cell, cells, record, status

pytestmark = pytest.mark.django_db


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def silver(db: None) -> Tier:
    return factories.tier("T2")


def months_of(period: str, kpi: Kpi, tier: Tier | str = "all", today: date = date(2030, 1, 1)) -> tuple[int, int, int]:
    """Months with data, months expected, facts."""
    found = cell(period, kpi, tier, today)
    return found.months_with_data, found.months_expected, found.facts


def test_a_month_has_data_when_a_fact_counts_in_that_tier(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(tier=gold), {201101: 1, 201103: 1})
    record(kpi, factories.customer(tier=gold), {201101: 1})
    record(kpi, factories.customer(tier=silver), {201102: 1})
    assert months_of("2011-Q1", kpi, gold) == (2, 3, 3)
    assert months_of("2011-Q1", kpi, silver) == (1, 3, 1)
    assert months_of("2011-Q1", kpi) == (3, 3, 4)
    assert months_of("2011", kpi) == (3, 12, 4)
    assert months_of("2011-01", kpi) == (1, 1, 2)


def test_twelve_months_are_expected_of_the_trailing_twelve(gold: Tier) -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, factories.customer(tier=gold), {201002: 1, 201003: 1, 201012: 1})
    assert months_of("2011-01", kpi, gold) == (3, 12, 3)
    assert months_of("2011-Q1", kpi, gold) == (1, 12, 1)


@pytest.mark.parametrize("time_method", ["pool", "sum", "mean", "last"])
def test_facts_are_counted_over_all_months_whatever_the_method(time_method: str, gold: Tier) -> None:
    kpi = factories.kpi(customer_method="mean", time_method=time_method)
    record(kpi, factories.customer(tier=gold), {201101: 1, 201102: 1, 201103: 1})
    assert months_of("2011-Q1", kpi, gold) == (3, 3, 3)


def test_to_date_all_months_of_the_period_are_expected(gold: Tier) -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(tier=gold), {201104: 1})
    assert months_of("2011-Q2", kpi, gold, date(2011, 5, 20)) == (1, 3, 1)
    assert months_of("2011", kpi, gold, date(2011, 5, 20)) == (1, 12, 1)


def test_silence_means_zero_in_a_month_in_which_the_kpi_has_a_fact_anywhere(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(absent="zero")
    record(kpi, factories.customer(tier=gold), {201101: 5})
    assert actual("2011-01", kpi, silver) == 0
    assert months_of("2011-01", kpi, silver) == (1, 1, 0)
    assert actual("2011-02", kpi, silver) is None
    assert months_of("2011-Q1", kpi, silver) == (1, 3, 0)


def test_silence_means_zero_where_the_only_fact_is_untiered(gold: Tier) -> None:
    kpi = factories.kpi(absent="zero")
    record(kpi, factories.customer(), {201101: 5})
    assert actual("2011-01", kpi, gold) == 0


def test_silence_means_zero_in_a_month_that_a_steward_marked_complete(gold: Tier) -> None:
    kpi = factories.kpi(absent="zero")
    factories.complete_month(kpi, 201102)
    assert actual("2011-02", kpi, gold) == 0
    assert actual("2011-02", kpi) == 0
    assert months_of("2011-02", kpi) == (1, 1, 0)
    assert actual("2011-01", kpi) is None


def test_a_month_marked_complete_says_nothing_where_silence_is_not_known(gold: Tier) -> None:
    kpi = factories.kpi(absent="missing")
    factories.complete_month(kpi, 201102)
    assert actual("2011-02", kpi, gold) is None


def test_a_distinct_count_of_silence_is_zero(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool", absent="zero")
    record(kpi, factories.customer(tier=gold), {201101: 1, 201102: 1, 201103: 1})
    assert actual("2011-Q1", kpi, silver) == 0
    assert months_of("2011-Q1", kpi, silver) == (3, 3, 0)


def test_zeros_of_silence_count_in_the_mean_of_the_months(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(time_method="mean", absent="zero")
    record(kpi, factories.customer(tier=gold), {201101: 3, 201102: 1, 201103: 1})
    record(kpi, factories.customer(tier=silver), {201101: 6})
    assert actual("2011-Q1", kpi, silver) == 2


def test_the_last_month_may_be_a_zero_of_silence(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(time_method="last", absent="zero")
    record(kpi, factories.customer(tier=gold), {201103: 1})
    record(kpi, factories.customer(tier=silver), {201101: 6})
    found = cell("2011-Q1", kpi, silver)
    assert (found.actual, found.last_month) == (0, 201103)


def test_silence_means_zero_over_the_trailing_twelve(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(time_method="ttm", absent="zero")
    year = [201100 + number for number in range(1, 13)]
    record(kpi, factories.customer(tier=gold), dict.fromkeys(year, 1))
    found = cell("2011-Q4", kpi, silver)
    assert (found.actual, found.months_with_data) == (0, 12)


def test_a_kpi_with_anothers_facts_has_its_own_word_on_silence(gold: Tier, silver: Tier) -> None:
    sales = factories.kpi("sales")
    buyers = factories.kpi("buyers", facts_of=sales, customer_method="distinct", time_method="pool", absent="zero")
    record(sales, factories.customer(tier=gold), {201101: 5})
    factories.complete_month(sales, 201102)
    assert [actual("2011-01", kpi, silver) for kpi in (sales, buyers)] == [None, 0]
    assert [actual("2011-02", kpi, silver) for kpi in (sales, buyers)] == [None, 0]


def test_a_complete_months_zero_gives_way_to_a_fact_that_comes_late(gold: Tier) -> None:
    kpi = factories.kpi(absent="zero")
    factories.complete_month(kpi, 201102)
    assert actual("2011-02", kpi, gold) == 0
    record(kpi, factories.customer(tier=gold), {201102: 4})
    assert (actual("2011-02", kpi, gold), months_of("2011-02", kpi, gold)) == (4, (1, 1, 1))


ADDITIVE = {
    ("sum", "sum"), ("mean", "sum"), ("ratio", "sum"), ("distinct", "sum"),
    ("sum", "pool"), ("distinct", "pool"), ("sum", "ttm"), ("distinct", "ttm"),
}  # fmt: skip


def test_an_additive_value_with_a_month_missing_is_shown_and_has_no_verdict() -> None:
    methods = list(product(("sum", "mean", "ratio", "distinct"), ("pool", "sum", "mean", "last", "ttm")))
    kpis = [factories.kpi(customer_method=method, time_method=time_method) for method, time_method in methods]
    for kpi in kpis:
        record(kpi, factories.customer(), {201101: (5, 5), 201103: (5, 5)})
        factories.target(kpi, all_customers(), 201101, 1, per="year" if kpi.time_method == "ttm" else "quarter")
    found = cells("2011-Q1", kpis)
    assert [str(one.status) for one in found] == ["partial" if pair in ADDITIVE else "met" for pair in methods]
    assert all(one.actual is not None for one in found)
    assert [one.variance is None for one in found] == [pair in ADDITIVE for pair in methods]


@pytest.mark.parametrize(("time_method", "verdict"), [("sum", "met"), ("pool", "met"), ("ttm", "partial")])
def test_an_additive_value_with_all_months_is_compared(time_method: str, verdict: str) -> None:
    kpi = factories.kpi(time_method=time_method)
    record(kpi, factories.customer(), {201101: 5, 201102: 0, 201103: 5})
    factories.target(kpi, all_customers(), 201101, 10, per="year")
    assert status("2011-Q1", kpi) == verdict


def test_what_scales_has_three_months_targets_in_a_quarter() -> None:
    scaling = [("sum", "pool"), ("sum", "sum"), ("mean", "sum"), ("ratio", "sum"), ("distinct", "sum")]
    level = [("mean", "pool"), ("ratio", "pool"), ("sum", "mean"), ("sum", "last"), ("ratio", "mean")]
    methods = [*scaling, *level, ("distinct", "pool")]
    kpis = [factories.kpi(customer_method=method, time_method=time_method) for method, time_method in methods]
    for kpi in kpis:
        factories.target(kpi, all_customers(), 201101, 10)
    assert [found.target for found in cells("2011-Q1", kpis)] == [*[30] * 5, *[10] * 5, None]
    assert {found.target for found in cells("2011-02", kpis)} == {10}
