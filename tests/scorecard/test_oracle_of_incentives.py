"""The second calculator of incentives itself, held against statements that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from tests.oracle.incentives import (
    Goal,
    Line,
    adjustment,
    is_in_order,
    line,
    pay_out,
    shown,
    statement,
    wrong_weights,
)
from tests.oracle.invented_incentives import invented_statement, seeds

MONTHS = ("2011-07", "2011-08", "2011-09")


def goal(measure: str = "cell", *, points: tuple[int, int, int] = (80, 90, 100), **more: Any) -> Goal:
    threshold, target, maximum = map(Fraction, points)
    pays = Fraction(50), Fraction(150)
    return Goal("g", Fraction(40), measure, threshold, target, maximum, *pays, months=MONTHS, **more)


def cell(actual: str | None, status: str = "met", **more: Any) -> dict[str, Any]:
    method = {"customers": "ratio", "time": "pool", "formula": None}
    return {"tier": "T1", "actual": actual, "status": status, "method": method} | more


def document(**parts: Any) -> dict[str, Any]:
    return {"edition": 1, "reason": None, **parts}


def matrix(one: dict[str, Any], direction: str = "higher") -> dict[str, Any]:
    return document(matrix={"rows": [{"kpi": "rate", "unit": "percent", "direction": direction, "cells": [one]}]})


CELL = goal(kpi="rate", tier="T1")


@pytest.mark.parametrize(
    ("value", "pays"),
    [("79.9", 0), ("80", 50), ("85", 75), ("90", 100), ("92", 110), ("100", 150), ("1000", 150)],
)
def test_between_the_points_the_pay_out_is_linear(value: str, pays: int) -> None:
    assert pay_out(goal(), Fraction(value)) == pays
    assert pay_out(goal(points=(-80, -90, -100)), -Fraction(value)) == pays


def test_the_points_are_strictly_in_order() -> None:
    assert is_in_order(goal())
    assert is_in_order(goal(points=(9, 8, 7)))
    assert not is_in_order(goal(points=(7, 7, 9)))
    assert not is_in_order(goal(points=(7, 9, 8)))


def test_a_cell_pays_by_its_exact_quotient_where_that_is_its_value() -> None:
    exact = matrix(cell("85.7143", numerator="6.0000", denominator="7.0000"))
    assert line(exact, CELL).value == Fraction(600, 7)
    averaged = matrix(cell("86.0000", numerator="6.0000", denominator="7.0000"))
    assert line(averaged, CELL).value == 86
    assert line(matrix(cell("85.0000")), CELL) == Line("g", Fraction(85), "measured", Fraction(75), Fraction(30))


def test_what_has_no_whole_value_of_the_same_meaning_is_not_measurable_and_pays_what_finance_decides() -> None:
    for one in (
        line(matrix(cell("95", "partial")), CELL),
        line(matrix(cell(None, "no_data")), CELL),
        line(matrix(cell("95"), "range"), CELL),
        line(matrix(cell("95")), replace(CELL, same_version=False)),
        line(matrix(cell("95")), replace(CELL, tier="T2")),
    ):
        assert one == Line("g", None, "not_measurable", Fraction(0), Fraction(0))
    decided = replace(CELL, decided=Fraction(80))
    assert line(matrix(cell("95", "partial")), decided) == Line("g", None, "decided", Fraction(80), Fraction(32))
    assert line(matrix(cell("95", "no_target")), decided).pays == 125
    assert line(matrix(cell("95")), replace(CELL, unconfirmed=True)).state == "not_confirmed"


def test_on_time_is_the_share_finished_by_the_baseline_of_those_due_in_the_period() -> None:
    due = date(2011, 9, 30)
    rows = [("a", "done", "2011-09-30"), ("b", "done", "2011-10-01"), ("c", "cancelled", None), ("d", "on_hold", None)]
    edition = document(initiatives=[{"code": c, "stage": s, "finished_on": day} for c, s, day in rows])
    of_four = goal("on_time", initiatives=("a", "b", "c", "d"), due=dict.fromkeys("abcd", due))
    assert line(edition, of_four).value == 25
    let_off = {"c": date(2011, 9, 29), "d": due, "b": date(2011, 7, 1)}
    assert line(edition, replace(of_four, let_off=let_off)).value == Fraction(100, 3)
    later = replace(of_four, due={**of_four.due, "b": date(2011, 10, 1)})
    assert line(edition, later).value == Fraction(100, 3)
    assert line(edition, replace(of_four, initiatives=())).state == "not_measurable"


def test_growth_and_composite_are_read_of_their_tier() -> None:
    flows = [("T1", 5, 2, 9), ("all", 9, 0, 1)]
    edition = document(
        growth={"rows": [{"tier": t, "joined": j, "returned": r, "left": gone} for t, j, r, gone in flows]},
        composite=[{"tier": "T1", "index": "83.3"}, {"tier": "all", "index": None}],
    )
    assert (line(edition, goal("growth")).value, line(edition, goal("growth", tier="T1")).value) == (8, -2)
    assert line(edition, goal("composite", tier="T1")).value == Fraction(833, 10)
    assert line(edition, goal("composite")).state == "not_measurable"


def test_benefits_are_those_in_money_with_a_rate_of_the_months_of_the_period() -> None:
    months = {"2011-06": "900", "2011-07": "10", "2011-09": "20.5", "2011-10": "900"}
    names = [("a", "x", "money", "2"), ("a", "y", "money", None), ("b", "z", "kpi", None), ("c", "w", "money", "1")]
    rows = [{"initiative": i, "name": n, "kind": k, "rate": rate, "months": months} for i, n, k, rate in names]
    found = line(document(benefits=rows), goal("benefit", initiatives=("a", "b")))
    assert (found.value, found.left_out) == (61, ("a y", "b z"))
    assert line(document(benefits=rows), goal("benefit", initiatives=("b",))).state == "not_measurable"


def test_a_weight_is_not_spread_and_a_further_edition_makes_an_adjustment() -> None:
    goals = [CELL, replace(CELL, code="h", weight=Fraction(60), kpi="unknown")]
    first, second = matrix(cell("85.0000")), matrix(cell("90.0000")) | {"edition": 2, "reason": "Late invoices"}
    assert (statement(first, goals)[1], statement(second, goals)[1]) == (30, 40)
    found = adjustment(first, second, goals)
    assert (found.edition, found.reason, found.by_goal, found.difference) == (2, "Late invoices", {"g": 10}, 10)


def test_shown_with_one_decimal_half_away_from_zero() -> None:
    numbers = ("0.05", "-0.05", "-0.04", "33.333", "100")
    assert [shown(Fraction(one)) for one in numbers] == ["0.1", "-0.1", "0.0", "33.3", "100.0"]


def test_weights_are_100_for_each_person_and_period_teams_included() -> None:
    goals = [(["ann"], "2011", Fraction(60)), (["ann", "bob"], "2011", Fraction(40)), (["ann"], "2012", Fraction(100))]
    assert wrong_weights(goals) == {("bob", "2011"): 40}


@given(seeds)
def test_a_statement_pays_between_nothing_and_all_its_maxima(seed: int) -> None:
    first, second, goals = invented_statement(seed)
    lines, total = statement(first, goals)
    assert 0 <= total <= sum(goal.weight * goal.at_maximum for goal in goals) / 100
    assert total + adjustment(first, second, goals).difference == statement(second, goals)[1]
    assert all((one.value is None) == (one.state in ("not_measurable", "decided")) for one in lines)
