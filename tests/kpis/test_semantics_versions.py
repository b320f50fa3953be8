"""Versions: a change of method, direction or formula stands from a month on; old values keep the old meaning."""

# fractions are compared with whole numbers
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Company
from core.periods import Month, Period
from customers.models import Customer, Tier
from kpis.choices import Status
from kpis.models import Kpi, KpiVersion
from kpis.reading.matrix import build_matrix
from kpis.rollup.runs import roll_up_now
from kpis.services.versions import meaning_of
from tests import factories
from tests.kept import kept
from tests.kpis.reading import cell, matrix, record
from tests.kpis.test_semantics_calculated import calculated

pytestmark = pytest.mark.django_db

EVERY_MONTH = dict.fromkeys([201101, 201102, 201103, 201104, 201105, 201106], 2)


def changed(kpi: Kpi, from_month: int, **meaning: Any) -> Kpi:
    """The KPI with another version from that month on; its months are marked for the rollup."""
    before = meaning_of(kpi)
    if not kpi.versions.exists():
        KpiVersion.objects.create(kpi=kpi, from_month=100001, **before)
    KpiVersion.objects.create(kpi=kpi, from_month=from_month, **{**before, **meaning})
    for name, value in meaning.items():
        setattr(kpi, name, value)
    kpi.versions_from = Month(from_month)
    kpi.save()
    for month in EVERY_MONTH:
        factories.touch(kpi, month)
    return kpi


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def acme(gold: Tier) -> Customer:
    return factories.customer(tier=gold)


@kept
def kpi(acme: Customer) -> Kpi:
    made = factories.kpi()
    record(made, acme, EVERY_MONTH)
    return made


def test_a_period_uses_the_version_of_its_last_month(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201104, customer_method="mean", time_method="mean")
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 2
    assert cell("2011", kpi, gold).actual == 2
    assert cell("2011-03", kpi, gold).actual == 2


def test_a_version_within_a_quarter_holds_for_all_of_it(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201106, time_method="mean")
    assert cell("2011-Q2", kpi, gold).actual == 2
    assert cell("2011-05", kpi, gold).actual == 2


def test_no_change_is_shown_across_versions(kpi: Kpi, gold: Tier) -> None:
    assert cell("2011-Q2", kpi, gold).previous == 6
    changed(kpi, 201104, direction="lower")
    assert cell("2011-Q2", kpi, gold).previous is None
    assert cell("2011-06", kpi, gold).previous == 2


def test_no_change_is_shown_where_an_old_meaning_came_back(kpi: Kpi, gold: Tier) -> None:
    changed(changed(kpi, 201102, direction="lower"), 201103, direction="higher")
    record(kpi, factories.customer(tier=gold), {201012: 1})
    assert [cell(f"2011-0{month}", kpi, gold).previous for month in (1, 2, 3, 4)] == [1, None, None, 2]


def test_a_period_to_date_uses_the_version_of_its_last_month_though_that_has_not_come(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201112, customer_method="mean", time_method="mean")
    assert cell("2011", kpi, gold, date(2011, 6, 20)).actual == 2
    assert cell("2011-Q2", kpi, gold, date(2011, 6, 20)).actual == 6


def test_old_periods_keep_their_direction(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201104, direction="lower")
    factories.target(kpi, gold, 201101, 5)
    factories.target(kpi, gold, 201104, 5)
    assert cell("2011-03", kpi, gold).status == Status.MISSED
    assert cell("2011-04", kpi, gold).status == Status.MET


def test_trailing_months_begin_with_their_version_and_look_back_before_it(kpi: Kpi, gold: Tier) -> None:
    changed(kpi, 201104, time_method="ttm")
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 12
    assert cell("2011-04", kpi, gold).actual == 8
    assert cell("2011-04", kpi, gold).months_expected == 12


def test_trailing_months_end_with_their_version(acme: Customer, gold: Tier) -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, acme, EVERY_MONTH)
    changed(kpi, 201104, time_method="sum")
    assert cell("2011-Q1", kpi, gold).months_expected == 12
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 6


def test_trailing_months_to_date_end_before_their_version_begins(kpi: Kpi, acme: Customer, gold: Tier) -> None:
    """The year to date means what December will; its window ends with May, which still means a sum of its own."""
    changed(kpi, 201112, customer_method="mean", time_method="ttm")
    record(kpi, factories.customer(tier=gold), {201105: 7})
    found = cell("2011", kpi, gold, date(2011, 6, 20))
    assert (found.actual, found.months_with_data, found.months_expected, found.facts) == (Fraction(17, 6), 5, 12, 6)
    assert cell("2011-Q2", kpi, gold, date(2011, 6, 20)).actual == 13


