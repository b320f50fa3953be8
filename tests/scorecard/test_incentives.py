"""Incentive goals: written and approved by two, and paid by editions."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from accounts.models import Load, LoadChange, User
from core.periods import Month, Period
from core.writes import StaleTransition, TransitionRefused
from kpis.models import Fact, Kpi
from kpis.rollup.runs import roll_up_now
from kpis.services.definitions import change_meaning
from scorecard.choices import GoalState, Measure, Standing
from scorecard.models import GoalVersion
from scorecard.services.incentives import agree_goal, approve_goal, confirm_goal, decide_goal, write_goal
from tests import factories
from tests.kept import kept
from tests.scorecard.incentives import CALENDAR, World


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


# -- written and approved by two


def test_a_goal_is_written_by_one_and_approved_by_another(world: World) -> None:
    goal = write_goal(draft=world.draft(), by=world.finance)
    version = goal.versions.get()
    for by in (world.finance, world.owner, world.steward, world.people["administrator"]):
        with pytest.raises((PermissionDenied, ValidationError)):
            approve_goal(version=version, by=by, why="late")
    with pytest.raises(ValidationError, match="says why"):
        approve_goal(version=version, by=world.executive)
    approved = approve_goal(version=version, by=world.executive, why="Agreed late.")
    assert (approved.state, approved.why) == (GoalState.APPROVED, "Agreed late.")
    with pytest.raises(StaleTransition):
        approve_goal(version=version, by=world.other, why="again")


def test_before_the_period_starts_no_reason_is_asked_for_or_kept(world: World) -> None:
    ahead = Period.parse("2027-Q1", CALENDAR)
    goal = write_goal(draft=world.draft(period=ahead), by=world.finance)
    assert approve_goal(version=goal.versions.get(), by=world.executive, why="none").why == ""


def test_nobody_writes_or_approves_a_goal_of_their_own(world: World) -> None:
    with pytest.raises(ValidationError, match="own goal"):
        write_goal(draft=world.draft(members=(world.finance,)), by=world.finance)
    team = (world.executive, world.owner)
    goal = write_goal(draft=world.draft(members=team, team_name="Board"), by=world.finance)
    with pytest.raises(ValidationError, match="own goal"):
        approve_goal(version=goal.versions.get(), by=world.executive, why="late")
    assert approve_goal(version=goal.versions.get(), by=world.other, why="late").state == GoalState.APPROVED


def test_what_is_approved_is_fixed_and_a_change_is_a_further_version(world: World) -> None:
    goal = world.goal()
    with pytest.raises(DatabaseError), transaction.atomic():
        GoalVersion.objects.filter(goal=goal).update(target=Decimal(1))
    with pytest.raises(DatabaseError), transaction.atomic():
        GoalVersion.objects.filter(goal=goal).delete()
    write_goal(draft=world.draft(maximum=Decimal(120)), by=world.other, seen=1)
    assert [line.version.number for line in world.statement().lines] == [1]  # until it is approved as well
    approve_goal(version=goal.versions.get(number=2), by=world.executive, why="It was too easy.")
    assert list(goal.versions.values_list("state", flat=True)) == [GoalState.SUPERSEDED, GoalState.APPROVED]
    with pytest.raises(StaleTransition):
        write_goal(draft=world.draft(), by=world.finance, seen=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"period": Period.parse("2011-09", CALENDAR)}, "period"),
        ({"threshold": Decimal(90)}, "threshold"),
        ({"threshold": Decimal(110), "maximum": Decimal(70)}, "threshold"),
        ({"kpi": None}, "kpi"),
        ({"measure": Measure.GROWTH}, "kpi"),
        ({"measure": Measure.ON_TIME, "kpi": None, "tier": None}, "initiatives"),
        ({"at_threshold": Decimal(101)}, "at_threshold"),
        ({"at_maximum": Decimal(99)}, "at_maximum"),
        ({"weight": Decimal(0)}, "weight"),
        ({"initiatives": ("nothing",)}, "initiatives"),
    ],
)
def test_a_bad_goal_is_refused_at_its_field(world: World, change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        write_goal(draft=world.draft(**change), by=world.finance)
    assert field in refused.value.message_dict


def test_where_lower_is_better_the_points_fall(world: World) -> None:
    Kpi.objects.filter(pk=world.kpi.pk).update(direction="lower")
    world.kpi.refresh_from_db()
    with pytest.raises(ValidationError, match="lower is better"):
        write_goal(draft=world.draft(), by=world.finance)
    assert write_goal(draft=world.draft(threshold=Decimal(100), maximum=Decimal(80)), by=world.finance)


def test_the_goals_of_a_person_weigh_100_together(world: World) -> None:
    first = write_goal(draft=world.draft(weight=Decimal(60)), by=world.finance)
    with pytest.raises(ValidationError, match="not 100"):
        approve_goal(version=first.versions.get(), by=world.executive, why="late")
    team = {"code": "team", "members": (world.owner, world.steward), "team_name": "Both"}
    with pytest.raises(ValidationError, match="100 at most"):
        write_goal(draft=world.draft(**team, weight=Decimal(41)), by=world.finance)
    write_goal(draft=world.draft(**team, weight=Decimal(40)), by=world.finance)
    assert approve_goal(version=first.versions.get(), by=world.executive, why="late").state == GoalState.APPROVED


# -- what is paid


def test_before_closing_it_is_an_estimate_and_an_edition_decides(world: World) -> None:
    world.goal()
    estimate = world.statement()
    assert (estimate.estimated, estimate.lines[0].standing, estimate.total) == (True, Standing.ESTIMATE, 70)
    edition = world.close()
    final = world.statement()
    assert (final.lines[0].standing, final.total, final.whole) == (Standing.FINAL, 70, True)
    assert [one.digest for one in final.editions] == [edition.digest]


def test_a_restated_edition_makes_one_adjustment_and_no_edit(world: World) -> None:
    world.goal()
    world.close()
    factories.fact(world.kpi, factories.customer("C2", tier=world.tier), 201109, 11)
    roll_up_now()
    world.close(reason="An invoice was found.")
    line = world.statement().lines[0]
    first, second = line.outcomes
    assert (first.paid, second.paid) == (Fraction(70), Fraction(125))
    (adjustment,) = line.adjustments
    assert adjustment.edition is not None
    assert (adjustment.difference, adjustment.edition.number, adjustment.reason) == (55, 2, "An invoice was found.")


def recomputed(document: dict[str, Any], goals: list[dict[str, Any]]) -> Fraction:
    """A statement worked out from an edition's JSON and what its goals say: these lines know nothing of the product."""
    total = Fraction(0)
    for goal in goals:
        threshold, target, maximum, low, high = (Fraction(one) for one in goal["points"])
        if goal["measure"] == "cell":
            row = next(one for one in document["matrix"]["rows"] if one["kpi"] == goal["kpi"])
            cell = next(one for one in row["cells"] if one["tier"] == goal["tier"])
            value = Fraction(cell["actual"])
            if cell["numerator"] and cell["denominator"]:
                value = Fraction(cell["numerator"]) / Fraction(cell["denominator"])
                value *= 100 if row["unit"] == "percent" else 1
        else:
            row = next(one for one in document["growth"]["rows"] if one["tier"] == goal["tier"])
            value = Fraction(row["joined"] + row["returned"] - row["left"])
        sign = 1 if maximum > threshold else -1
        at, points = sign * value, [sign * one for one in (threshold, target, maximum)]
        if at < points[0]:
            paid = Fraction(0)
        elif at >= points[2]:
            paid = high
        elif at < points[1]:
            paid = low + (100 - low) * (at - points[0]) / (points[1] - points[0])
        else:
            paid = 100 + (high - 100) * (at - points[1]) / (points[2] - points[1])
        total += Fraction(goal["weight"]) * paid / 100
    return total


