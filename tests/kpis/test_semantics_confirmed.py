"""Months that must be confirmed, and months that look incomplete: provisional cells and thin months."""

# fractions are compared with whole numbers, within tuples too
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from datetime import date
from itertools import product
from typing import Any

import pytest

from core.periods import Period
from customers.models import Tier
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.matrix import build_matrix
from tests import factories
from tests.factories import all_customers
from tests.kept import kept
from tests.kpis.reading import LONG_AFTER, actual, cell, cells, matrix, record

pytestmark = pytest.mark.django_db

QUARTER = {201101: 1, 201102: 1, 201103: 1}


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


def confirmed(**fields: Any) -> Kpi:
    """A KPI whose months must be marked complete."""
    return factories.kpi(complete_when="marked", **fields)


def with_facts(kpi: Kpi, counts: dict[int, int], tier: Tier | None = None) -> None:
    """So many facts of each month, each of another customer."""
    customers = [factories.customer(tier=tier) for _ in range(max(counts.values()))]
    for month, number in counts.items():
        for customer in customers[:number]:
            factories.fact(kpi, customer, month, 1, 1)


# -- provisional


def test_an_unmarked_month_counts_in_the_value_and_not_among_the_months_with_data(gold: Tier) -> None:
    kpi = confirmed()
    record(kpi, factories.customer(tier=gold), QUARTER)
    factories.complete_month(kpi, 201101)
    found = cell("2011-Q1", kpi, gold)
    assert (found.actual, found.facts, found.months_with_data, found.months_expected) == (3, 3, 1, 3)
    assert found.provisional


def test_a_quarter_whose_months_are_all_marked_is_like_any_other(gold: Tier) -> None:
    kpi = confirmed()
    record(kpi, factories.customer(tier=gold), QUARTER)
    factories.target(kpi, gold, 201101, 1)
    for month in QUARTER:
        factories.complete_month(kpi, month)
    found = cell("2011-Q1", kpi, gold)
    assert (found.provisional, found.months_with_data, found.status, found.variance) == (False, 3, Status.MET, 0)


def test_a_kpi_that_does_not_ask_for_it_needs_no_marks(gold: Tier) -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(tier=gold), QUARTER)
    found = cell("2011-Q1", kpi, gold)
    assert (found.provisional, found.months_with_data) == (False, 3)


def test_a_provisional_cell_is_partial_whatever_the_method(gold: Tier) -> None:
    customer = factories.customer(tier=gold)
    methods = product(("sum", "mean", "ratio", "distinct"), ("pool", "sum", "mean", "last", "ttm"))
    kpis = [confirmed(customer_method=method, time_method=time_method) for method, time_method in methods]
    for kpi in kpis:
        record(kpi, customer, dict.fromkeys(QUARTER, (1, 1)))
        factories.target(kpi, gold, 201101, 1, per="year" if kpi.time_method == "ttm" else "quarter")
        for month in (201101, 201102):
            factories.complete_month(kpi, month)
    found = {(one.provisional, one.status, one.variance, one.attainment) for one in cells("2011-Q1", kpis, gold)}
    assert found == {(True, Status.PARTIAL, None, None)}


def test_no_change_is_shown_where_either_period_is_provisional(gold: Tier) -> None:
    kpi = confirmed(customer_method="mean", time_method="mean")
    record(kpi, factories.customer(tier=gold), {201101: 1, 201102: 2, 201103: 3})
    factories.complete_month(kpi, 201101)
    factories.complete_month(kpi, 201103)
    assert cell("2011-02", kpi, gold).previous is None
    assert cell("2011-03", kpi, gold).previous is None
    factories.complete_month(kpi, 201102)
    assert cell("2011-02", kpi, gold).previous == 1
    assert cell("2011-03", kpi, gold).previous == 2


def test_pace_takes_marked_months_alone(gold: Tier) -> None:
    kpi = confirmed()
    record(kpi, factories.customer(tier=gold), {201101: 10, 201102: 1})
    factories.target(kpi, gold, 201101, 10)
    factories.complete_month(kpi, 201101)
    assert cell("2011-Q1", kpi, gold, date(2011, 3, 10)).pace == Status.MET
    factories.complete_month(kpi, 201102)
    assert cell("2011-Q1", kpi, gold, date(2011, 3, 10)).pace == Status.MISSED


def test_pace_of_entered_actuals_takes_marked_months_alone(gold: Tier) -> None:
    kpi = confirmed()
    for month, value in ((201101, 10), (201102, 1)):
        factories.tier_actual(kpi, all_customers(), month, value)
    factories.tier_actual(kpi, gold, 201102, 1)
    factories.target(kpi, all_customers(), 201101, 10)
    factories.complete_month(kpi, 201101)
    assert cell("2011-Q1", kpi, today=date(2011, 3, 10)).pace == Status.MET


def test_no_pace_without_a_marked_month(gold: Tier) -> None:
    kpi = confirmed()
    record(kpi, factories.customer(tier=gold), QUARTER)
    factories.target(kpi, gold, 201101, 1)
    found = cell("2011-Q1", kpi, gold)
    assert (found.status, found.pace, found.months_with_data) == (Status.PARTIAL, None, 0)