def test_trailing_counts_to_date_of_a_version_to_come_read_each_customer_once(kpi: Kpi, gold: Tier) -> None:
    other = factories.customer(tier=gold)
    record(kpi, other, {201101: 1, 201105: 1})
    half = calculated("half", f"{kpi.code} / 2")
    changed(kpi, 201112, customer_method="distinct", time_method="ttm")
    today = date(2011, 6, 20)
    assert [cell("2011", one, tier, today).actual for one in (kpi, half) for tier in (gold, "all")] == [2, 2, 1, 1]


def test_a_trailing_version_takes_the_year_row_and_no_month_row_of_before(kpi: Kpi, gold: Tier) -> None:
    factories.target(kpi, gold, 201101, 5)
    changed(kpi, 201104, time_method="ttm")
    assert [cell(f"2011-0{month}", kpi, gold).target for month in (3, 4)] == [5, None]
    factories.target(kpi, gold, 201101, 99, per="year")
    factories.target(kpi, gold, 201201, 98, per="year")
    assert [cell(period, kpi, gold).target for period in ("2011-03", "2011-04", "2012-04")] == [5, None, 98]


def test_pace_is_held_against_no_target_of_what_the_kpi_meant_before(acme: Customer, gold: Tier) -> None:
    kpi = factories.kpi(customer_method="mean", time_method="sum")
    record(kpi, acme, {201101: 2, 201102: 2})
    record(kpi, factories.customer(tier=gold), {201101: 4})
    factories.target(kpi, gold, 201101, 4)
    assert cell("2011-Q1", kpi, gold, date(2011, 3, 20)).pace == Status.MISSED
    changed(kpi, 201103, customer_method="sum")
    found = cell("2011-Q1", kpi, gold, date(2011, 3, 20))
    assert (found.actual, found.status, found.pace) == (8, Status.NO_TARGET, None)


def test_another_unit_and_band_stand_from_their_month_on(acme: Customer, gold: Tier) -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool", near_band_abs=1)
    record(kpi, acme, dict.fromkeys(EVERY_MONTH, (1, 2)))
    factories.target(kpi, gold, 201101, 1)
    changed(kpi, 201104, unit="percent", near_band_abs=None)
    factories.target(kpi, gold, 201104, 60)
    found = [cell(f"2011-0{month}", kpi, gold) for month in (3, 4, 5)]
    assert [one.actual for one in found] == [Fraction(1, 2), 50, 50]
    assert [str(one.status) for one in found] == ["near", "missed", "missed"]
    assert [one.previous for one in found] == [Fraction(1, 2), None, 50]


@pytest.mark.parametrize(
    ("per", "months"), [("month", [2, 2, None]), ("quarter", [2, 2, None]), ("year", [2, 2, None])]
)
def test_a_target_ends_with_the_version_of_its_first_month(kpi: Kpi, gold: Tier, per: str, months: list[Any]) -> None:
    value = {"month": 2, "quarter": 6, "year": 24}[per]
    factories.target(kpi, gold, 201101, value, per=per)
    changed(kpi, 201103, direction="lower")
    assert [cell(f"2011-0{month}", kpi, gold).target for month in (1, 2, 3)] == months
    assert [cell(period, kpi, gold).target for period in ("2011-Q1", "2011-Q2", "2011")] == [None, None, None]


def test_a_meaning_that_comes_back_brings_no_target_back(kpi: Kpi, gold: Tier) -> None:
    factories.target(kpi, gold, 201101, 2)
    changed(changed(kpi, 201102, direction="lower"), 201103, direction="higher")
    assert [cell(f"2011-0{month}", kpi, gold).target for month in (1, 2, 3)] == [2, None, None]
    factories.target(kpi, gold, 201103, 3)
    assert [cell(f"2011-0{month}", kpi, gold).target for month in (1, 2, 3, 4)] == [2, None, 3, 3]


def test_all_customers_sum_no_target_of_a_meaning_that_ended(kpi: Kpi, gold: Tier) -> None:
    factories.target(kpi, gold, 201101, 2)
    assert cell("2011-03", kpi).target == 2
    changed(kpi, 201103, unit="days")
    assert [cell(f"2011-0{month}", kpi).target for month in (2, 3)] == [2, None]


def test_silence_means_zero_by_a_version_that_sums_and_nothing_by_one_that_takes_means(gold: Tier) -> None:
    silver = factories.tier("T2")
    kpi = factories.kpi(customer_method="mean", time_method="mean")
    record(kpi, factories.customer(tier=gold), EVERY_MONTH)
    changed(kpi, 201104, customer_method="sum")
    kpi.absent = "zero"
    kpi.save()
    found = [cell(period, kpi, silver) for period in ("2011-Q1", "2011-Q2")]
    assert [(one.actual, one.months_with_data) for one in found] == [(None, 0), (0, 3)]