def test_a_statement_is_recomputed_from_the_editions_json_alone(world: World) -> None:
    renewal = factories.kpi("renewal", unit="percent", customer_method="ratio", time_method="pool")
    for month, won in ((201107, 1), (201108, 2), (201109, 2)):
        factories.fact(renewal, world.customer, month, won, 3)
    factories.lifecycle_event(factories.customer("C3", tier=world.tier), date(2011, 8, 5), "joined")
    roll_up_now()
    rate = {"code": "renewal", "kpi": renewal, "threshold": Decimal(50), "target": Decimal(60)}
    for more in (
        {"weight": Decimal(50)},
        {**rate, "weight": Decimal(30)},
        {
            "code": "growth",
            "measure": Measure.GROWTH,
            "kpi": None,
            "weight": Decimal(20),
            "threshold": Decimal(0),
            "target": Decimal(3),
            "maximum": Decimal(4),
        },
    ):
        write_goal(draft=world.draft(**more), by=world.finance)
    for version in GoalVersion.objects.all():
        approve_goal(version=version, by=world.executive, why="late")
    document = json.loads(bytes(world.close().document))
    goals = [
        {"measure": "cell", "kpi": "revenue", "tier": "T1", "weight": 50, "points": [80, 90, 100, 50, 150]},
        {"measure": "cell", "kpi": "renewal", "tier": "T1", "weight": 30, "points": [50, 60, 100, 50, 150]},
        {"measure": "growth", "tier": "T1", "weight": 20, "points": [0, 3, 4, 50, 150]},
    ]
    statement = world.statement()
    assert statement.total == recomputed(document, goals)
    assert statement.lines[0].terms.weight + statement.lines[1].terms.weight + statement.lines[2].terms.weight == 100


