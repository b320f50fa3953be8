"""The life of an initiative: who takes it where, on which condition, and what stays of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.company import today
from accounts.models import AuditEntry, User
from core.writes import StaleTransition, TransitionRefused
from initiatives.choices import TRANSITIONS, Quadrant, Stage, Tracked
from initiatives.models import Initiative, TrackedChange
from initiatives.reading.stages import was_approved
from initiatives.services.stages import approve_initiative, move_stage, override_initiative
from tests import factories

BET = {"loyalty_impact": 5, "effort": 5}
RECONSIDER = {"loyalty_impact": 1, "effort": 5}


def made(stage: Stage, **fields: Any) -> Initiative:
    return factories.initiative(stage=stage, **fields)


def move(initiative: Initiative, to: Stage, by: User, **more: Any) -> Initiative:
    """From the stage that it has, with a reason."""
    seen = Stage(Initiative.objects.get(pk=initiative.pk).stage)
    return move_stage(initiative=initiative, to=to, by=by, **{"seen": seen, "reason": "So be it", **more})


def refusal(initiative: Initiative, to: Stage, by: User, **more: Any) -> str:
    """What is said about a move that is refused, after which nothing has changed."""
    before = Initiative.objects.filter(pk=initiative.pk).values().get()
    with pytest.raises(TransitionRefused) as caught:
        move(initiative, to, by, **more)
    assert Initiative.objects.filter(pk=initiative.pk).values().get() == before
    assert not TrackedChange.objects.exists()
    return str(caught.value)


def changes() -> list[tuple[str, str, str]]:
    return list(TrackedChange.objects.values_list("what", "before", "after"))


# From where to where


@pytest.mark.parametrize("to", Stage)
@pytest.mark.parametrize("stage", Stage)
def test_only_the_steps_of_a_life_are_possible(stella: User, stage: Stage, to: Stage) -> None:
    initiative = made(stage, started_on=today(), finished_on=today() if stage == Stage.DONE else None)
    if to in TRANSITIONS[stage] and (stage, to) != (Stage.CANDIDATE, Stage.APPROVED):
        assert move(initiative, to, stella).stage == to
    else:
        assert refusal(initiative, to, stella)


def test_a_candidate_is_approved_by_an_executive_and_not_moved_there(stella: User, root: User) -> None:
    for person in (stella, root):
        assert "executive" in refusal(made(Stage.CANDIDATE), Stage.APPROVED, person)


def test_a_start_keeps_its_day(omar: User) -> None:
    initiative = made(Stage.APPROVED, owner=omar)
    assert move(initiative, Stage.IN_PROGRESS, omar).started_on == today()
    earlier = made(Stage.APPROVED, owner=omar)
    assert move(earlier, Stage.IN_PROGRESS, omar, on=date(2026, 1, 5)).started_on == date(2026, 1, 5)


def test_nothing_starts_or_ends_tomorrow(stella: User) -> None:
    tomorrow = today() + timedelta(days=1)
    assert "ahead" in refusal(made(Stage.APPROVED), Stage.IN_PROGRESS, stella, on=tomorrow)
    assert "ahead" in refusal(made(Stage.IN_PROGRESS), Stage.DONE, stella, on=tomorrow)


def test_nothing_ends_before_it_starts(stella: User) -> None:
    initiative = made(Stage.IN_PROGRESS, started_on=date(2026, 3, 2))
    assert "before it started" in refusal(initiative, Stage.DONE, stella, on=date(2026, 3, 1))
    assert move(initiative, Stage.DONE, stella, on=date(2026, 3, 2)).finished_on == date(2026, 3, 2)


def test_what_has_no_dates_does_not_start_and_is_not_approved(stella: User, ines: User) -> None:
    dateless = {"baseline_start": None, "baseline_due": None, "due": None}
    held = made(Stage.ON_HOLD, approved_at="2026-01-01T00:00Z", **dateless)
    assert "due date first" in refusal(held, Stage.IN_PROGRESS, stella)
    with pytest.raises(TransitionRefused, match="due date first"):
        approve_initiative(initiative=made(Stage.CANDIDATE, **dateless), by=ines, seen=Stage.CANDIDATE)


@pytest.mark.parametrize(
    ("stage", "to"),
    [
        (Stage.IN_PROGRESS, Stage.ON_HOLD),
        (Stage.IN_PROGRESS, Stage.CANCELLED),
        (Stage.APPROVED, Stage.CANDIDATE),
        (Stage.DONE, Stage.IN_PROGRESS),
    ],
)
def test_a_step_aside_or_back_needs_a_reason_that_stays(stella: User, stage: Stage, to: Stage) -> None:
    initiative = made(stage)
    assert refusal(initiative, to, stella, reason="  ").startswith("Say why")
    move(initiative, to, stella, reason=" No people ")
    change = TrackedChange.objects.filter(what=Tracked.STAGE).get()
    assert (change.reason, change.by, change.on) == ("No people", stella, today())


def test_what_is_resumed_keeps_the_day_on_which_it_began(stella: User) -> None:
    loaded = made(Stage.IN_PROGRESS)
    move(loaded, Stage.ON_HOLD, stella)
    assert move(loaded, Stage.IN_PROGRESS, stella).started_on is None
    begun = made(Stage.ON_HOLD, started_on=date(2026, 2, 1))
    assert move(begun, Stage.IN_PROGRESS, stella).started_on == date(2026, 2, 1)


def test_what_is_reopened_is_not_finished(stella: User) -> None:
    initiative = made(Stage.DONE, started_on=date(2026, 1, 1), finished_on=date(2026, 3, 1))
    assert move(initiative, Stage.IN_PROGRESS, stella).finished_on is None
    assert changes() == [
        (Tracked.STAGE, Stage.DONE, Stage.IN_PROGRESS),
        (Tracked.FINISHED_ON, "2026-03-01", ""),
    ]


# Approval


def test_an_approval_says_who_when_and_as_what(ines: User) -> None:
    candidate = made(Stage.CANDIDATE, loyalty_impact=5, effort=1)
    approved = approve_initiative(initiative=candidate, by=ines, seen=Stage.CANDIDATE)
    assert (approved.stage, approved.approved_by, approved.approved_as) == (Stage.APPROVED, ines, Quadrant.QUICK_WIN)
    assert approved.approved_at is not None
    assert changes() == [(Tracked.STAGE, Stage.CANDIDATE, Stage.APPROVED)]


@pytest.mark.parametrize("who", ["omar", "fay", "stella", "ada", "noor"])
def test_executives_alone_approve_and_override(request: pytest.FixtureRequest, db: None, who: str) -> None:
    person = request.getfixturevalue(who)
    candidate = made(Stage.CANDIDATE, owner=person, **RECONSIDER)
    with pytest.raises(PermissionDenied):
        approve_initiative(initiative=candidate, by=person, seen=Stage.CANDIDATE)
    with pytest.raises(PermissionDenied):
        override_initiative(initiative=candidate, by=person, reason="I want it")


@pytest.mark.parametrize("stage", [Stage.DONE, Stage.CANCELLED])
def test_what_is_over_is_not_approved(ines: User, stage: Stage) -> None:
    with pytest.raises(TransitionRefused, match="nothing to approve"):
        approve_initiative(initiative=made(stage), by=ines, seen=stage)


def test_an_approval_does_not_outlive_a_step_back(stella: User, ines: User) -> None:
    bet = made(Stage.CANDIDATE, justification="It pays", **BET)
    approve_initiative(initiative=bet, by=ines, seen=Stage.CANDIDATE)
    back = move(bet, Stage.CANDIDATE, stella)
    assert (back.approved_by, back.approved_at, back.approved_as) == (None, None, "")
    assert back.justification == "It pays"


def test_putting_a_candidate_on_hold_is_no_way_around_an_approval(stella: User, ines: User) -> None:
    candidate = made(Stage.CANDIDATE)
    move(candidate, Stage.ON_HOLD, stella)
    for to in (Stage.APPROVED, Stage.IN_PROGRESS):
        with pytest.raises(TransitionRefused, match="executive"):
            move(candidate, to, stella)
    held = approve_initiative(initiative=candidate, by=ines, seen=Stage.ON_HOLD)
    assert held.stage == Stage.ON_HOLD
    assert move(candidate, Stage.IN_PROGRESS, stella).stage == Stage.IN_PROGRESS


def test_what_a_file_put_on_hold_counts_as_approved_where_it_once_began(stella: User) -> None:
    assert not was_approved(made(Stage.ON_HOLD))
    assert was_approved(made(Stage.ON_HOLD, started_on=date(2026, 2, 1)))
    approved = made(Stage.APPROVED)
    assert was_approved(move(approved, Stage.ON_HOLD, stella))


# Major bets, and what to reconsider


def test_a_major_bet_starts_with_a_justification_and_an_approval_as_one(stella: User, ines: User) -> None:
    bet = made(Stage.APPROVED, **BET)
    assert "major bet" in refusal(bet, Stage.IN_PROGRESS, stella)
    with pytest.raises(TransitionRefused, match="write why"):
        approve_initiative(initiative=bet, by=ines, seen=Stage.APPROVED)
    again = approve_initiative(initiative=bet, by=ines, seen=Stage.APPROVED, justification=" It pays ")
    assert (again.stage, again.justification, again.approved_as) == (Stage.APPROVED, "It pays", Quadrant.MAJOR_BET)
    assert move(bet, Stage.IN_PROGRESS, stella).stage == Stage.IN_PROGRESS


def test_an_approval_as_something_else_is_none_as_a_major_bet(stella: User, ines: User) -> None:
    grown = made(Stage.CANDIDATE, justification="It pays", loyalty_impact=5, effort=1)
    approve_initiative(initiative=grown, by=ines, seen=Stage.CANDIDATE)
    Initiative.objects.update(effort=4)
    with pytest.raises(TransitionRefused, match="major bet"):
        move(grown, Stage.IN_PROGRESS, stella)


def test_the_cost_alone_makes_a_major_bet(stella: User) -> None:
    bet = made(Stage.APPROVED, loyalty_impact=4, effort=1, cost=250_000)
    assert "major bet" in refusal(bet, Stage.IN_PROGRESS, stella)


def test_what_to_reconsider_starts_by_an_executives_override_alone(stella: User, ines: User) -> None:
    doubtful = made(Stage.APPROVED, approved_by=ines, approved_as=Quadrant.RECONSIDER, **RECONSIDER)
    assert "overrides" in refusal(doubtful, Stage.IN_PROGRESS, stella)
    with pytest.raises(ValidationError, match="Say why"):
        override_initiative(initiative=doubtful, by=ines, reason=" ")
    override_initiative(initiative=doubtful, by=ines, reason="The board asked")
    entry = AuditEntry.objects.get(verb="overridden")
    assert (entry.by, entry.after and entry.after["override_reason"]) == (ines, "The board asked")
    assert move(doubtful, Stage.IN_PROGRESS, stella).stage == Stage.IN_PROGRESS


def test_there_is_nothing_to_override_elsewhere(ines: User) -> None:
    with pytest.raises(TransitionRefused, match="nothing to override"):
        override_initiative(initiative=made(Stage.APPROVED, **BET), by=ines, reason="Because")


def test_what_is_not_scored_starts_without_more(stella: User) -> None:
    assert move(made(Stage.APPROVED), Stage.IN_PROGRESS, stella).stage == Stage.IN_PROGRESS


# Who, and at once


def test_its_people_and_stewards_move_it_and_nobody_else(omar: User, stella: User, fay: User, ines: User) -> None:
    initiative = made(Stage.APPROVED)
    for person in (omar, fay, ines):
        with pytest.raises(PermissionDenied):
            move(initiative, Stage.IN_PROGRESS, person)
    for field in ("owner", "deputy"):
        mine = made(Stage.APPROVED, **{field: omar})
        assert move(mine, Stage.IN_PROGRESS, omar)
    initiative.team.add(omar)
    assert move(initiative, Stage.IN_PROGRESS, omar)
    assert move(made(Stage.APPROVED), Stage.IN_PROGRESS, stella)


def test_who_saw_another_stage_is_told_and_changes_nothing(stella: User, ines: User) -> None:
    initiative = made(Stage.IN_PROGRESS)
    move(initiative, Stage.DONE, stella)
    with pytest.raises(StaleTransition, match="done"):
        move_stage(initiative=initiative, to=Stage.ON_HOLD, by=stella, seen=Stage.IN_PROGRESS, reason="Late")
    with pytest.raises(StaleTransition, match="done"):
        approve_initiative(initiative=initiative, by=ines, seen=Stage.IN_PROGRESS)
    assert Initiative.objects.get().stage == Stage.DONE


def test_who_is_overtaken_between_reading_and_writing_changes_nothing(
    stella: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from initiatives.services import stages

    initiative = made(Stage.IN_PROGRESS)

    def overtaken(row: Initiative, *rest: Any) -> str:
        Initiative.objects.update(stage=Stage.CANCELLED)
        return ""

    monkeypatch.setattr(stages, "_refusal_of_words", overtaken)
    with pytest.raises(StaleTransition, match="meanwhile"):
        move(initiative, Stage.DONE, stella)
    assert not TrackedChange.objects.exists()


def test_every_step_is_in_the_audit_with_before_and_after(stella: User) -> None:
    initiative = made(Stage.IN_PROGRESS)
    revision = initiative.revision
    assert move(initiative, Stage.ON_HOLD, stella, reason="No people").revision == revision + 1
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.verb, entry.object_id) == (stella, "put on hold", str(initiative.pk))
    assert entry.before == {"stage": "in_progress"}
    assert entry.after == {"stage": "on_hold", "reason": "No people"}
