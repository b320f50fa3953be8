"""One cell explained: months, notes, trend."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.company import company
from core.periods import Month, Period
from customers.models import Tier
from kpis.models import Kpi
from kpis.reading.explanations import CellStory, explain_cell
from kpis.rollup.runs import roll_up_now
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def story(kpi: Kpi, tier: Tier, code: str = "2026-Q3", today: date = TODAY) -> CellStory:
    roll_up_now()
    return explain_cell(Period.parse(code, company().calendar), kpi, tier, today=today)


@kept
def gold() -> Tier:
    return factories.tier("T1", name="Gold")


@kept
def silver() -> Tier:
    return factories.tier("T2", name="Silver")


def moved_company(gold: Tier, silver: Tier) -> Kpi:
    """Anna stays in gold; Bert, smaller, moves up into it on 1 July."""
    revenue = factories.kpi("revenue")
    anna, bert = factories.customer("anna", tier=gold), factories.customer("bert", tier=silver)
    factories.member(bert, gold, "2026-07-01")
    for month in (202604, 202605, 202606):
        factories.fact(revenue, anna, month, 100)
        factories.fact(revenue, bert, month, 40)
    for month in (202607, 202608, 202609):
        factories.fact(revenue, anna, month, 90)
        factories.fact(revenue, bert, month, 50)
    return revenue


def test_entered_actuals_say_where_they_come_from(gold: Tier) -> None:
    entered = factories.kpi("entered")
    for month in (202604, 202605, 202606, 202607, 202608, 202609):
        factories.tier_actual(entered, gold, month, 5)
    notes = story(entered, gold).notes
    assert notes[0] == "The actuals were entered per tier; nobody measures this KPI per customer."


def test_in_a_count_each_customer_counts_once(gold: Tier) -> None:
    active = factories.kpi("active", customer_method="distinct", time_method="pool")
    factories.fact(active, factories.customer(tier=gold), 202609, 1)
    assert any("counts once" in note for note in story(active, gold).notes)


def test_months_without_data_are_listed(gold: Tier) -> None:
    revenue = factories.kpi("revenue")
    factories.fact(revenue, factories.customer(tier=gold), 202608, 5)
    found = story(revenue, gold)
    assert list(found.months) == [202608]
    assert found.missing == (202607, 202609)
    assert "Months without data are left out; they are not counted as zero." in found.notes


def test_silence_that_means_zero_is_said(gold: Tier, silver: Tier) -> None:
    complaints = factories.kpi("complaints", absent="zero")
    factories.fact(complaints, factories.customer(tier=gold), 202609, 5)
    found = story(complaints, silver, "2026-09")
    assert found.cell.actual == 0
    assert any("silence here means zero" in note for note in found.notes)


def test_the_trend_goes_back_24_months_with_the_target_of_each(gold: Tier) -> None:
    revenue = factories.kpi("revenue")
    someone = factories.customer(tier=gold)
    factories.fact(revenue, someone, 202608, 5)
    factories.fact(revenue, someone, 202609, 6)
    factories.target(revenue, gold, 202609, 7)
    trend = story(revenue, gold).trend
    assert (len(trend), trend[0].month, trend[-1].month) == (24, 202410, 202609)
    assert [(point.actual, point.goal.value if point.goal else None) for point in trend[-2:]] == [(5, None), (6, 7)]


def test_the_trend_ends_with_the_last_ended_month(gold: Tier) -> None:
    revenue = factories.kpi("revenue")
    factories.fact(revenue, factories.customer(tier=gold), 202609, 6)
    assert story(revenue, gold, "2026-Q4").trend[-1].month == Month(202610)


def test_a_trailing_value_explains_the_twelve_months_that_it_covers(gold: Tier) -> None:
    trailing = factories.kpi("trailing", time_method="ttm")
    someone = factories.customer(tier=gold)
    for month in (202510, 202609, 202610):
        factories.fact(trailing, someone, month, 1)
    found = story(trailing, gold, "2026-Q4")
    assert found.cell.actual == 2  # November 2025 to October 2026
    assert list(found.months) == [202609, 202610]
    assert len(found.missing) == 10
