"""Statements held against the second calculator, on editions and goals that hypothesis invents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import example, given

from accounts.models import User
from core.periods import FiscalCalendar, Period
from customers.models import Tier
from kpis.models import Kpi
from scorecard.choices import GoalState, Measure, Standing
from scorecard.formulas.incentives import Points, pay_out, weighted
from scorecard.models import Edition, GoalConfirmation, GoalDecision, GoalMember, GoalVersion, IncentiveGoal
from scorecard.reading.goal_values import Terms, measure
from scorecard.reading.incentives import Book, Line, Statement
from tests.oracle import incentives as oracle
from tests.oracle.invented_incentives import invented_statement, seeds

Q3 = Period.parse("2011-Q3", FiscalCalendar())
OWNER, FINANCE, OTHER = 1, 2, 3
EDITIONS = [Edition(pk=1, number=1), Edition(pk=2, number=2)]
STANDINGS = {
    "measured": Standing.FINAL,
    "not_confirmed": Standing.UNCONFIRMED,
    "not_measurable": Standing.UNMEASURABLE,
    "decided": Standing.DECIDED,
}


def as_issued(document: Mapping[str, Any], goal: oracle.Goal) -> dict[str, Any]:
    """The invented document as the product issues it: who was let off stands in it, and that the owner entered all."""
    found, by = deepcopy(dict(document)), {"person": OWNER}
    for row in found["initiatives"]:
        day = goal.let_off.get(row["code"])
        row["stopped_on"] = day.isoformat() if day else None
        row["finished_by"] = by if row["stage"] == "done" else None
    for row in found["benefits"]:
        row["entered"] = [{"month": month, "value": one, "by": by} for month, one in row.pop("months").items()]
        row["currency"] = "USD"
    kpis = [row["kpi"] for row in found["matrix"]["rows"]]
    found["evidence"] = {
        "versions": dict.fromkeys(kpis),
        "cells": [{"kpi": kpi, "tier": None, "by": [by]} for kpi in kpis],
        "growth": [by],
        "weighed": kpis,
    }
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


# -- statements by two editions


def version_of(goal: oracle.Goal, place: int) -> GoalVersion:
    """The goal as it was approved; never saved."""
    terms = terms_of(goal)
    names = ("weight", "threshold", "target", "maximum", "at_threshold", "at_maximum")
    points = {name: getattr(goal, name) for name in names}
    named = {"kpi": Kpi(code=goal.kpi), "tier": None if goal.tier == "all" else Tier(code=goal.tier)}
    version = GoalVersion(
        pk=place,
        goal=IncentiveGoal(pk=place, code=goal.code, period=Q3.code),
        measure=goal.measure,
        initiatives=list(terms.initiatives),
        state=GoalState.APPROVED,
        frozen=terms.frozen,
        **points,
        **named,
    )
    version._prefetched_objects_cache = {"members": [GoalMember(person_id=OWNER)]}  # type: ignore[attr-defined]
    return version


def line_of(goal: oracle.Goal, documents: Sequence[Mapping[str, Any]], place: int) -> Line:
    """The goal by both editions. What the owner entered is confirmed as each has it, but where it is said not to be;
    what is paid of what cannot be measured was said by one of finance, and agreed to by another where it counts.
    """
    paid: Any = goal.decided or 99
    agreed = None if goal.decided is None else OTHER
    decision = GoalDecision(edition=EDITIONS[0], percent=paid, by_id=FINANCE, agreed_by_id=agreed)
    values = [str(oracle.line(document, goal).value) for document in documents]
    said = [] if goal.unconfirmed else zip(EDITIONS, values, strict=True)
    confirmed = [GoalConfirmation(edition=edition, value=value, by_id=OTHER) for edition, value in said]
    version = version_of(goal, place)
    book = Book(Q3, date(2012, 1, 1), [version], {place: confirmed}, {place: [decision]})
    vars(book).update(editions=EDITIONS, documents=[as_issued(document, goal) for document in documents])
    return book.line(version)


@example(100)  # what finance decided of the first edition is followed by what nobody has confirmed
@given(seeds)
def test_statements_states_and_adjustments_are_those_of_the_second_calculator(seed: int) -> None:
    """But that what was paid before stands while what a further edition brings is not confirmed."""
    first, second, invented = invented_statement(seed)
    # a share of nought on time is nobody's entry, so that nothing of it is to be confirmed
    goals = [replace(goal, unconfirmed=goal.unconfirmed and goal.measure != "on_time") for goal in invented]
    lines = [line_of(goal, (first, second), place) for place, goal in enumerate(goals, 1)]
    expected = [oracle.statement(document, goals) for document in (first, second)]
    kept = Fraction(0)
    adjusted = oracle.adjustment(first, second, goals)
    for goal, line, told in zip(goals, lines, zip(*(rows for rows, _ in expected), strict=True), strict=True):
        assert [one.standing for one in line.outcomes] == [STANDINGS[one.state] for one in told], goal
        stands = told[0].points if told[1].state == "not_confirmed" else Fraction(0)
        kept += stands
        changed = [goal.weight * (one.difference or 0) / 100 for one in line.adjustments]
        assert changed == [adjusted.by_goal.get(goal.code, Fraction(0)) + stands], goal
        assert (line.outcomes[0].difference, line.adjustments[0].reason) == (None, adjusted.reason or "")
    statement = Statement(User(pk=OWNER), Q3, tuple(lines), tuple(EDITIONS))
    first_total = weighted((line.terms.weight, line.outcomes[0].paid) for line in statement.counted if line.outcomes)
    assert (first_total, statement.total) == (expected[0][1], expected[1][1] + kept)
    assert statement.total - first_total == adjusted.difference + kept
