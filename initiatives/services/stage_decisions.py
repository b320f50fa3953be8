"""What is decided on several initiatives together, and taking an approval back before the work began."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from accounts.services.threads import ask
from core.decisions import Decision, ReasonsMissing, require_readable
from core.texts import plain
from core.writes import StaleTransition
from initiatives.choices import Quadrant, Stage
from initiatives.models import Initiative
from initiatives.reading.approvals import Awaiting, Step, awaiting
from initiatives.reading.subjects import initiative_subject
from initiatives.services.recognition import is_of
from initiatives.services.stage_mails import tell_owners
from initiatives.services.stages import (
    UNAPPROVED,
    approve_initiative,
    move_stage,
    override_initiative,
    swap_stage,
)
from initiatives.services.trail import require, require_editor

_WHY_NOT = "Say what you want to know: its owner answers it."
_WHY_BET = "It is a major bet: say why its impact is worth its burden."
_WHY_ALL_THE_SAME = "Say why it may start although its impact is low for its burden."
_UNOVERRIDDEN = {name: UNAPPROVED[name] for name in ("override_by", "override_at", "override_reason")}


@transaction.atomic
def decide_stages(*, decisions: Sequence[Decision], by: User) -> list[Initiative]:
    """Give some initiatives the word that they wait for, and ask back about others: all of it or nothing.

    A yes approves a candidate, approves a major bet as one, overrides, or resumes, whichever it waits for; a no asks
    its owner. ``batch`` of a decision is the revision in which it was seen. The owners are told, once for all.
    Raises PermissionDenied, ReasonsMissing, StaleTransition, TransitionRefused.
    """
    said = {one.row: one for one in decisions}
    rows = awaiting(said)
    if len(rows) < len(said):
        raise StaleTransition("One of these does not wait any more. Nothing was decided: look again.")
    _require_words(rows, said)
    for one in rows:
        _require_as_seen(one, said[one.initiative.pk])
    done = [_give(one, said[one.initiative.pk], by) for one in rows]
    tell_owners([(row, one.step) for one, row in zip(rows, done, strict=True) if said[row.pk].approve], by=by)
    return done


def _require_words(rows: Sequence[Awaiting], said: dict[int, Decision]) -> None:
    """Raises ReasonsMissing where a question is empty or unreadable, or a yes lacks the words that it takes."""
    require_readable(said.values())
    lacking = {}
    for one in rows:
        decision = said[one.initiative.pk]
        if not plain(decision.reason) and (one.needs_words or not decision.approve):
            lacking[one.initiative.pk] = _words_wanted(one) if decision.approve else _WHY_NOT
    if lacking:
        raise ReasonsMissing(list(lacking), lacking, "decision")


def _words_wanted(one: Awaiting) -> str:
    return _WHY_BET if one.course.quadrant == Quadrant.MAJOR_BET else _WHY_ALL_THE_SAME


def _require_as_seen(one: Awaiting, decision: Decision) -> None:
    if decision.batch is not None and decision.batch != one.initiative.revision:
        raise StaleTransition(
            f"“{one.initiative.title}” was changed since you saw it. Nothing was decided: look again."
        )


def _give(one: Awaiting, decision: Decision, by: User) -> Initiative:
    row, words = one.initiative, plain(decision.reason)
    if one.step == Step.RESUME:
        require_editor(by, row)
        return move_stage(initiative=row, to=one.goes_on, by=by, seen=one.course.stage, reason=words)
    require(by, Right.APPROVE_INITIATIVES, "Executives approve initiatives; your roles do not include it.")
    if not decision.approve:
        ask(subject=initiative_subject(row), by=by, text=words)
        return row
    if one.course.quadrant == Quadrant.RECONSIDER and not one.course.overridden:
        row = override_initiative(initiative=row, by=by, reason=words, told=False)
    if one.step == Step.OVERRIDE:
        return row
    bet = one.course.quadrant == Quadrant.MAJOR_BET
    return approve_initiative(
        initiative=row, by=by, seen=one.course.stage, justification=words if bet else "", told=False
    )


@transaction.atomic
def take_back_approval(*, initiative: Initiative, by: User, reason: str = "") -> Initiative:
    """Take an approval back before the start: it is a candidate again, and an override goes with it. Of a candidate
    that was overridden and not approved the override goes.

    Its owner is told. Raises PermissionDenied (also for its own people), StaleTransition where it stays, and why.
    """
    require(by, Right.APPROVE_INITIATIVES, "Executives take approvals back; your roles do not include it.")
    row = Initiative.objects.get(pk=initiative.pk)
    if is_of(by, row):
        raise PermissionDenied("You have a part in this initiative: another executive takes it back.")
    if why := staying(row):
        raise StaleTransition(f"“{row.title}”: {why}. Nothing was changed.")
    undone = UNAPPROVED | {"stage": Stage.CANDIDATE} if row.stage == Stage.APPROVED else _UNOVERRIDDEN
    done = swap_stage(row, by=by, verb=Verb.TAKEN_BACK, reason=plain(reason), **undone)
    tell_owners([(done, None)], by=by, reason=plain(reason))
    return done


def staying(row: Initiative) -> str:
    """Why what an executive decided on it stays, as a reason; empty where it can be taken back."""
    if row.started_on or row.stage in {Stage.IN_PROGRESS, Stage.DONE}:
        return "the work has begun: put it on hold or cancel it instead"
    if row.stage == Stage.APPROVED and row.approved_at:
        return ""
    if row.stage == Stage.CANDIDATE and row.override_at:
        return ""
    return f"it is {row.get_stage_display().lower()} by now"
