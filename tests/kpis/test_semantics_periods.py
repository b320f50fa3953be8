"""Periods: fiscal calendars, to date, and the company's day."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from accounts.models import Company
from core.periods import Period
from kpis.reading.matrix import build_matrix
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.kpis.reading import actual, cell, matrix, record

pytestmark = pytest.mark.django_db


def april(named_by: str = "end") -> None:
    """The company's fiscal year starts in April."""
    Company.objects.update(fiscal_year_start_month=4, fiscal_year_named_by=named_by)


def each_month(first: int = 201801, last: int = 202012) -> dict[int, int]:
    """A fact a month whose value tells the month."""
    return {month: month for month in range(first, last + 1) if 1 <= month % 100 <= 12}


def test_with_april_as_the_start_2019_q4_is_january_to_march_2019() -> None:
    april()
    kpi = factories.kpi()
    record(kpi, factories.customer(), each_month())
    assert actual("2019-Q4", kpi) == 201901 + 201902 + 201903
    assert actual("2019-Q1", kpi) == 201804 + 201805 + 201806


def test_named_by_its_start_2019_q4_is_january_to_march_2020() -> None:
    april("start")
    kpi = factories.kpi()
    record(kpi, factories.customer(), each_month())
    assert actual("2019-Q4", kpi) == 202001 + 202002 + 202003


def test_a_fiscal_year_has_twelve_months_from_its_start() -> None:
    april()
    kpi = factories.kpi()
    record(kpi, factories.customer(), {201803: 1, 201804: 10, 201903: 100, 201904: 1000})
    found = cell("2019", kpi)
    assert found.actual == 110
    assert (found.months_with_data, found.months_expected) == (2, 12)


def test_a_month_is_a_calendar_month_in_every_fiscal_calendar() -> None:
    april()
    kpi = factories.kpi()
    record(kpi, factories.customer(), each_month())
    assert actual("2019-02", kpi) == 201902


def test_the_previous_quarter_is_the_fiscal_one_before() -> None:
    april()
    kpi = factories.kpi()
    record(kpi, factories.customer(), each_month())
    assert cell("2019-Q1", kpi).previous == 201801 + 201802 + 201803


def test_quarter_and_year_targets_are_for_fiscal_quarters_and_years() -> None:
    april()
    kpi = factories.kpi()
    record(kpi, factories.customer(), each_month())
    factories.target(kpi, factories.all_customers(), 201904, 1200, per="year")
    factories.target(kpi, factories.all_customers(), 201907, 900, per="quarter")
    assert cell("2020-Q1", kpi).target == 300
    assert cell("2020-Q2", kpi).target == 900
    assert cell("2020-Q4", kpi).target == 300
    assert cell("2020", kpi).target == 1200
    assert cell("2019-Q4", kpi).target is None


def test_a_period_is_to_date_until_its_last_day_is_over() -> None:
    assert matrix("2011-Q1", date(2011, 3, 31)).to_date
    assert not matrix("2011-Q1", date(2011, 4, 1)).to_date


def test_the_change_is_withheld_to_date() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool")
    record(kpi, factories.customer(), {201011: 7, 201101: 3})
    assert cell("2011-Q1", kpi, today=date(2011, 3, 31)).previous is None
    assert cell("2011-Q1", kpi, today=date(2011, 4, 1)).previous == 7


@pytest.mark.parametrize("period", ["2011-05", "2011-Q2", "2011"])
def test_to_date_the_trailing_twelve_months_end_with_the_last_ended_month(period: str) -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, factories.customer(), {201004: 1, 201005: 10, 201104: 100, 201105: 1000})
    found = cell(period, kpi, today=date(2011, 5, 20))
    assert found.actual == 110
    assert (found.months_with_data, found.months_expected, found.facts) == (2, 12, 2)


def test_on_the_last_day_of_a_month_it_has_not_ended_for_the_trailing_twelve() -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, factories.customer(), {201104: 100, 201105: 1000})
    assert actual("2011-Q2", kpi, today=date(2011, 5, 31)) == 100
    assert actual("2011-Q2", kpi, today=date(2011, 6, 1)) == 1100


def test_before_any_month_of_a_year_has_ended_the_trailing_twelve_are_those_of_the_year_before() -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, factories.customer(), {201001: 1, 201012: 10, 201101: 100})
    assert actual("2011", kpi, today=date(2011, 1, 20)) == 11


def test_what_came_in_for_a_month_that_has_not_ended_counts_to_date() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool")
    record(kpi, factories.customer(), {201104: 1, 201105: 5})
    assert actual("2011-Q2", kpi, today=date(2011, 5, 20)) == 3


@pytest.mark.parametrize(("zone", "to_date"), [("UTC", True), ("Europe/Berlin", False), ("America/New_York", True)])
def test_today_is_the_day_in_the_companys_time_zone(zone: str, to_date: bool) -> None:
    Company.objects.update(time_zone=zone)
    period = Period.parse("2011-03", Company.objects.get().calendar)
    with time_machine.travel("2011-03-31T22:30:00Z", tick=False):
        assert build_matrix(period).to_date is to_date


def test_a_period_that_has_not_begun_has_no_values() -> None:
    kpi = factories.kpi(time_method="ttm", customer_method="mean")
    record(kpi, factories.customer(), {201104: 1})
    roll_up_now()
    calendar = Company.objects.get().calendar
    (row,) = build_matrix(Period.parse("2012-Q1", calendar), today=date(2011, 5, 20)).rows
    assert [(cell.actual, str(cell.status)) for cell in row.cells] == [(None, "no_data")]