def test_the_last_month_is_the_one_that_must_be_marked_where_the_value_is_of_it(gold: Tier) -> None:
    kpi = confirmed(time_method="last")
    record(kpi, factories.customer(tier=gold), QUARTER)
    factories.complete_month(kpi, 201103)
    found = cell("2011-Q1", kpi, gold)
    assert (found.provisional, found.months_with_data, found.last_month) == (False, 1, 201103)


def test_a_zero_of_silence_in_an_unmarked_month_is_provisional_too(gold: Tier) -> None:
    kpi = confirmed(absent="zero")
    record(kpi, factories.customer(tier=factories.tier("T2")), {201101: 5})
    found = cell("2011-01", kpi, gold)
    assert (found.actual, found.provisional, found.months_with_data, found.facts) == (0, True, 0, 0)
    factories.complete_month(kpi, 201101)
    found = cell("2011-01", kpi, gold)
    assert (found.actual, found.provisional, found.months_with_data) == (0, False, 1)


def test_a_mark_holds_for_the_kpis_that_take_the_facts_and_not_the_other_way_round(gold: Tier) -> None:
    owner = confirmed()
    taker = confirmed(facts_of=owner)
    record(owner, factories.customer(tier=gold), {201101: 1, 201102: 1})
    factories.complete_month(owner, 201101)
    factories.complete_month(taker, 201102)
    assert [cell(month, taker, gold).provisional for month in ("2011-01", "2011-02")] == [False, False]
    assert [cell(month, owner, gold).provisional for month in ("2011-01", "2011-02")] == [False, True]


def test_the_trailing_twelve_are_provisional_while_one_of_them_is_unmarked(gold: Tier) -> None:
    kpi = confirmed(customer_method="mean", time_method="ttm")
    record(kpi, factories.customer(tier=gold), {201011: 1, 201101: 1})
    factories.complete_month(kpi, 201101)
    found = cell("2011-Q1", kpi, gold)
    assert (found.provisional, found.months_with_data, found.months_expected) == (True, 1, 12)


def test_a_calculated_kpi_is_provisional_where_an_input_is(gold: Tier) -> None:
    waits, plain = confirmed(code="waits"), factories.kpi("plain")
    both = factories.kpi("both", formula="plain + waits", customer_method="", time_method="")
    alone = factories.kpi("alone", formula="plain * 2", customer_method="", time_method="")
    customer = factories.customer(tier=gold)
    record(waits, customer, QUARTER)
    record(plain, customer, QUARTER)
    factories.target(both, gold, 201101, 1)
    found = cell("2011-Q1", both, gold)
    assert (found.actual, found.provisional, found.status) == (6, True, Status.PARTIAL)
    assert (found.months_with_data, found.months_expected) == (0, 3)
    assert not cell("2011-Q1", alone, gold).provisional


def test_taking_a_mark_back_makes_the_cell_provisional_again(gold: Tier) -> None:
    kpi = confirmed()
    record(kpi, factories.customer(tier=gold), {201101: 1})
    mark = factories.complete_month(kpi, 201101)
    assert not cell("2011-01", kpi, gold).provisional
    mark.delete()
    factories.touch(kpi, 201101)
    assert cell("2011-01", kpi, gold).provisional


def test_a_cell_without_a_value_is_not_provisional(gold: Tier) -> None:
    kpi = confirmed(customer_method="ratio", time_method="pool")
    record(kpi, factories.customer(tier=gold), {201101: (1, 0)})
    found = cell("2011-01", kpi, gold)
    assert (found.actual, found.status, found.provisional, found.months_with_data) == (None, "no_data", False, 0)


# -- thin months

HALF_A_YEAR = {201101: 6, 201102: 4, 201103: 8, 201104: 6, 201105: 6, 201106: 6}


def thin(period: str, kpi: Kpi, tier: Tier | str = "all", today: date = LONG_AFTER) -> list[int]:
    """The thin months of a cell."""
    return [one.month for one in cell(period, kpi, tier, today).thin]


@pytest.mark.parametrize(("facts", "is_thin"), [(2, True), (3, False), (4, False)])
def test_a_month_with_fewer_than_half_of_the_usual_facts_is_thin(facts: int, *, is_thin: bool) -> None:
    kpi = factories.kpi()
    with_facts(kpi, HALF_A_YEAR | {201107: facts})
    assert thin("2011-07", kpi) == ([201107] if is_thin else [])


def test_of_an_even_number_the_usual_is_the_mean_of_the_middle_two() -> None:
    kpi = factories.kpi()
    with_facts(kpi, {201103: 2, 201104: 6, 201105: 7, 201106: 9, 201107: 3})
    (found,) = cell("2011-07", kpi).thin
    assert (found.facts, found.usual, found.words) == (3, 6.5, "July looks incomplete: 3 facts, usually about 7")


def test_three_months_with_facts_say_what_is_usual_and_two_do_not() -> None:
    kpi = factories.kpi()
    with_facts(kpi, {201101: 6, 201103: 6, 201106: 6, 201107: 1, 201201: 1, 201202: 4, 201203: 1})
    assert thin("2011-07", kpi) == [201107]
    assert thin("2012-03", kpi) == []  # January, February and none else of the six before