def test_a_target_of_one_value_says_nothing_once_the_direction_is_a_range(kpi: Kpi, gold: Tier) -> None:
    factories.target(kpi, gold, 201101, 2)
    changed(kpi, 201104, direction="range")
    assert [cell(f"2011-0{month}", kpi, gold).status for month in (3, 4)] == [Status.MET, Status.NO_TARGET]
    factories.target(kpi, gold, 201105, low=1, high=3)
    assert [cell(f"2011-0{month}", kpi, gold).status for month in (4, 5)] == [Status.NO_TARGET, Status.MET]


def test_a_kpi_that_takes_the_facts_of_another_keeps_its_own_meaning(kpi: Kpi, gold: Tier) -> None:
    other = factories.kpi("other", facts_of=kpi)
    changed(kpi, 201104, customer_method="mean", time_method="mean")
    assert [cell("2011-Q2", one, gold).actual for one in (kpi, other)] == [2, 6]
    assert [cell("2011-Q2", one, gold).previous for one in (kpi, other)] == [None, 6]


def test_many_meanings_that_change_within_a_period_cost_the_queries_of_one(acme: Customer, gold: Tier) -> None:
    def queries() -> int:
        roll_up_now()
        with CaptureQueriesContext(connection) as found:
            build_matrix(Period.parse("2011", Company.objects.get().calendar), today=date(2011, 6, 20))
        return len(found)

    def changing(time_method: str) -> None:
        kpi = factories.kpi(time_method="mean")
        record(kpi, acme, EVERY_MONTH)
        factories.target(kpi, gold, 201101, 1)
        changed(kpi, 201112, time_method=time_method)

    for time_method in ("ttm", "pool"):
        changing(time_method)
    few = queries()
    for time_method in ("ttm", "pool", "ttm", "pool"):
        changing(time_method)
    assert queries() == few


def test_a_count_of_customers_goes_back_to_the_facts_in_either_version(kpi: Kpi, gold: Tier) -> None:
    record(kpi, factories.customer(tier=gold), {201105: 1})
    changed(kpi, 201104, customer_method="distinct", time_method="pool")
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert cell("2011-Q2", kpi, gold).actual == 2
    assert cell("2011", kpi, gold).actual == 2


def test_a_formula_may_be_another_from_a_month_on(kpi: Kpi, gold: Tier) -> None:
    twice = calculated("twice", f"2 * {kpi.code}")
    changed(twice, 201104, formula=f"3 * {kpi.code}")
    assert cell("2011-03", twice, gold).actual == 4
    assert cell("2011-04", twice, gold).actual == 6
    assert cell("2011-04", twice, gold).previous is None


def test_an_inputs_version_withholds_the_change_of_what_is_calculated(kpi: Kpi, gold: Tier) -> None:
    twice = calculated("twice", f"2 * {kpi.code}")
    assert cell("2011-Q2", twice, gold).previous == 12
    changed(kpi, 201104, time_method="mean")
    assert cell("2011-Q2", twice, gold).previous is None


def test_a_kpi_may_become_a_formula(kpi: Kpi, gold: Tier) -> None:
    other = factories.kpi("other")
    record(other, factories.customer(tier=gold), EVERY_MONTH)
    changed(other, 201104, formula=f"10 * {kpi.code}", customer_method="", time_method="")
    assert cell("2011-03", other, gold).actual == 2
    assert cell("2011-04", other, gold).actual == 20


def test_a_retired_kpi_leaves_the_matrix_and_keeps_its_past(kpi: Kpi, gold: Tier) -> None:
    kpi.retired_from = Month(201104)
    kpi.save()
    assert cell("2011-Q1", kpi, gold).actual == 6
    assert matrix("2011-Q2").rows == ()


def test_what_is_stored_of_a_retired_kpi_counts_for_nobody_who_takes_it(kpi: Kpi, gold: Tier) -> None:
    taker, twice = factories.kpi("taker", facts_of=kpi), calculated("twice", f"2 * {kpi.code}")
    counter = factories.kpi("counter", facts_of=kpi, customer_method="distinct", time_method="pool")
    factories.target(kpi, gold, 201104, 5)
    kpi.retired_from = Month(201105)
    kpi.save()
    found = [cell("2011-Q2", one, gold) for one in (taker, twice, counter)]
    assert [(one.actual, one.months_with_data) for one in found] == [(2, 1), (4, 1), (1, 1)]
    assert [cell("2011-05", one, gold).actual for one in (taker, twice, counter)] == [None, None, None]
    assert cell("2011-04", kpi, gold).target == 5
