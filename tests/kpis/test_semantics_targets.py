"""Targets: the first of four rules that applies gives the target of a period.

Drafts, proposals, approvals and what supersedes what are in ``test_target_services``.
"""

# fractions are compared with whole numbers, within tuples too
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from core.periods import FiscalCalendar, Month
from customers.models import Tier
from kpis.choices import Per
from kpis.models import Kpi
from kpis.rules.target import TargetCells, target_problems
from tests import factories
from tests.factories import all_customers
from tests.kept import kept
from tests.kpis.reading import cell, record

pytestmark = pytest.mark.django_db

RATE = {"customer_method": "ratio", "time_method": "pool"}
COUNT = {"customer_method": "distinct", "time_method": "pool"}
TRAILING = {"customer_method": "sum", "time_method": "ttm"}


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def silver(db: None) -> Tier:
    return factories.tier("T2")


def goal(period: str, kpi: Kpi, tier: Tier | str = "all", today: date = date(2030, 1, 1)) -> Fraction | None:
    """The target of a cell."""
    return cell(period, kpi, tier, today).target


def test_a_month_row_stands_until_the_next(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201102, 10)
    factories.target(kpi, gold, 201105, 20)
    assert [goal(f"2011-0{month}", kpi, gold) for month in (1, 2, 4, 5, 9)] == [None, 10, 10, 20, 20]
    assert goal("2015-03", kpi, gold) == 20


def test_a_month_row_stands_until_and_including_its_last_month_and_no_earlier_row_comes_back(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, gold, 201104, 20, until_month=201105)
    factories.target(kpi, gold, 201108, 30)
    assert [goal(f"2011-0{month}", kpi, gold) for month in (3, 4, 5, 6, 7, 8)] == [10, 20, 20, None, None, 30]


def test_a_month_row_whose_last_month_is_late_gives_way_to_the_next_all_the_same(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10, until_month=201112)
    factories.target(kpi, gold, 201104, 20, until_month=201105)
    assert [goal(f"2011-0{month}", kpi, gold) for month in (3, 4, 6)] == [10, 20, None]


def test_a_quarter_or_year_row_is_for_that_quarter_or_year_alone(gold: Tier) -> None:
    kpi = factories.kpi(**RATE)
    factories.target(kpi, gold, 201104, 7, per="quarter")
    factories.target(kpi, gold, 201101, 5, per="year")
    assert [goal(f"2011-Q{number}", kpi, gold) for number in (1, 2, 3)] == [5, 7, 5]
    assert [goal(code, kpi, gold) for code in ("2010", "2011", "2012", "2012-Q2")] == [None, 5, None, None]


@pytest.mark.parametrize(("per", "first", "later"), [(Per.QUARTER, 201104, 201105), (Per.YEAR, 201104, 201101)])
def test_a_quarter_or_year_row_starts_on_its_first_fiscal_month(per: Per, first: int, later: int, gold: Tier) -> None:
    kpi, calendar = factories.kpi(), FiscalCalendar(4)
    rows = [TargetCells(gold.code, Month(month), per, value=1) for month in (first, later)]
    found = [[field for field, _ in target_problems(kpi, row, calendar)] for row in rows]
    assert found == [[], ["from_month"]]


def test_only_a_month_row_ends_and_not_before_it_starts(gold: Tier) -> None:
    kpi, calendar = factories.kpi(), FiscalCalendar()
    ends = [(Per.MONTH, 201103), (Per.MONTH, 201101), (Per.MONTH, 201012), (Per.YEAR, 201103)]
    rows = [TargetCells(gold.code, Month(201101), per, until_month=Month(end), value=1) for per, end in ends]
    found = [[field for field, _ in target_problems(kpi, row, calendar)] for row in rows]
    assert found == [[], [], ["until_month"], ["until_month"]]