# -- not measurable, not confirmed


def test_what_cannot_be_measured_pays_nothing_until_two_of_finance_decide(world: World) -> None:
    goal = world.goal()
    Fact.objects.filter(month=201108).delete()
    factories.touch(world.kpi, 201108)
    roll_up_now()
    edition = world.close()
    line = world.statement().lines[0]
    assert (line.standing, line.paid, "partial" in line.outcomes[0].measured.why) == (Standing.UNMEASURABLE, 0, True)
    with pytest.raises(PermissionDenied):
        decide_goal(goal=goal, edition=edition, percent=Decimal(50), why="Fair.", by=world.executive)
    with pytest.raises(ValidationError, match="between 0 and 150"):
        decide_goal(goal=goal, edition=edition, percent=Decimal(151), why="Fair.", by=world.finance)
    decision = decide_goal(goal=goal, edition=edition, percent=Decimal(60), why="Fair.", by=world.finance)
    assert world.statement().total == 0
    with pytest.raises(TransitionRefused):
        agree_goal(decision=decision, by=world.finance)
    agree_goal(decision=decision, by=world.other)
    assert (world.statement().lines[0].standing, world.statement().total) == (Standing.DECIDED, 60)


def test_what_one_loaded_oneself_counts_once_somebody_else_confirmed_it(world: World) -> None:
    load = Load.objects.create(kind="facts", source="own.csv", by=world.owner)
    LoadChange.objects.create(load=load, kind="facts", key="revenue | 2011-08", change="created", after={})
    goal = world.goal()
    edition = world.close()
    line = world.statement().lines[0]
    assert (line.standing, line.paid, line.outcomes[0].waits) == (Standing.UNCONFIRMED, 0, 70)
    for by in (world.owner, world.steward):
        with pytest.raises(PermissionDenied):
            confirm_goal(goal=goal, edition=edition, by=by)
    confirm_goal(goal=goal, edition=edition, by=world.executive)
    line = world.statement().lines[0]
    assert line.outcomes[0].confirmed is not None
    assert (line.standing, line.paid, line.outcomes[0].confirmed.by) == (Standing.FINAL, 70, world.executive)
    with pytest.raises(TransitionRefused):
        confirm_goal(goal=goal, edition=edition, by=world.executive)


def test_another_version_of_the_kpi_than_at_the_approval_is_not_measured(world: World) -> None:
    world.goal()
    meaning = {"unit": "days", "customer_method": "sum", "time_method": "sum"}
    change_meaning(
        kpi=world.kpi, by=world.steward, meaning=meaning, from_month=Month(201109), reason="Counted in days."
    )
    roll_up_now()
    world.close()
    line = world.statement().lines[0]
    assert (line.standing, line.outcomes[0].measured.why) == (
        Standing.UNMEASURABLE,
        "the KPI means something else than when the goal was approved",
    )


def test_initiatives_on_time_are_by_the_dates_of_the_approval(world: World) -> None:
    named = [
        factories.initiative(code, baseline_due=date(2011, 8, 31), baseline_start=date(2011, 7, 1), **more)
        for code, more in (
            ("done", {"stage": "done", "finished_on": date(2011, 8, 31)}),
            ("late", {"stage": "done", "finished_on": date(2011, 9, 1)}),
            ("open", {"stage": "in_progress"}),
        )
    ]
    points = {"threshold": Decimal(20), "target": Decimal(60), "maximum": Decimal(100)}
    world.goal(
        measure=Measure.ON_TIME, kpi=None, tier=None, initiatives=tuple(sorted(one.code for one in named)), **points
    )
    type(named[0]).objects.filter(code="open").update(baseline_due=date(2012, 1, 1))  # too late: it is frozen
    world.close()
    line = world.statement().lines[0]
    assert line.outcomes[0].measured.value == Fraction(100, 3)
