"""What is stored of months that have not begun counts in no cell until they begin, whoever let it in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import time_machine

from accounts.company import company
from accounts.models import User
from core.periods import Month, Period
from customers.models import Tier
from kpis.choices import Trigger
from kpis.models import Kpi, MonthCell, PeriodCell, RolledSlice, RollupRun, SliceTouch
from kpis.reading.matrix import Cell, build_matrix
from kpis.reading.recombined import months_together
from kpis.rollup.runs import finish, roll_up_now, roll_up_part, start_run
from kpis.services.actuals import ActualsRefused, Entry, enter_actuals
from tests import factories
from tests.factories import signed_in
from tests.kept import kept

pytestmark = pytest.mark.django_db

NOVEMBER = datetime.fromisoformat("2027-11-20T12:00:00+00:00")
DECEMBER = datetime.fromisoformat("2027-12-20T12:00:00+00:00")


@kept
def gold() -> Tier:
    return factories.tier("T1")


def cell(period: str, kpi: Kpi, today: date) -> Cell:
    matrix = build_matrix(Period.parse(period, company().calendar), today=today)
    row = next(row for row in matrix.rows if row.kpi.pk == kpi.pk)
    return next(one for one in row.cells if one.tier.code == "all")


def held(period: str, kpi: Kpi, today: date) -> tuple[Fraction | None, int, int]:
    """Value, months with data, facts."""
    found = cell(period, kpi, today)
    return found.actual, found.months_with_data, found.facts


def measured(kpi: Kpi, gold: Tier) -> None:
    """A fact of another customer in October, November and December."""
    for month in (202710, 202711, 202712):
        factories.fact(kpi, factories.customer(tier=gold), month, 1)


METHODS = [("sum", "sum"), ("sum", "pool"), ("distinct", "pool"), ("sum", "ttm"), ("distinct", "ttm")]


@pytest.mark.parametrize(("customers", "time"), METHODS)
@pytest.mark.parametrize("period", ["2027-Q4", "2027"])
def test_a_month_counts_once_it_has_begun(gold: Tier, customers: str, time: str, period: str) -> None:
    kpi = factories.kpi(customer_method=customers, time_method=time)
    measured(kpi, gold)
    with time_machine.travel(NOVEMBER, tick=False):
        roll_up_now()
        assert [*SliceTouch.objects.values_list("month", flat=True)] == [202712]
        trailing = time == "ttm"  # ends with the last month that has ended
        assert held(period, kpi, NOVEMBER.date()) == ((1, 1, 1) if trailing else (2, 2, 2))
        assert roll_up_now() is None
    with time_machine.travel(DECEMBER, tick=False):
        roll_up_now()
        assert held(period, kpi, DECEMBER.date()) == ((2, 2, 2) if trailing else (3, 3, 3))
        assert not SliceTouch.objects.exists()


def test_silence_in_a_complete_month_means_zero_once_it_has_begun(gold: Tier) -> None:
    kpi = factories.kpi(absent="zero")
    factories.fact(kpi, factories.customer(tier=gold), 202710, 1)
    factories.complete_month(kpi, 202712)
    with time_machine.travel(NOVEMBER, tick=False):
        roll_up_now()
        assert held("2027-Q4", kpi, NOVEMBER.date()) == (1, 1, 1)
    with time_machine.travel(DECEMBER, tick=False):
        roll_up_now()
        assert held("2027-Q4", kpi, DECEMBER.date()) == (1, 2, 1)


def test_tier_actuals_count_once_their_month_has_begun(gold: Tier) -> None:
    kpi = factories.kpi()
    for month in (202710, 202712):
        factories.tier_actual(kpi, gold, month, 5)
    with time_machine.travel(NOVEMBER, tick=False):
        roll_up_now()
        assert held("2027-Q4", kpi, NOVEMBER.date()) == (5, 1, 1)
    with time_machine.travel(DECEMBER, tick=False):
        roll_up_now()
        assert held("2027-Q4", kpi, DECEMBER.date()) == (10, 2, 2)


def test_a_change_of_meaning_in_the_period_does_not_let_it_in(gold: Tier) -> None:
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    measured(kpi, gold)
    with time_machine.travel(DECEMBER, tick=False):
        roll_up_now()  # an earlier release, or a clock that was set back
    with time_machine.travel(NOVEMBER, tick=False):
        months = months_together([kpi], [Month(202710), Month(202711), Month(202712)])[kpi.pk][gold.pk]
        assert list(months) == [202710, 202711]


@pytest.mark.parametrize(("customers", "time"), METHODS)
def test_what_an_earlier_release_rolled_up_is_taken_out_and_comes_back(gold: Tier, customers: str, time: str) -> None:
    kpi = factories.kpi(customer_method=customers, time_method=time)
    measured(kpi, gold)
    with time_machine.travel(DECEMBER, tick=False):
        roll_up_now()
        as_it_was = snapshot()
    with time_machine.travel(NOVEMBER, tick=False):
        run = roll_up_now()
        assert run is not None
        assert run.state == "done"
        assert not MonthCell.objects.filter(month=202712).exists()
        assert not RolledSlice.objects.filter(month=202712).exists()
        assert held("2027-Q4", kpi, NOVEMBER.date())[2] == (1 if time == "ttm" else 2)
        assert roll_up_now() is None
    with time_machine.travel(DECEMBER, tick=False):
        roll_up_now()
        assert snapshot() == as_it_was


def snapshot() -> list[list[Any]]:
    fields = ("kpi", "tier", "numerator", "denominator", "facts", "customers")
    return [
        list(MonthCell.objects.order_by("kpi", "tier", "month").values_list("month", *fields)),
        list(PeriodCell.objects.order_by("kpi", "tier", "period").values_list("period", "value_numerator", *fields)),
    ]


@pytest.mark.parametrize("time", ["sum", "ttm", "pool"])
@pytest.mark.parametrize("month", [100001, 185006, 189912, 219912, 220001, 999708])
def test_no_month_that_was_ever_stored_stops_the_others(gold: Tier, month: int, time: str) -> None:
    kpi, other = factories.kpi(customer_method="distinct", time_method=time), factories.kpi()
    known = factories.customer(tier=gold)
    for measured_kpi in (kpi, other):
        factories.fact(measured_kpi, known, month, 1)
        factories.fact(measured_kpi, known, 202601, 1)
    RolledSlice.objects.create(kpi=kpi, month=month, facts=1, computed_at=NOVEMBER)
    with time_machine.travel(NOVEMBER, tick=False):
        run = roll_up_now()
        assert run is not None
        assert (run.state, run.error) == ("done", "")
        assert held("2026-01", other, NOVEMBER.date()) == (1, 1, 1)
        assert roll_up_now() is None


def test_the_first_month_of_a_fiscal_year_at_the_edge_is_rolled_up(gold: Tier) -> None:
    found = company()
    found.fiscal_year_start_month, found.fiscal_year_named_by = 4, "start"
    found.save()
    kpi = factories.kpi(customer_method="distinct", time_method="pool")
    factories.fact(kpi, factories.customer(tier=gold), 190001, 1)
    run = roll_up_now()
    assert run is not None
    assert (run.state, run.error) == ("done", "")
    assert PeriodCell.objects.filter(period="1900-01").exists()


# -- the doors where nobody brings a file


def test_refuses_entering_a_month_that_has_not_begun(gold: Tier, stella: User) -> None:
    kpi = factories.kpi("score")
    with time_machine.travel(NOVEMBER, tick=False):
        with pytest.raises(ActualsRefused) as refused:
            enter_actuals(kpi=kpi, month=Month(202712), entries=[Entry(gold, Decimal(5))], by=stella)
        assert [problem.reason for problem in refused.value.problems] == ["has not begun; look for a mistyped year"]
        assert signed_in(stella).get("/actuals/score/2027-12/").status_code == 404
        assert signed_in(stella).post("/actuals/score/2027-12/", {"shown": "{}"}).status_code == 404


def test_what_got_in_by_hand_is_taken_away_by_hand_with_its_mark(gold: Tier, stella: User) -> None:
    made = factories.tier_actual(factories.kpi("score"), gold, 202712, 5)
    with time_machine.travel(NOVEMBER, tick=False):
        answer = signed_in(stella).delete(f"/api/v1/tier-actuals/{made.pk}/?reason=Mistyped")
    assert answer.status_code == 204, answer.content
    assert not SliceTouch.objects.exists()


def test_a_complete_month_that_got_in_is_taken_back_with_its_mark(stella: User) -> None:
    made = factories.complete_month(factories.kpi("complaints"), 202712)
    with time_machine.travel(NOVEMBER, tick=False):
        assert signed_in(stella).delete(f"/api/v1/complete-months/{made.pk}/").status_code == 204
    assert not SliceTouch.objects.exists()


@pytest.mark.parametrize("door", ["/api/v1/complete-months/", "/api/v1/tier-actuals/"])
def test_refuses_a_month_that_has_not_begun_by_a_program(gold: Tier, stella: User, door: str) -> None:
    factories.kpi("score")
    body = {"kpi": "score", "month": "2027-12", "tier": "T1", "numerator": "5"}
    body = body if "tier" in door else {"kpi": "score", "month": "2027-12"}
    with time_machine.travel(NOVEMBER, tick=False):
        answer = signed_in(stella).post(door, body, content_type="application/json")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "month")
        assert "has not begun" in answer.json()["errors"][0]["detail"].lower()
    with time_machine.travel(DECEMBER, tick=False):
        assert signed_in(stella).post(door, body, content_type="application/json").status_code == 201


def test_refuses_a_complete_month_that_has_not_begun_in_the_admin(stella: User) -> None:
    kpi = factories.kpi("complaints")
    with time_machine.travel(NOVEMBER, tick=False):
        answer = signed_in(stella).post("/admin/kpis/completemonth/add/", {"kpi": kpi.pk, "month": "2027-12"})
        assert "has not begun" in answer.content.decode().lower()
    assert not SliceTouch.objects.exists()


def test_a_month_that_begins_while_a_run_is_under_way_waits_for_the_next(gold: Tier) -> None:
    """The whole of a run sees the same months: else one would be published empty, and its mark be lost."""
    kpi = factories.kpi()
    measured(kpi, gold)
    with time_machine.travel(DECEMBER, tick=False):
        roll_up_now()
    with time_machine.travel(datetime.fromisoformat("2027-11-30T23:59:00+00:00"), tick=False) as clock:
        run = start_run(trigger=Trigger.COMMAND)
        assert run is not None
        clock.shift(timedelta(minutes=5))
        for part in run.parts.all():
            roll_up_part(part)
        finish(run)
        roll_up_now()
        assert held("2027-Q4", kpi, date(2027, 12, 1)) == (3, 3, 3)
    assert RollupRun.objects.count() == 3