@pytest.mark.parametrize("state", ["draft", "proposed", "rejected", "superseded", "withdrawn"])
def test_only_approved_versions_count(state: str, gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10, state=state)
    assert goal("2011-01", kpi, gold) is None
    factories.target(kpi, gold, 201101, 20, version=2)
    factories.target(kpi, gold, 201101, 30, version=3, state="draft")
    assert goal("2011-01", kpi, gold) == 20


@pytest.mark.parametrize("state", ["draft", "proposed", "rejected", "superseded", "withdrawn"])
def test_a_row_that_is_not_approved_does_not_end_an_earlier_one(state: str, gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, gold, 201103, 99, state=state)
    assert goal("2011-04", kpi, gold) == 10


def test_rule_1_the_row_of_the_periods_own_kind_goes_first(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, gold, 201101, 50, per="quarter")
    factories.target(kpi, gold, 201101, 1200, per="year")
    assert [goal(code, kpi, gold) for code in ("2011-02", "2011-Q1", "2011")] == [10, 50, 1200]


def test_rule_1_for_the_trailing_twelve_is_the_year_row_of_their_last_month(gold: Tier) -> None:
    kpi = factories.kpi(**TRAILING)
    factories.target(kpi, gold, 201101, 100, per="year")
    factories.target(kpi, gold, 201201, 200, per="year")
    assert [goal(code, kpi, gold) for code in ("2010-12", "2011-01", "2011-Q4", "2011", "2012-01", "2012", "2013")] == [
        None, 100, 100, 100, 200, 200, None
    ]  # fmt: skip


def test_rule_1_for_the_trailing_twelve_to_date_looks_at_the_last_ended_month(gold: Tier) -> None:
    kpi = factories.kpi(**TRAILING)
    factories.target(kpi, gold, 201101, 100, per="year")
    factories.target(kpi, gold, 201201, 200, per="year")
    record(kpi, factories.customer(tier=gold), {201112: 1, 201201: 1})
    assert goal("2012-Q1", kpi, gold, date(2012, 1, 31)) == 100
    assert goal("2012-Q1", kpi, gold, date(2012, 2, 1)) == 200


def test_rule_1_for_the_trailing_twelve_takes_nothing_else(gold: Tier) -> None:
    kpi = factories.kpi(**TRAILING)
    for per in (Per.MONTH, Per.QUARTER):
        row = TargetCells(gold.code, Month(201101), per, value=1)
        assert [field for field, _ in target_problems(kpi, row, FiscalCalendar())] == ["per"]
        factories.target(kpi, gold, 201101, 1, per=per)
    assert [goal(code, kpi, gold) for code in ("2011-01", "2011-Q1", "2011")] == [None, None, None]


def test_rule_2_a_kpi_that_scales_adds_the_months_shares(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201102, 10)
    factories.target(kpi, gold, 201101, 1200, per="year")
    assert goal("2011-01", kpi, gold) == 100
    assert goal("2011-Q1", kpi, gold) == 100 + 10 + 10
    factories.target(kpi, gold, 201104, 90, per="quarter")
    assert goal("2011-04", kpi, gold) == 10
    assert goal("2011-Q2", kpi, gold) == 90


def test_rule_2_month_goes_before_quarter_before_year(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 1200, per="year")
    factories.target(kpi, gold, 201104, 90, per="quarter")
    factories.target(kpi, gold, 201105, 7, until_month=201105)
    assert [goal(f"2011-0{month}", kpi, gold) for month in (3, 4, 5, 6, 7)] == [100, 30, 7, 30, 100]
    factories.target(kpi, gold, 201001, 12, per="year")
    assert goal("2010", kpi, gold) == 12
    assert goal("2011", kpi, gold) == 1200


def test_rule_2_a_quarter_row_is_a_third_a_month_and_a_year_is_its_quarters_and_the_rest(gold: Tier) -> None:
    kpi = factories.kpi()
    for month in (201101, 201104, 201107, 201110):
        factories.target(kpi, gold, month, 10, per="quarter")
    assert goal("2011-05", kpi, gold) == Fraction(10, 3)
    assert goal("2011", kpi, gold) == 40


