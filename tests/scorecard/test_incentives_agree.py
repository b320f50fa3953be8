"""Statements held against the second calculator, on editions and goals that hypothesis invents."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from fractions import Fraction
from typing import Any

from hypothesis import given

from core.periods import FiscalCalendar, Period
from scorecard.choices import Measure
from scorecard.formulas.incentives import Points, pay_out
from scorecard.reading.goal_values import Terms, measure
from tests.oracle import incentives as oracle
from tests.oracle.invented_incentives import invented_statement, seeds

Q3 = Period.parse("2011-Q3", FiscalCalendar())


def as_issued(document: Mapping[str, Any], goal: oracle.Goal) -> dict[str, Any]:
    """The invented document as the product issues it: who was let off and what was entered stand in it."""
    found = deepcopy(dict(document))
    for row in found["initiatives"]:
        day = goal.let_off.get(row["code"])
        row["stopped_on"] = day.isoformat() if day else None
    for row in found["benefits"]:
        row["entered"] = [{"month": month, "value": one, "by": None} for month, one in row.pop("months").items()]
        row["currency"] = "USD"
    found["evidence"] = {"versions": {row["kpi"]: None for row in found["matrix"]["rows"]}}
    return found


def terms_of(goal: oracle.Goal) -> Terms:
    points = Points(goal.threshold, goal.target, goal.maximum, goal.at_threshold, goal.at_maximum)
    kpi = {"version": None if goal.same_version else "2011-08"}
    due = {code: day.isoformat() for code, day in goal.due.items()}
    names = Measure(goal.measure).names_initiatives
    return Terms(
        Measure(goal.measure),
        points,
        goal.weight,
        kpi=goal.kpi,
        tier=goal.tier,
        initiatives=goal.initiatives if names else (),
        frozen={"kpi": kpi, "due": due},
    )


@given(seeds)
def test_values_and_pay_outs_are_those_of_the_second_calculator(seed: int) -> None:
    first, second, goals = invented_statement(seed)
    for document in (first, second):
        for goal in goals:
            expected, terms = oracle.line(document, goal), terms_of(goal)
            found = measure(terms, as_issued(document, goal), Q3)
            assert found.value == expected.value, (goal, found)
            if found.value is not None:
                assert pay_out(terms.points, found.value) == oracle.pay_out(goal, found.value)
            if goal.measure == "benefit":
                assert len(found.left_out) == len(expected.left_out)


@given(seeds)
def test_what_is_paid_is_never_less_than_nothing_nor_more_than_the_maximum(seed: int) -> None:
    _, _, goals = invented_statement(seed)
    for goal in goals:
        terms = terms_of(goal)
        for value in (Fraction(-1000), goal.threshold, goal.target, goal.maximum, Fraction(1000)):
            assert 0 <= pay_out(terms.points, value) <= goal.at_maximum
