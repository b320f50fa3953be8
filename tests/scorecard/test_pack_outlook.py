"""What a pack asks of the board, and how its drawings say what they show: by rule, from plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from core.periods import Month
from customers.choices import TierScope
from kpis.choices import Signal, Status
from scorecard.reports.drawing import spark
from scorecard.reports.outlook import _decisions, money
from scorecard.reports.pack import Column, PackCell, Told, Trend, TrendPoint

GOLD = Column("T1", "Gold", TierScope.TIER, 1, 0, 1, None)
CELL = PackCell(
    *("T1", Status.MISSED, None, Fraction(20), Fraction(14), None, None, Fraction(19)),
    *("20.0", "≤ 14", "+1.0", "missed: 20 %, at most 14 %", Signal.WORSE, True, (3, 3), False),
)
TOLD = Told(
    *("repeats", "Repeat contacts", GOLD, CELL, Fraction(3), "20 %", "at most 14 %", "+1 point, worse", ""),
    *("Nothing runs", False, None, "", (), "", ""),
)


def initiative(code: str, stage: str, **more: Any) -> dict[str, Any]:
    found = {"code": code, "title": code.title(), "stage": stage, "running": stage == "in_progress", "reasons": []}
    found |= {"owner": {"person": 7}, "department": "service", "cost": "42000.0000", "status": None}
    return found | {"due": "2027-04-28", "baseline_due": "2027-01-01", "progress": None, **more}


def source(*initiatives: dict[str, Any], moving: tuple[dict[str, Any], ...] = (), pain: Any = ()) -> Any:
    coverage = {"weight": 200, "orphaned_pain": list(pain)}
    return SimpleNamespace(
        sections={"initiatives": list(initiatives), "coverage": coverage},
        moving=lambda kpi, tier: list(moving),
        people={7: "Elif Aydin"},
        departments={"service": "Customer service"},
        company=SimpleNamespace(currency="EUR"),
    )


def test_what_is_planned_for_a_gap_is_to_be_started_or_resumed() -> None:
    [start] = _decisions(source(moving=(initiative("call back", "candidate"),)), [TOLD])
    assert start.what == "Start “Call Back” (42 k€)"
    assert "Repeat contacts, Gold will go on missing its target as it runs (20 %, at most 14 %)" in start.detail
    assert (start.who, start.due) == ("Elif Aydin, Customer service", date(2027, 4, 28))
    [resume] = _decisions(source(moving=(initiative("one number", "on_hold"),)), [TOLD])
    assert resume.what.startswith("Resume “One Number”")


def test_where_nothing_is_planned_somebody_is_to_be_named() -> None:
    [one] = _decisions(source(moving=(initiative("done", "done"),)), [TOLD])
    assert one.what == "Name who takes on “Repeat contacts, Gold”"


@pytest.mark.parametrize(
    "told", [replace(TOLD, is_served=True), replace(TOLD, cell=replace(CELL, is_gap=False))], ids=["served", "no gap"]
)
def test_what_is_served_or_mends_itself_asks_for_nothing(told: Told) -> None:
    assert list(_decisions(source(moving=(initiative("call back", "candidate"),)), [told])) == []


def test_the_heaviest_pain_that_nothing_answers_asks_for_somebody() -> None:
    pain = [{"theme": f"theme {n}", "department": "service", "uncovered": 40 - n} for n in range(3)]
    found = [one.what for one in _decisions(source(pain=pain), [])]
    assert found == [f"Name who answers “theme {n}” (Customer service)" for n in range(2)]


def test_what_is_late_and_was_redated_twice_is_to_be_kept_or_stopped() -> None:
    def late(times: int) -> dict[str, Any]:
        return initiative("discount", "in_progress", status="late", reasons=[{"redated": times}])

    [one] = _decisions(source(late(2)), [])
    assert (one.what, one.detail) == ("Keep or stop “Discount” (42 k€)", "Late, re-dated twice, 117 days of slip.")
    assert list(_decisions(source(late(1)), [])) == []


def test_an_initiative_is_asked_about_once() -> None:
    row = initiative("discount", "on_hold")
    again = replace(TOLD, kpi="other", name="Other")
    assert len(list(_decisions(source(row, moving=(row,)), [TOLD, again]))) == 1


@pytest.mark.parametrize(("text", "words"), [("420000.0000", "420 k€"), ("97400", "97.4 k€"), ("2100000", "2,100 k€")])
def test_money_is_in_one_scale(text: str, words: str) -> None:
    assert money(source(), text) == words


def test_a_drawing_says_what_it_shows_and_draws_no_limit_beyond_what_can_be() -> None:
    months = (Month(202607), Month(202608), Month(202609))
    points = tuple(TrendPoint(month, Fraction(n), None, Fraction(14)) for n, month in enumerate(months))
    trend = Trend(points, points[0].month, Fraction(1), None, Fraction(3), "3 months to September 2026")
    svg, said = spark(replace(TOLD, trend=trend))
    assert said == "Repeat contacts, Gold, 3 months to September 2026: Sep 2026 2.0, really worse; upper limit 3.0"
    assert svg.count("<rect") == 1
    assert svg.count("stroke-dasharray") == 1
    assert "<text" not in svg
    bare, _ = spark(replace(TOLD, trend=replace(trend, since=None)))
    assert "<rect" not in bare
