"""Tiers and customers: which column a fact counts in, and which columns there are."""

from __future__ import annotations

from datetime import date

import pytest

from core.periods import Month
from customers.models import TierMembership, TierTouch
from kpis.models import Fact
from tests import factories
from tests.kpis.reading import actual, cell, columns, matrix, record

pytestmark = pytest.mark.django_db


def test_a_fact_counts_in_the_tier_of_the_last_day_of_its_month() -> None:
    kpi, gold, silver = factories.kpi(), factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    factories.member(customer, silver, "2011-01-31")
    factories.member(customer, gold, "2011-03-01")
    record(kpi, customer, {201012: 1, 201101: 10, 201102: 100, 201103: 1000})
    assert actual("2010-12", kpi, gold) == 1
    assert actual("2011-01", kpi, silver) == 10
    assert actual("2011-01", kpi, gold) is None
    assert actual("2011-02", kpi, silver) == 100
    assert actual("2011-03", kpi, gold) == 1000


def test_a_leap_days_move_counts_for_february() -> None:
    kpi, gold, silver = factories.kpi(), factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    factories.member(customer, silver, "2012-02-29")
    record(kpi, customer, {201202: 5})
    assert actual("2012-02", kpi, silver) == 5


def test_moving_a_customer_rewrites_nothing_that_came_before() -> None:
    kpi, gold, silver = factories.kpi(), factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    record(kpi, customer, {201101: 1, 201102: 2, 201103: 3, 201104: 4})
    before = matrix("2011-Q1").rows
    factories.member(customer, silver, "2011-04-15")
    assert matrix("2011-Q1").rows == before
    assert actual("2011-04", kpi, silver) == 4
    assert actual("2011-04", kpi, gold) is None


def test_a_move_that_is_told_late_moves_the_facts_from_then_on() -> None:
    kpi, gold, silver = factories.kpi(), factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    record(kpi, customer, {201101: 1, 201102: 2, 201103: 3})
    assert actual("2011-Q1", kpi, gold) == 6
    factories.member(customer, silver, "2011-02-10")
    assert actual("2011-Q1", kpi, gold) == 1
    assert actual("2011-Q1", kpi, silver) == 5
    assert cell("2011-03", kpi, gold).facts == 0


def test_a_move_that_is_taken_back_moves_the_facts_back() -> None:
    kpi, gold, silver = factories.kpi(), factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    move = factories.member(customer, silver, "2011-02-10")
    record(kpi, customer, {201101: 1, 201102: 2, 201103: 3})
    assert actual("2011-Q1", kpi, silver) == 5
    TierMembership.objects.filter(pk=move.pk).delete()
    TierTouch.objects.create(first_month=201102)
    assert actual("2011-Q1", kpi, gold) == 6
    assert actual("2011-Q1", kpi, silver) is None


def test_a_customer_that_moved_within_a_quarter_is_one_customer_in_all() -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    gold, silver = factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    factories.member(customer, silver, "2011-02-01")
    record(kpi, customer, {201101: 1, 201102: 1, 201103: 1})
    assert [actual("2011-Q1", kpi, column) for column in (gold, silver, "all")] == [1, 1, 1]


def test_a_customer_that_left_and_came_back_to_a_tier_is_one_customer_in_it() -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    gold, silver = factories.tier("T1"), factories.tier("T2")
    customer = factories.customer(tier=gold)
    factories.member(customer, silver, "2011-02-01")
    factories.member(customer, gold, "2011-03-01")
    record(kpi, customer, {201101: 1, 201102: 1, 201103: 1})
    assert actual("2011-Q1", kpi, gold) == 1


def test_a_customer_with_no_tier_on_that_day_counts_in_all_and_in_untiered() -> None:
    kpi, gold = factories.kpi(), factories.tier("T1")
    never, later, left = factories.customer(), factories.customer(), factories.customer(tier=gold)
    factories.member(later, gold, "2011-02-01")
    factories.member(left, None, "2011-01-31")
    record(kpi, never, {201101: 1})
    record(kpi, later, {201101: 10, 201102: 100})
    record(kpi, left, {201101: 1000})
    assert actual("2011-01", kpi, "untiered") == 1011
    assert actual("2011-01", kpi) == 1011
    assert actual("2011-01", kpi, gold) is None
    assert actual("2011-02", kpi, gold) == 100


def test_untiered_is_a_column_for_all_kpis_where_any_has_an_untiered_fact() -> None:
    gold, quiet, loud = factories.tier("T1"), factories.kpi("quiet"), factories.kpi("loud")
    record(quiet, factories.customer(tier=gold), {201101: 1, 201102: 1})
    record(loud, factories.customer(), {201102: 1})
    assert columns("2011-01") == ["T1", "all"]
    assert columns("2011-02") == ["T1", "untiered", "all"]
    found = cell("2011-02", quiet, "untiered")
    assert (found.actual, str(found.status), found.months_with_data, found.facts) == (None, "no_data", 0, 0)


