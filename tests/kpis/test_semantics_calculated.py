"""Calculated KPIs: a formula over other KPIs' values of the same tier and period, evaluated after them.

What a formula may say is in ``test_formulas_of_kpis``; who may save one, in ``test_definition_services``.
"""

# fractions are compared with whole numbers
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Company, User
from core.periods import Month, Period
from customers.models import Customer, Tier
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.matrix import build_matrix
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import change_meaning, create_kpi
from tests import factories
from tests.kept import kept
from tests.kpis.reading import LONG_AFTER, cell, columns, record

pytestmark = pytest.mark.django_db


def calculated(code: str, formula: str, **fields: object) -> Kpi:
    return factories.kpi(code, formula=formula, customer_method="", time_method="", **fields)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def acme(gold: Tier) -> Customer:
    return factories.customer(tier=gold)


@kept
def margin(db: None) -> Kpi:
    return factories.kpi("margin", unit="currency")


@kept
def revenue(db: None) -> Kpi:
    return factories.kpi("revenue", unit="currency")


@kept
def share(margin: Kpi, revenue: Kpi) -> Kpi:
    return calculated("margin_pct", "100 * margin / revenue", unit="percent")


def test_it_is_computed_from_the_periods_values_and_never_from_its_months(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    record(margin, acme, {201101: 2, 201102: 2, 201103: 0})
    record(revenue, acme, {201101: 4, 201102: 100, 201103: 0})
    assert cell("2011-01", share, gold).actual == 50
    assert cell("2011-Q1", share, gold).actual == Fraction(400, 104)
    assert cell("2011-Q1", share).actual == Fraction(400, 104)


def test_each_tier_has_its_own_and_all_customers_is_no_average_of_them(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    other = factories.customer(tier=factories.tier("T2"))
    for customer, parts in ((acme, (1, 10)), (other, (9, 10))):
        record(margin, customer, {201101: parts[0]})
        record(revenue, customer, {201101: parts[1]})
    assert [cell("2011-01", share, tier).actual for tier in ("T1", "T2", "all")] == [10, 90, 50]


def test_a_blank_in_gives_a_blank_out(share: Kpi, margin: Kpi, acme: Customer, gold: Tier) -> None:
    record(margin, acme, {201101: 2})
    found = cell("2011-01", share, gold)
    assert (found.actual, found.status) == (None, Status.NO_DATA)


def test_a_division_by_zero_gives_a_blank(share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier) -> None:
    record(margin, acme, {201101: 2})
    record(revenue, acme, {201101: 0})
    assert cell("2011-01", share, gold).actual is None


def test_formulas_may_take_calculated_kpis_whatever_their_order(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    early = calculated("aaa_half", "margin_pct / 2", unit="percent", position=0)
    record(margin, acme, {201101: 1})
    record(revenue, acme, {201101: 4})
    assert cell("2011-01", early, gold).actual == Fraction(25, 2)


def test_months_and_facts_are_those_of_the_input_with_the_smallest_share_of_months(acme: Customer, gold: Tier) -> None:
    year = factories.kpi("year", time_method="ttm")
    quarter = factories.kpi("quarter")
    both = calculated("both", "year + quarter")
    record(year, acme, dict.fromkeys(range(201004, 201013), 1))
    record(year, factories.customer(tier=gold), {201104: 1})
    record(quarter, acme, {201101: 1, 201102: 1})
    found = cell("2011-Q1", both, gold)
    assert (found.months_with_data, found.months_expected, found.facts) == (2, 3, 2)


def test_a_tie_of_months_goes_to_the_input_that_the_formula_names_first(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    record(margin, acme, {201101: 1})
    record(revenue, acme, {201101: 4})
    record(revenue, factories.customer(tier=gold), {201101: 4})
    assert cell("2011-01", share, gold).facts == 1


def test_where_no_input_has_data_it_expects_the_months_of_the_one_that_the_formula_names_first(gold: Tier) -> None:
    factories.kpi("year", time_method="ttm")
    factories.kpi("quarter")
    before, after = calculated("before", "year / quarter"), calculated("after", "quarter / year")
    over = calculated("over", "before + after")
    expected = [cell("2011-Q1", kpi, gold).months_expected for kpi in (before, after, over)]
    assert expected == [12, 3, 12]


def test_an_input_without_data_has_the_smallest_share_through_every_formula(acme: Customer, gold: Tier) -> None:
    year = factories.kpi("year", time_method="ttm")
    factories.kpi("quarter")
    calculated("share", "year / quarter")
    over = calculated("over", "share / 2")
    record(year, acme, {201101: 1})
    found = cell("2011-Q1", over, gold)
    assert (found.actual, found.months_with_data, found.months_expected, found.facts) == (None, 0, 3, 0)


def test_in_the_column_untiered_it_is_made_of_untiered_values(share: Kpi, margin: Kpi, revenue: Kpi) -> None:
    nobody = factories.customer()
    record(margin, nobody, {201101: 1})
    record(revenue, nobody, {201101: 4})
    assert columns("2011-01") == ["untiered", "all"]
    assert cell("2011-01", share, "untiered").actual == 25


def test_it_is_partial_where_an_input_is_a_part_of_a_whole(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    factories.target(share, gold, 201101, 10, per="quarter")
    record(margin, acme, {201101: 1, 201102: 1, 201103: 1})
    record(revenue, acme, {201101: 4, 201102: 4})
    found = cell("2011-Q1", share, gold)
    assert (found.status, found.pace, found.variance) == (Status.PARTIAL, None, None)


def test_an_input_without_a_target_makes_it_partial_all_the_same(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    factories.target(share, gold, 201101, 10, per="quarter")
    record(margin, acme, {201101: 1, 201102: 1, 201103: 1})
    record(revenue, acme, {201101: 4, 201102: 4, 201103: 4})
    assert cell("2011-Q1", share, gold, date(2011, 3, 20)).status == Status.PARTIAL
    assert cell("2011-Q1", share, gold).status == Status.MET


def test_an_input_that_is_the_last_value_of_an_earlier_month_makes_it_partial(acme: Customer, gold: Tier) -> None:
    stock = factories.kpi("stock", customer_method="mean", time_method="last")
    twice = calculated("twice", "2 * stock")
    factories.target(twice, gold, 201101, 10)
    record(stock, acme, {201101: 5, 201102: 5})
    assert [cell(period, twice, gold).status for period in ("2011-Q1", "2011-02")] == [Status.PARTIAL, Status.MET]
    record(stock, acme, {201103: 5})
    assert cell("2011-Q1", twice, gold).status == Status.MET


def test_an_input_of_trailing_months_makes_it_no_part_to_date(acme: Customer, gold: Tier) -> None:
    year = factories.kpi("year", time_method="ttm")
    monthly = calculated("monthly", "year / 12")
    factories.target(monthly, gold, 201101, 1)
    record(year, acme, dict.fromkeys([*range(201003, 201013), 201101, 201102], 1))
    found = cell("2011-Q1", monthly, gold, date(2011, 3, 20))
    assert (found.actual, found.status, found.months_expected) == (1, Status.MET, 12)


def test_through_a_formula_over_a_formula_it_is_partial_and_its_change_withheld_all_the_same(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    over = calculated("over", "share_left / 2")
    calculated("share_left", "100 - margin_pct")
    factories.target(over, gold, 201101, 10)
    record(margin, acme, dict.fromkeys(range(201010, 201013), 1) | {201101: 1, 201103: 1})
    record(revenue, acme, dict.fromkeys([*range(201010, 201013), *range(201101, 201104)], 4))
    found = cell("2011-Q1", over, gold)
    assert (found.status, found.previous, found.months_with_data) == (Status.PARTIAL, None, 2)
    assert cell("2011-01", over, gold).previous == Fraction(75, 2)


def test_of_averages_it_is_compared_though_a_month_is_missing(acme: Customer, gold: Tier) -> None:
    for code in ("promoters", "detractors"):
        kpi = factories.kpi(code, unit="percent", customer_method="mean", time_method="pool")
        record(kpi, acme, {201101: 40 if code == "promoters" else 10})
    nps = calculated("nps", "promoters - detractors", unit="score")
    factories.target(nps, gold, 201101, 30)
    found = cell("2011-Q1", nps, gold)
    assert (found.actual, found.status, found.months_with_data) == (30, Status.MET, 1)


def test_its_target_is_the_row_in_force_for_it_does_not_scale(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    factories.target(share, gold, 201101, 25)
    for kpi, value in ((margin, 1), (revenue, 4)):
        record(kpi, acme, {201101: value, 201102: value, 201103: value})
    assert cell("2011-Q1", share, gold).target == 25


def test_it_is_judged_by_its_own_direction_and_band(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    cost = calculated("cost", "100 - margin_pct", direction="lower", near_band_abs=5)
    span = calculated("span", "margin_pct", direction="range", near_band_abs=5)
    factories.target(cost, gold, 201101, 70)
    factories.target(span, gold, 201101, low=30, high=40)
    record(margin, acme, {201101: 1})
    record(revenue, acme, {201101: 4})
    found = cell("2011-01", cost, gold)
    assert (found.actual, found.status, found.variance, found.attainment) == (75, Status.NEAR, 5, Fraction(14, 15))
    assert (cell("2011-01", span, gold).status, cell("2011-01", span, gold).variance) == (Status.NEAR, None)


def test_all_customers_do_not_sum_the_targets_of_its_tiers(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    factories.target(share, gold, 201101, 25)
    record(margin, acme, {201101: 1})
    record(revenue, acme, {201101: 4})
    assert cell("2011-01", share).target is None


def test_the_change_is_withheld_where_an_input_that_adds_up_misses_a_month(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, gold: Tier
) -> None:
    whole = dict.fromkeys(range(201101, 201107), 4)
    record(margin, acme, whole)
    record(revenue, acme, whole)
    assert cell("2011-Q2", share, gold).previous == 100
    other = factories.kpi("other")
    record(other, acme, {201101: 1, 201104: 1, 201105: 1, 201106: 1})
    mixed = calculated("mixed", "margin + other")
    assert cell("2011-Q2", mixed, gold).previous is None


NEW = {"name": "New", "indicator": "leading", "unit": "currency", "direction": "higher"}


def test_a_cycle_is_refused_when_the_formula_is_saved_with_its_path(revenue: Kpi, stella: User) -> None:
    one = calculated("one", "revenue / 2", unit="currency")
    calculated("two", "one + revenue", unit="currency")
    with pytest.raises(ValidationError, match="one → two → one"):
        change_meaning(kpi=one, by=stella, meaning={"formula": "two / 2"}, from_month=Month(201101), reason="So.")
    with pytest.raises(ValidationError, match="new → new"):
        create_kpi(by=stella, values=NEW | {"code": "new", "formula": "new + revenue"})


def test_it_has_no_methods_of_its_own(revenue: Kpi, stella: User) -> None:
    formula = {"code": "new", "formula": "revenue / 2"}
    with pytest.raises(ValidationError, match="has no methods of its own"):
        create_kpi(by=stella, values=NEW | formula | {"customer_method": "sum", "time_method": "sum"})
    assert create_kpi(by=stella, values=NEW | formula).calculated


def test_a_ring_that_came_in_all_the_same_has_no_value_and_breaks_no_page(acme: Customer, revenue: Kpi) -> None:
    one = calculated("one", "two + revenue")
    calculated("two", "one + revenue")
    record(revenue, acme, {201101: 1})
    roll_up_now()
    matrix = build_matrix(Period.parse("2011-01", Company.objects.get().calendar), today=LONG_AFTER)
    row = next(row for row in matrix.rows if row.kpi.pk == one.pk)
    assert {cell.status for cell in row.cells} == {Status.NO_DATA}


def test_the_matrix_takes_no_more_queries_for_formulas(
    share: Kpi, margin: Kpi, revenue: Kpi, acme: Customer, django_assert_num_queries: object
) -> None:
    record(margin, acme, {201101: 1})
    record(revenue, acme, {201101: 4})
    roll_up_now()
    period = Period.parse("2011-01", Company.objects.get().calendar)
    with django_assert_num_queries(4):  # type: ignore[operator]
        build_matrix(period, today=LONG_AFTER)


def test_a_product_beyond_all_measure_is_blank_on_every_page(ines: User, gold: Tier) -> None:
    """It would not fit the charts' numbers: the pages of everybody else's KPIs go on."""
    factories.fact(factories.kpi("a"), factories.customer(tier=gold), 201107, 10**11)
    calculated("b", "*".join("a" * 99))
    roll_up_now()
    browser = factories.signed_in(ines)
    for address in ("/matrix/2011-07/", "/matrix/2011-07/chart.json", "/matrix/2011-07/b/T1/", "/kpis/b/"):
        assert browser.get(address).status_code == 200, address
    assert browser.get("/kpis/b/chart.json").status_code == 200