def test_rule_2_a_month_without_a_row_leaves_no_target(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201102, 10, until_month=201105)
    assert [goal(f"2011-Q{number}", kpi, gold) for number in (1, 2)] == [None, None]
    factories.target(kpi, gold, 201101, 4)
    assert goal("2011-Q1", kpi, gold) == 24


def test_rule_2_adds_both_bounds_of_a_range(gold: Tier) -> None:
    kpi = factories.kpi(direction="range")
    factories.target(kpi, gold, 201101, low=3, high=5, until_month=201101)
    factories.target(kpi, gold, 201101, low=12, high=36, per="year")
    found = cell("2011-Q1", kpi, gold)
    assert (found.target, found.low, found.high) == (None, 3 + 1 + 1, 5 + 3 + 3)


def test_seasonal_phasing_is_twelve_month_rows(gold: Tier) -> None:
    kpi = factories.kpi()
    for number in range(1, 13):
        factories.target(kpi, gold, 201100 + number, number)
    assert goal("2011-Q1", kpi, gold) == 6
    assert goal("2011", kpi, gold) == 78


def test_rule_3_a_pooled_distinct_count_has_a_target_of_its_periods_own_kind_or_none(gold: Tier) -> None:
    kpi = factories.kpi(**COUNT)
    factories.target(kpi, gold, 201101, 61)
    factories.target(kpi, gold, 201104, 111, per="quarter")
    factories.target(kpi, gold, 201201, 300, per="year")
    assert [goal(code, kpi, gold) for code in ("2011-01", "2011-Q1", "2011-Q2", "2011", "2012", "2012-Q1")] == [
        61, None, 111, None, 300, None
    ]  # fmt: skip
    assert goal("2010-12", kpi, gold) is None


def test_rule_3_a_year_row_is_no_target_of_a_month_for_a_pooled_distinct_count(gold: Tier) -> None:
    kpi = factories.kpi(**COUNT)
    factories.target(kpi, gold, 201101, 300, per="year")
    assert [goal(code, kpi, gold) for code in ("2011-01", "2011-Q1", "2011")] == [None, None, 300]


def test_a_distinct_count_of_another_way_of_time_has_the_other_rules(gold: Tier) -> None:
    added = factories.kpi(customer_method="distinct", time_method="sum")
    last = factories.kpi(customer_method="distinct", time_method="last")
    for kpi in (added, last):
        factories.target(kpi, gold, 201101, 10)
    assert [goal("2011-Q1", kpi, gold) for kpi in (added, last)] == [30, 10]


def test_rule_4_any_other_kpi_takes_the_row_of_the_last_month_as_it_stands(gold: Tier) -> None:
    kpi = factories.kpi(**RATE)
    factories.target(kpi, gold, 201101, 1, per="year")
    assert [goal(code, kpi, gold) for code in ("2011-01", "2011-Q1", "2011")] == [1, 1, 1]
    factories.target(kpi, gold, 201101, 2, per="quarter")
    assert [goal(code, kpi, gold) for code in ("2011-01", "2011-Q1", "2011")] == [2, 2, 1]
    factories.target(kpi, gold, 201103, 3)
    assert [goal(code, kpi, gold) for code in ("2011-02", "2011-03", "2011-Q1", "2011-Q2")] == [2, 3, 2, 3]


def test_rule_4_a_row_that_ended_before_the_last_month_gives_no_target(gold: Tier) -> None:
    kpi = factories.kpi(**RATE)
    factories.target(kpi, gold, 201101, 3, until_month=201102)
    assert [goal(code, kpi, gold) for code in ("2011-02", "2011-Q1")] == [3, None]


def test_all_customers_uses_its_own_rows_by_the_same_rules(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, all_customers(), 201101, 120, per="year")
    assert goal("2011-Q1", kpi) == 30
    assert goal("2011", kpi) == 120


def test_all_customers_without_own_rows_has_the_sum_of_its_tiers(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, silver, 201101, 12, per="year")
    assert goal("2011-Q1", kpi) == 30 + 3
    assert goal("2011", kpi) == 120 + 12