def test_an_untiered_fact_eleven_months_ago_makes_the_column_for_a_trailing_twelve() -> None:
    factories.tier("T1")
    month_only, trailing = factories.kpi("month_only"), factories.kpi("trailing", time_method="ttm")
    record(month_only, factories.customer(), {201101: 1})
    assert columns("2011-12") == ["T1", "all"]
    record(trailing, factories.customer(), {201101: 1})
    assert columns("2011-12") == ["T1", "untiered", "all"]
    assert columns("2012-01") == ["T1", "all"]


def test_the_column_untiered_goes_when_its_last_fact_finds_a_tier() -> None:
    gold, kpi, customer = factories.tier("T1"), factories.kpi(), factories.customer()
    record(kpi, customer, {201101: 1})
    assert "untiered" in columns("2011-Q1")
    factories.member(customer, gold, "2011-01-10")
    assert columns("2011-Q1") == ["T1", "all"]


def test_silence_that_means_zero_makes_no_column_untiered() -> None:
    gold, kpi = factories.tier("T1"), factories.kpi(absent="zero")
    record(kpi, factories.customer(tier=gold), {201101: 1})
    assert columns("2011-01") == ["T1", "all"]


def test_tiers_are_ordered_by_rank_with_all_customers_last() -> None:
    factories.tier("B", rank=1), factories.tier("A", rank=2), factories.tier("C", rank=0)
    assert columns("2011-01") == ["C", "B", "A", "all"]


def test_a_tier_without_facts_is_a_column_while_it_is_in_use() -> None:
    factories.tier("T1"), factories.kpi()
    assert columns("2011-01") == ["T1", "all"]


def test_a_retired_tier_is_a_column_where_it_has_a_fact_in_the_period() -> None:
    factories.tier("T1")
    old, kpi = factories.tier("T2", retired_from=201101), factories.kpi()
    record(kpi, factories.customer(tier=old), {201101: 1})
    assert columns("2011-Q1") == ["T1", "T2", "all"]
    assert columns("2011-Q2") == ["T1", "all"]


def test_a_retired_tier_is_a_column_where_it_has_a_target_in_the_period() -> None:
    old, kpi = factories.tier("T2", retired_from=201101), factories.kpi()
    factories.target(kpi, old, 201102, 5, until_month=201104)
    assert [columns(period) for period in ("2011-01", "2011-04", "2011-05")] == [["all"], ["T2", "all"], ["all"]]
    assert [columns(period) for period in ("2011-Q1", "2011-Q2", "2011-Q3")] == [["T2", "all"], ["T2", "all"], ["all"]]


def test_a_retired_tier_is_no_column_for_a_target_that_is_not_approved() -> None:
    old, kpi = factories.tier("T2", retired_from=201101), factories.kpi()
    factories.target(kpi, old, 201101, 5, state="draft")
    assert columns("2011-01") == ["all"]


def test_a_tier_that_is_retired_keeps_its_history() -> None:
    gold, kpi = factories.tier("T1"), factories.kpi()
    record(kpi, factories.customer(tier=gold), {201101: 3})
    assert actual("2011-01", kpi, gold) == 3
    gold.retired_from, gold.name = Month(201101), "Former gold"
    gold.save()
    assert actual("2011-01", kpi, gold) == 3


def test_all_customers_is_computed_from_the_facts_and_not_from_the_tiers() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool")
    gold, silver = factories.tier("T1"), factories.tier("T2")
    record(kpi, factories.customer(tier=gold), {201101: 10})
    for _ in range(3):
        record(kpi, factories.customer(tier=silver), {201101: 2})
    assert actual("2011-01", kpi) == 4


def test_a_fact_that_is_deleted_is_gone_from_every_cell() -> None:
    kpi, gold = factories.kpi(), factories.tier("T1")
    customer = factories.customer(tier=gold)
    record(kpi, customer, {201101: 1, 201102: 2})
    assert actual("2011-Q1", kpi) == 3
    Fact.objects.filter(month=201101).delete()
    factories.touch(kpi, 201101)
    assert actual("2011-Q1", kpi, gold) == 2
    assert [cell("2011-01", kpi, column).months_with_data for column in (gold, "all")] == [0, 0]


def test_leading_rows_come_first_then_trailing_in_the_files_order() -> None:
    for code, indicator, position in (
        ("d", "trailing", 0),
        ("c", "leading", 3),
        ("b", "trailing", 2),
        ("a", "leading", 4),
    ):
        factories.kpi(code, indicator=indicator, position=position)
    assert [row.kpi.code for row in matrix("2011-01", date(2020, 1, 1)).rows] == ["c", "a", "d", "b"]


def test_moves_before_there_are_any_facts_roll_up_to_nothing() -> None:
    gold, kpi = factories.tier("T1"), factories.kpi()
    factories.customer(tier=gold)
    assert actual("2011-01", kpi, gold) is None
