"""Which period a page, a mail or a call is of where it names none: one answer, asked by all of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Company
from core.periods import FiscalCalendar, Month
from kpis.reading.freshness import latest_period, latest_quarter
from kpis.rollup.runs import roll_up_now
from tests import factories

APRIL = FiscalCalendar(4)


@pytest.mark.parametrize(
    ("months", "today", "code"),
    [
        pytest.param([202606, 202607, 202608], date(2026, 10, 10), "2026-Q2", id="10 October, data to August: Q2"),
        pytest.param([202608, 202609], date(2026, 10, 1), "2026-Q3", id="the day after its last month"),
        pytest.param([202606, 202609], date(2026, 9, 30), "2026-Q2", id="a quarter that has not ended"),
        pytest.param([202606, 202610], date(2026, 10, 20), "2026-Q2", id="data to date alone are no reason to move on"),
        pytest.param([202607, 202608], date(2026, 10, 10), "2026-Q3", id="no last month: the newest with data"),
        pytest.param([202609, 202612], date(2026, 8, 10), "2026-Q3", id="none begun: the running quarter"),
        pytest.param([202605, 202612], date(2026, 8, 10), "2026-Q2", id="stored ahead does not count"),
        pytest.param([], date(2026, 8, 10), "2026-Q3", id="no data: the running quarter"),
    ],
)
def test_the_latest_period(months: list[int], today: date, code: str) -> None:
    assert latest_quarter(FiscalCalendar(1), [Month(month) for month in months], today).code == code


def test_the_latest_period_is_fiscal() -> None:
    months = [Month(month) for month in (202604, 202605)]
    assert latest_quarter(APRIL, months, date(2026, 7, 2)).code == "2027-Q1"
    assert latest_quarter(APRIL, [*months, Month(202603)], date(2026, 7, 2)).code == "2026-Q4"


def test_what_is_stored_of_a_retired_kpi_brings_no_newer_period(company: Company, time_machine: Any) -> None:
    time_machine.move_to("2026-10-10 12:00Z", tick=False)
    customer, old = factories.customer(), factories.kpi(retired_from=202608)
    for month in (202606, 202607, 202608, 202609):
        factories.fact(old, customer, month, 1)
    factories.fact(factories.kpi(), customer, 202606, 1)
    roll_up_now()
    assert latest_period(company).code == "2026-Q2"