def test_all_customers_whose_own_rows_give_none_for_the_period_has_the_sum_of_its_tiers(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, all_customers(), 201102, 99)
    assert goal("2011-Q1", kpi) == 30
    assert goal("2011-Q2", kpi) == 297


def test_all_customers_has_no_target_where_a_tier_with_a_fact_has_none(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    assert goal("2011-Q1", kpi) == 30
    record(kpi, factories.customer(tier=silver), {201102: 1})
    assert goal("2011-01", kpi) == 10
    assert goal("2011-Q1", kpi) is None


def test_all_customers_has_no_target_where_a_tier_has_one_for_a_part_of_the_period_alone(
    gold: Tier, silver: Tier
) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, silver, 201102, 5)
    assert goal("2011-Q1", kpi) is None
    assert goal("2011-01", kpi) == 10
    assert goal("2011-Q2", kpi) == 45


def test_a_retired_tier_with_a_fact_counts_among_the_tiers_of_all_customers(gold: Tier) -> None:
    kpi, old = factories.kpi(), factories.tier("T9", retired_from=201102)
    factories.target(kpi, gold, 201101, 10)
    record(kpi, factories.customer(tier=old), {201101: 1})
    assert goal("2011-01", kpi) is None
    factories.target(kpi, old, 201101, 1)
    assert goal("2011-01", kpi) == 11


def test_untiered_is_no_tier_that_needs_a_target(gold: Tier) -> None:
    kpi = factories.kpi()
    factories.target(kpi, gold, 201101, 10)
    record(kpi, factories.customer(), {201101: 1})
    assert goal("2011-01", kpi) == 10


def test_a_tier_that_counts_silence_as_zero_needs_no_target(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(absent="zero")
    factories.target(kpi, gold, 201101, 10)
    record(kpi, factories.customer(tier=gold), {201101: 1})
    assert goal("2011-01", kpi) == 10


@pytest.mark.parametrize("customer_method", ["mean", "ratio", "distinct"])
def test_only_sums_over_customers_add_the_targets_of_tiers(customer_method: str, gold: Tier) -> None:
    kpi = factories.kpi(customer_method=customer_method, time_method="sum")
    factories.target(kpi, gold, 201101, 10)
    assert goal("2011-01", kpi, gold) == 10
    assert goal("2011-01", kpi) is None


@pytest.mark.parametrize(("time_method", "total"), [("mean", 15), ("last", 15), ("pool", 45), ("sum", 45)])
def test_a_sum_over_customers_adds_its_tiers_in_every_way_of_time(
    time_method: str, total: int, gold: Tier, silver: Tier
) -> None:
    kpi = factories.kpi(time_method=time_method)
    factories.target(kpi, gold, 201101, 10)
    factories.target(kpi, silver, 201101, 5)
    assert goal("2011-Q1", kpi) == total


def test_the_trailing_twelve_of_all_customers_add_the_year_rows_of_tiers(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(**TRAILING)
    factories.target(kpi, gold, 201101, 100, per="year")
    factories.target(kpi, silver, 201101, 50, per="year")
    record(kpi, factories.customer(tier=gold), {201106: 1})
    assert goal("2011-Q2", kpi) == 150


def test_the_ranges_of_tiers_are_added_by_both_bounds(gold: Tier, silver: Tier) -> None:
    kpi = factories.kpi(direction="range")
    factories.target(kpi, gold, 201101, low=1, high=2)
    factories.target(kpi, silver, 201101, low=30, high=60, per="quarter")
    found = cell("2011-01", kpi)
    assert (found.target, found.low, found.high) == (None, 11, 22)


def test_an_approval_needs_no_rollup(gold: Tier) -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(tier=gold), {201101: 9})
    assert str(cell("2011-01", kpi, gold).status) == "no_target"
    factories.target(kpi, gold, 201101, 9)
    assert str(cell("2011-01", kpi, gold).status) == "met"