def test_months_longer_ago_than_six_say_nothing() -> None:
    kpi = factories.kpi()
    with_facts(kpi, {201012: 6, 201101: 6, 201102: 6, 201107: 1, 201108: 1})
    assert thin("2011-08", kpi) == []


def test_a_month_without_any_fact_is_missing_and_not_thin() -> None:
    kpi = factories.kpi()
    with_facts(kpi, HALF_A_YEAR)
    assert thin("2011-07", kpi) == []


def test_the_running_month_is_not_thin_yet() -> None:
    kpi = factories.kpi()
    with_facts(kpi, HALF_A_YEAR | {201107: 1})
    assert thin("2011-07", kpi, today=date(2011, 7, 31)) == []
    assert thin("2011-07", kpi, today=date(2011, 8, 1)) == [201107]


def test_a_month_that_a_steward_marked_complete_is_not_thin() -> None:
    kpi = factories.kpi()
    taker = factories.kpi(facts_of=kpi, customer_method="mean")
    with_facts(kpi, HALF_A_YEAR | {201107: 1, 201108: 1})
    factories.complete_month(kpi, 201107)
    factories.complete_month(taker, 201108)
    assert thin("2011-Q3", kpi) == [201108]
    assert thin("2011-Q3", taker) == []


def test_a_month_in_which_the_kpi_that_has_the_facts_is_retired_counts_nowhere_and_is_not_thin() -> None:
    kpi = factories.kpi(retired_from=201108)
    taker = factories.kpi(facts_of=kpi, customer_method="mean")
    with_facts(kpi, HALF_A_YEAR | {201108: 1})
    assert thin("2011-Q3", taker) == []


def test_it_is_not_asked_of_tier_actuals_nor_where_silence_means_zero(gold: Tier) -> None:
    entered, silent = factories.kpi(), factories.kpi(absent="zero")
    for month, count in (HALF_A_YEAR | {201107: 1}).items():
        for tier in [gold, *(factories.tier(f"T{month % 100 * 10 + n}") for n in range(count - 1))]:
            factories.tier_actual(entered, tier, month, 1)
    with_facts(silent, HALF_A_YEAR | {201107: 1})
    assert thin("2011-07", entered) == []
    assert thin("2011-07", silent) == []


def test_every_cell_whose_months_hold_it_says_so_and_keeps_its_verdict(gold: Tier) -> None:
    kpi = factories.kpi(customer_method="mean", time_method="mean")
    with_facts(kpi, HALF_A_YEAR | {201107: 1, 201108: 6, 201109: 6}, gold)
    factories.target(kpi, gold, 201101, 1)
    found = cell("2011-Q3", kpi, gold)
    assert (found.status, found.variance, [one.month for one in found.thin]) == (Status.MET, 0, [201107])
    assert thin("2011", kpi) == [201107]
    assert thin("2011-08", kpi) == []


def test_last_has_the_month_of_its_value_alone() -> None:
    kpi = factories.kpi(time_method="last")
    with_facts(kpi, HALF_A_YEAR | {201107: 1, 201108: 6})
    assert thin("2011-Q3", kpi) == []
    assert thin("2011-07", kpi) == [201107]


def test_the_trailing_twelve_have_those_of_their_window() -> None:
    kpi = factories.kpi(time_method="ttm")
    with_facts(kpi, HALF_A_YEAR | {201107: 1})
    assert thin("2012-06", kpi) == [201107]
    assert thin("2012-07", kpi) == []


def test_a_calculated_kpi_has_those_of_its_inputs() -> None:
    kpi = factories.kpi("measured")
    double = factories.kpi("double", formula="measured * 2", customer_method="", time_method="")
    again = factories.kpi("again", formula="double + measured", customer_method="", time_method="")
    with_facts(kpi, HALF_A_YEAR | {201107: 1})
    assert thin("2011-Q3", double) == [201107]
    assert thin("2011-Q3", again) == [201107]


def test_facts_that_come_late_end_it(gold: Tier) -> None:
    kpi = factories.kpi()
    with_facts(kpi, HALF_A_YEAR | {201107: 1})
    assert thin("2011-07", kpi) == [201107]
    with_facts(kpi, {201107: 5})
    assert actual("2011-07", kpi) == 6
    assert thin("2011-07", kpi) == []


def test_thin_months_cost_at_most_two_queries_however_many_there_are(django_assert_max_num_queries: Any) -> None:
    kpis = [factories.kpi() for _ in range(3)]
    with_facts(kpis[0], HALF_A_YEAR)
    matrix("2011-Q3")
    period = Period.parse("2011-Q3", matrix("2011-Q3").period.calendar)
    with django_assert_max_num_queries(20) as none:
        build_matrix(period, today=LONG_AFTER)
    for kpi in kpis:
        with_facts(kpi, HALF_A_YEAR | {201107: 1, 201108: 1, 201109: 1})
    matrix("2011-Q3")
    with django_assert_max_num_queries(len(none) + 2):
        build_matrix(period, today=LONG_AFTER)
