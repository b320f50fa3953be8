"""Signals: did anything really change? Rolled up, read in the matrix, and held against a second calculator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Company as StoredCompany
from accounts.models import User
from core.periods import Month, Period, shift
from customers.models import Tier
from kpis.choices import Assurance, Signal, SignalRule
from kpis.models import Kpi, MonthSignal, SignalTouch
from kpis.reading.matrix import Cell, build_matrix
from kpis.reading.signal_points import WindowMonth
from kpis.reading.signals import ColumnChart, read_chart, window_in, window_text
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import edit_kpi
from kpis.services.signals import set_step, take_back_step
from tests import factories
from tests.kept import kept
from tests.kpis.test_properties import examples, rolled_back
from tests.oracle.agreement import as_period, signal_differences
from tests.oracle.company import ALL, Company
from tests.oracle.database import store, stored_company
from tests.oracle.invented import WINDOW, companies
from tests.oracle.meanings import changing_companies

pytestmark = pytest.mark.django_db
HELD = frozenset({12, 13})

FIRST = Month(201001)
LONG_AFTER = date(2030, 1, 15)
QUIET = (5, 6, 5, 4, 5, 6, 7, 4, 5, 6, 4, 5)
LAST = shift(FIRST, 12)  # the month after the quiet ones


@kept
def gold(company: StoredCompany) -> Tier:
    factories.all_customers()
    return factories.tier("T1")


def measured(kpi: Kpi, tier: Tier, values: Sequence[Any], first: Month = FIRST) -> None:
    """One entered value a month; None: none."""
    for place, value in enumerate(values):
        if value is not None:
            factories.tier_actual(kpi, tier, shift(first, place), value)
            factories.touch(kpi, shift(first, place))


def cell(kpi: Kpi, tier: Tier, code: str = "2011-01", today: date = LONG_AFTER) -> Cell:
    """A cell of the matrix, rolled up and held against the oracle."""
    roll_up_now()
    matrix = build_matrix(Period.parse(code, StoredCompany.objects.get().calendar), today=today)
    if matrix.period.kind == "month":
        assert not signal_differences(matrix, stored_company(), today)
    row = next(row for row in matrix.rows if row.kpi.pk == kpi.pk)
    return next(one for one in row.cells if one.tier.pk == tier.pk)


def chart(kpi: Kpi, tier: Tier, month: Month = LAST) -> ColumnChart:
    """What the API answers of a column."""
    return read_chart(kpi, tier, month, today=LONG_AFTER)


def summed(code: str = "calls", **fields: Any) -> Kpi:
    """A KPI that adds up, lower is better."""
    return factories.kpi(code, **{"direction": "lower", "customer_method": "sum", "time_method": "sum", **fields})


def test_a_month_outside_its_limits_is_a_signal_in_tier_and_for_all(gold: Tier) -> None:
    kpi = summed()
    measured(kpi, gold, [*QUIET, 12])
    found = cell(kpi, gold)
    assert (found.signal, found.rule, found.signal_month) == (Signal.WORSE, SignalRule.OUTSIDE, LAST)
    assert cell(kpi, factories.all_customers()).signal == Signal.WORSE
    assert chart(kpi, gold).rules[-1] == SignalRule.OUTSIDE


def test_a_longer_period_shows_the_signal_of_its_last_ended_month(gold: Tier) -> None:
    kpi = summed()
    measured(kpi, gold, [*QUIET, 5, 12, 5])
    assert cell(kpi, gold, "2011-Q1").signal is None
    running = cell(kpi, gold, "2011-Q1", today=date(2011, 3, 5))
    assert (running.signal, running.signal_month) == (Signal.WORSE, 201102)
    assert cell(kpi, gold, "2011-Q1", today=date(2011, 1, 5)).signal_month is None


def test_a_month_that_has_not_ended_gives_no_signal_until_it_has(gold: Tier, time_machine: Any) -> None:
    time_machine.move_to("2011-01-20")
    kpi = summed()
    measured(kpi, gold, [*QUIET, 12])
    assert cell(kpi, gold, today=date(2011, 1, 20)).signal is None
    assert cell(kpi, gold, today=date(2011, 2, 1)).signal == Signal.WORSE  # by no other rollup


def test_late_data_of_an_earlier_month_tell_later_months_anew(gold: Tier) -> None:
    kpi = summed()
    measured(kpi, gold, [*QUIET[:6], *[None] * 6, 12])
    assert (cell(kpi, gold).signal, len(chart(kpi, gold).points)) == (None, 7)
    measured(kpi, gold, QUIET[6:], shift(FIRST, 6))
    assert cell(kpi, gold).signal == Signal.WORSE


def test_trailing_twelve_months_and_what_is_made_of_them_have_none(gold: Tier) -> None:
    calls, year = summed(), factories.kpi("year", customer_method="sum", time_method="ttm")
    per_year = factories.kpi("per_year", formula="calls / year", customer_method="", time_method="")
    half = factories.kpi("half", formula="calls / 2", customer_method="", time_method="", direction="lower")
    for kpi in (calls, year):
        measured(kpi, gold, [*QUIET, 12])
    assert [cell(kpi, gold).signal for kpi in (year, per_year, half)] == [None, None, Signal.WORSE]
    assert not chart(year, gold).points


def test_a_provisional_month_is_no_point(gold: Tier) -> None:
    kpi = summed(complete_when="marked")
    measured(kpi, gold, [*QUIET, 12])
    for place in range(13):
        factories.complete_month(kpi, shift(FIRST, place)) if place != 12 else None
    assert cell(kpi, gold).signal is None
    factories.complete_month(kpi, LAST)
    assert cell(kpi, gold).signal == Signal.WORSE


def test_a_thin_month_has_limits_and_no_signal(gold: Tier) -> None:
    kpi = factories.kpi("rating", customer_method="mean", time_method="pool", direction="lower")
    people = [factories.customer(f"C{number}", tier=gold) for number in range(4)]
    for place, value in enumerate([*QUIET, 12]):
        for person in people[:1] if place == 12 else people:
            factories.fact(kpi, person, shift(FIRST, place), value)
        factories.touch(kpi, shift(FIRST, place))
    assert (cell(kpi, gold).signal, cell(kpi, gold).assurance) == (None, None)
    found = chart(kpi, gold)
    assert found.limits is not None
    assert (found.signal, found.rules[-1], [one.month for one in found.thin]) == (None, None, [LAST])


def test_a_step_takes_limits_anew_in_its_column_until_it_is_taken_back(gold: Tier, stella: User) -> None:
    kpi, high = summed(), [50, 52, 51, 50, 52, 51, 50, 52, 51, 50, 52, 51, 50]
    measured(kpi, gold, [*QUIET, *high])
    last = "2012-01"
    assert cell(kpi, gold, last).signal == Signal.WORSE
    step = set_step(kpi=kpi, tier=gold, month=LAST, reason="The desks were merged", by=stella)
    assert cell(kpi, gold, last).signal is None
    assert cell(kpi, factories.all_customers(), last).signal == Signal.WORSE
    found = chart(kpi, gold, shift(LAST, 12))
    assert ([one.reason for one in found.steps], len(found.points)) == (["The desks were merged"], 13)
    take_back_step(step=step, reason="They were not", by=stella)
    assert cell(kpi, gold, last).signal == Signal.WORSE
    assert not SignalTouch.objects.exists()


def test_a_seasonal_kpi_is_held_against_the_year_before(gold: Tier, stella: User) -> None:
    kpi = summed()
    year = (1, 2, 3, 20, 30, 40, 40, 30, 20, 3, 2, 1)
    noises = (*QUIET, *QUIET[::-1], *QUIET)
    measured(kpi, gold, [value + noise for value, noise in zip(year * 3, noises, strict=True)])
    measured(kpi, gold, [QUIET[0] + 31], shift(FIRST, 36))
    assert cell(kpi, gold, "2013-01").signal is None
    edit_kpi(kpi=Kpi.objects.get(), by=stella, values={"seasonal": True})
    assert cell(kpi, gold, "2013-01").signal == Signal.WORSE


def test_assurance_needs_no_rollup_after_an_approval(gold: Tier) -> None:
    kpi = summed()
    measured(kpi, gold, [*QUIET, 5])
    assert cell(kpi, gold).assurance is None
    factories.target(kpi, gold, FIRST, 20)
    assert cell(kpi, gold).assurance == Assurance.WILL_MEET
    assert cell(kpi, factories.all_customers()).assurance == Assurance.WILL_MEET  # by the sum of the tiers
    other = summed("others")
    measured(other, gold, [*QUIET, 5])
    factories.target(other, gold, FIRST, 1)
    assert (cell(other, gold).assurance, cell(other, gold).is_gap) == (Assurance.WILL_MISS, True)


def test_run_twice_the_rows_are_the_same(gold: Tier) -> None:
    kpi = summed()
    measured(kpi, gold, [*QUIET, 12])
    roll_up_now()
    before = list(MonthSignal.objects.order_by("pk").values_list("month", "tier", "signal", "window"))
    factories.touch(kpi, FIRST)
    roll_up_now()
    assert before == list(MonthSignal.objects.order_by("pk").values_list("month", "tier", "signal", "window"))


def test_a_window_is_read_as_it_was_kept() -> None:
    months = WindowMonth(Month(202309), Fraction(5, 3), frozenset()), WindowMonth(Month(202310), Fraction(-7), HELD)
    assert window_text(months) == "202309 5/3;202310 -7 12,13"
    assert window_in(window_text(months)) == [(202309, 5, 3, ""), (202310, -7, 1, "12,13")]


@pytest.mark.slow
@examples(8)
@given(st.one_of(companies(), changing_companies()), st.lists(st.booleans(), min_size=8, max_size=8), st.data())
def test_invented_companies_have_the_signals_of_the_second_calculator(
    company: Company, seasonal: list[bool], data: Any
) -> None:
    codes = [kpi.code for kpi in company.kpis]
    steps = st.tuples(st.sampled_from(codes), st.sampled_from([None, ALL]), st.sampled_from(WINDOW[2:10]))
    kpis = [replace(kpi, seasonal=one) for kpi, one in zip(company.kpis, seasonal * 4, strict=False)]
    company = replace(company, kpis=kpis, steps=data.draw(st.lists(steps, max_size=2, unique=True)))
    with rolled_back():
        store(company)
        roll_up_now()
        for month in WINDOW[-3:]:
            found = build_matrix(as_period(company.calendar.span("month", month), company.calendar), today=LONG_AFTER)
            assert not signal_differences(found, company, LONG_AFTER)
