"""Did it move its number? Asked of what is finished, answered by signals, with the tiers it was not for beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.periods import Month, shift
from customers.models import Tier
from initiatives.choices import Stage
from initiatives.models import Initiative
from kpis.choices import TimeMethod
from kpis.models import Kpi, MonthSignal
from kpis.rollup.runs import roll_up_now
from scorecard.choices import Moved
from scorecard.pages.moved import show_movement
from scorecard.reading.moved import Movement, moved_numbers
from tests import factories as make
from tests.kept import kept
from tests.kpis.test_semantics_signals import FIRST, QUIET, measured, summed
from tests.scorecard.reading import text_of

pytestmark = pytest.mark.django_db

FINISHED = date(2011, 3, 15)  # asked of April to September
AFTER = date(2011, 10, 1)


@kept
def gold(company: Any) -> Tier:
    make.all_customers()
    return make.tier("T1", name="Gold")


@kept
def silver(gold: Tier) -> Tier:
    return make.tier("T2", name="Silver")


@kept
def calls(gold: Tier) -> Kpi:
    return summed(name="Calls")


def said(kpi: Kpi, tier: Tier, month: int, signal: str = "") -> None:
    """What a rollup kept of a month, which had a chart."""
    window = f"{month} 1"
    MonthSignal.objects.update_or_create(
        kpi=kpi,
        tier=tier,
        month=month,
        defaults={"signal": signal, "rule": "outside" if signal else "", "window": window},
    )


def done(*kpis: Any, code: str = "phones", finished_on: date = FINISHED, **fields: Any) -> Initiative:
    return make.initiative(code, stage=Stage.DONE, finished_on=finished_on, kpis=kpis, **fields)


def only(today: date = AFTER) -> Movement:
    (found,) = moved_numbers(today).movements
    return found


@pytest.mark.parametrize(("month", "answer"), [(201103, "no"), (201104, "yes"), (201109, "yes"), (201110, "no")])
def test_yes_is_a_signal_for_the_better_in_one_of_six_months(calls: Kpi, gold: Tier, month: int, answer: str) -> None:
    done((calls, gold))
    for each in range(201103, 201111):
        said(calls, gold, each, "worse")
    said(calls, gold, month, "better")
    found = only(date(2011, 11, 20))
    assert (found.answer, found.cells[0].month) == (answer, month if answer == "yes" else None)


def test_before_the_six_months_have_ended_it_is_too_early_unless_it_already_did(calls: Kpi, gold: Tier) -> None:
    done((calls, gold))
    said(calls, gold, 201105)
    assert only(date(2011, 9, 30)).answer == Moved.TOO_EARLY
    assert only(date(2011, 10, 1)).answer == Moved.NO
    said(calls, gold, 201105, "better")
    assert only(date(2011, 5, 31)).answer == Moved.TOO_EARLY  # May has not ended: its signal does not show
    assert only(date(2011, 6, 1)).answer == Moved.YES


def test_what_has_no_chart_cannot_be_told(calls: Kpi, gold: Tier) -> None:
    done(code="no-kpi")
    done(make.kpi("trailing", time_method=TimeMethod.TTM), code="ttm")
    done(make.kpi("between", direction="range"), code="range")
    done((calls, gold), code="young")  # no twelve months
    found = moved_numbers(AFTER)
    assert {one.initiative.code: one.answer for one in found.movements} == dict.fromkeys(
        ("no-kpi", "ttm", "range", "young"), Moved.UNTOLD
    )
    assert (found.yes, found.no, found.too_early, found.untold, found.asked) == (0, 0, 0, 4, 0)


def test_a_link_without_a_tier_is_of_its_own_tiers_else_of_all_customers(calls: Kpi, gold: Tier, silver: Tier) -> None:
    everyone = make.all_customers()
    done(calls, code="everybody")
    done(calls, code="silver", tiers=(silver,))
    said(calls, everyone, 201106)
    said(calls, silver, 201106)
    said(calls, gold, 201107, "better")
    found = {one.initiative.code: one for one in moved_numbers(AFTER).movements}
    assert [(cell.tier, cell.month) for cell in found["everybody"].cells] == [(everyone, None)]
    assert found["everybody"].beside == ()
    assert [(cell.tier, cell.month) for cell in found["silver"].cells] == [(silver, None)]
    assert [(cell.tier, cell.month) for cell in found["silver"].beside] == [(gold, 201107)]
    assert show_movement(found["silver"]).why.endswith("really got better, and so did Gold, which it was not for.")


def test_it_is_read_of_what_rollups_keep(calls: Kpi, gold: Tier) -> None:
    measured(calls, gold, [*QUIET, *QUIET[:3], 0])  # April 2011 is far lower, which is better
    assert shift(FIRST, 15) == Month(201104)
    roll_up_now()
    done((calls, gold))
    assert (only().answer, only().cells[0].month) == (Moved.YES, 201104)


def test_the_page_of_a_finished_initiative_says_it(calls: Kpi, gold: Tier, silver: Tier, browser: Any) -> None:
    done((calls, gold))
    make.initiative("running", kpis=((calls, gold),))
    said(calls, gold, 201105, "better")
    said(calls, silver, 201105)
    page = text_of(browser.get("/initiatives/phones/"))
    assert "Did it move its number? ● yes" in page
    assert "Calls, Gold really better in May 2011" in page
    assert "Calls, Silver not really better" in page
    assert "Did it move" not in text_of(browser.get("/initiatives/running/"))


def test_it_costs_the_same_however_many_finished(
    calls: Kpi, gold: Tier, silver: Tier, django_assert_num_queries: Any
) -> None:
    done((calls, gold))
    done(calls, code="second", tiers=(silver,))
    with django_assert_num_queries(7):
        moved_numbers(AFTER)
    for number in range(20):
        kpi = make.kpi(f"kpi-{number}")
        done(kpi, calls, code=f"more-{number}", tiers=(gold, silver))
        said(kpi, gold, 201105, "better")
    with django_assert_num_queries(7):
        assert moved_numbers(AFTER).yes == 20
