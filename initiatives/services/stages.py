"""The life of an initiative: each transition compares and swaps the stage, says who and why, and is tracked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.rights import Right
from accounts.services import today
from core.writes import StaleTransition, TransitionRefused
from initiatives.choices import TRANSITIONS, Quadrant, Stage, Tracked
from initiatives.models import Initiative, TrackedChange
from initiatives.services.register import has_started
from initiatives.services.trail import record_change, require, require_editor, said, state_of, track
from initiatives.standing import read_scores

_OPEN = (Stage.CANDIDATE, Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD)
_NEEDS_WORD = {
    Stage.ON_HOLD: "Say why it is put on hold.",
    Stage.CANCELLED: "Say why it is cancelled.",
    Stage.CANDIDATE: "Say why it becomes a candidate again.",
}
_UNAPPROVED: dict[str, Any] = {
    "approved_by": None,
    "approved_at": None,
    "approved_as": "",
    "override_by": None,
    "override_at": None,
    "override_reason": "",
}


@transaction.atomic
def move_stage(
    *, initiative: Initiative, to: Stage, by: User, seen: Stage, reason: str = "", on: date | None = None
) -> Initiative:
    """Take it to another stage; answers it as it is now.

    ``seen`` is the stage that the person saw, ``on`` the day of a start or finish (today where not
    given). Candidates are approved by ``approve_initiative``. Raises PermissionDenied,
    TransitionRefused with a sentence, StaleTransition.
    """
    require_editor(by, initiative)
    row = _as_seen(initiative, seen)
    refusal = transition_refusal(row, to) or _refusal_of_words(row, to, reason, on)
    if refusal:
        raise TransitionRefused(refusal)
    return _swap(row, by=by, verb=_verb(row, to), reason=reason.strip(), stage=to, **_dates(row, to, on))


def transition_refusal(row: Initiative, to: Stage) -> str:
    """Why an initiative cannot go on to a stage as it is now; empty where it can.

    Reasons and days are not looked at. The conditions of a start are those of its quadrant: a major
    bet needs a justification and an approval as one, a 'reconsider' an executive's override.
    """
    stage = Stage(row.stage)
    if to not in TRANSITIONS[stage]:
        return f"From “{stage.label.lower()}” it cannot go to “{to.label.lower()}”."
    if to == Stage.APPROVED and (stage == Stage.CANDIDATE or not was_approved(row)):
        return "An executive approves it first."
    if to == Stage.IN_PROGRESS:
        return start_refusal(row)
    return "" if to != Stage.APPROVED else _dates_missing(row)


def start_refusal(row: Initiative) -> str:
    """Why it cannot start as it is now; empty where it can."""
    if not was_approved(row):
        return "It has not been approved: an executive approves it first."
    quadrant = read_scores(row).quadrant
    if quadrant == Quadrant.MAJOR_BET and not (row.justification.strip() and row.approved_as == Quadrant.MAJOR_BET):
        return "It is a major bet: it needs a justification and an executive's approval as one before it starts."
    if quadrant == Quadrant.RECONSIDER and row.override_by_id is None:
        return "Its impact is low for its burden: it starts only where an executive overrides that, with a reason."
    return _dates_missing(row)


def _dates_missing(row: Initiative) -> str:
    complete = row.baseline_start and row.baseline_due and row.due
    return "" if complete else "Give it a baseline start and a due date first."


def was_approved(row: Initiative) -> bool:
    """Whether somebody approved it since it last was a candidate; loaded stages count as they stand."""
    stage = Stage(row.stage)
    if stage in {Stage.APPROVED, Stage.IN_PROGRESS, Stage.DONE}:
        return True
    if stage != Stage.ON_HOLD:
        return False
    held = TrackedChange.objects.filter(initiative=row, what=Tracked.STAGE, after=Stage.ON_HOLD).order_by("on", "pk")
    last = held.last()
    before = last.before if last else ""
    return row.approved_at is not None or before == Stage.APPROVED or (before != Stage.CANDIDATE and has_started(row))


def _as_seen(initiative: Initiative, seen: Stage) -> Initiative:
    row = Initiative.objects.get(pk=initiative.pk)
    if row.stage != seen:
        raise StaleTransition(
            f"“{row.title}” is “{row.get_stage_display().lower()}” by now, changed by somebody else; "
            "nothing of yours was kept."
        )
    return row


def _refusal_of_words(row: Initiative, to: Stage, reason: str, on: date | None) -> str:
    """What is wrong with the reason and the day that the person gave."""
    reopened = row.stage == Stage.DONE
    if (to in _NEEDS_WORD or reopened) and not reason.strip():
        return _NEEDS_WORD.get(to, "Say why it is opened again.")
    if on and on > today():
        return "That day lies ahead: a start or finish is today or earlier."
    if to == Stage.DONE and row.started_on and (on or today()) < row.started_on:
        return "It would have finished before it started."
    return ""


def _verb(row: Initiative, to: Stage) -> str:
    if to == Stage.IN_PROGRESS:
        return {Stage.DONE: "reopened", Stage.ON_HOLD: "resumed"}.get(Stage(row.stage), "started")
    names = {Stage.DONE: "finished", Stage.ON_HOLD: "put on hold", Stage.CANCELLED: "cancelled"}
    return names.get(to, f"made {to.label.lower()}")


def _dates(row: Initiative, to: Stage, on: date | None) -> dict[str, Any]:
    """The days, and what a step back takes away, that come with a stage."""
    if to == Stage.DONE:
        return {"finished_on": on or today()}
    if to == Stage.CANDIDATE:
        return _UNAPPROVED
    if to != Stage.IN_PROGRESS:
        return {}
    begun = {} if row.started_on or has_started(row) else {"started_on": on or today()}
    return {**begun, "finished_on": None}


def _swap(row: Initiative, *, by: User, verb: str, reason: str = "", **values: Any) -> Initiative:
    """Write the values if the stage is still what it was. Raises StaleTransition."""
    before = state_of(row)
    unmoved = Initiative.objects.filter(pk=row.pk, stage=row.stage, revision=row.revision)
    if not unmoved.update(revision=F("revision") + 1, **values):
        raise StaleTransition(f"“{row.title}” was changed by somebody else meanwhile; nothing of yours was kept.")
    row = Initiative.objects.get(pk=row.pk)
    track(initiative=row, by=by, before=before, reason=reason)
    record_change(by=by, verb=verb, obj=row, before=before, reason=reason)
    return row


@transaction.atomic
def approve_initiative(*, initiative: Initiative, by: User, seen: Stage, justification: str = "") -> Initiative:
    """An executive's approval, as what its quadrant is now; a candidate becomes approved by it.

    What is approved, runs or is on hold is approved again without a change of stage, where it
    became a major bet later. A major bet needs a justification, given now or written before. Raises
    PermissionDenied, TransitionRefused, StaleTransition.
    """
    require(by, Right.APPROVE_INITIATIVES, "Executives approve initiatives; your roles do not include it.")
    row = _as_seen(initiative, seen)
    if row.stage not in _OPEN:
        raise TransitionRefused(f"It is {row.get_stage_display().lower()}: there is nothing to approve.")
    text, quadrant = justification.strip() or row.justification.strip(), read_scores(row).quadrant
    if quadrant == Quadrant.MAJOR_BET and not text:
        raise TransitionRefused("It is a major bet: write why its impact is worth its burden.")
    if row.stage == Stage.CANDIDATE and (refusal := _dates_missing(row)):
        raise TransitionRefused(refusal)
    values = {"approved_by": by, "approved_at": timezone.now(), "approved_as": quadrant or "", "justification": text}
    stage = Stage.APPROVED if row.stage == Stage.CANDIDATE else row.stage
    return _swap(row, by=by, verb="approved", reason=justification.strip(), stage=stage, **values)


@transaction.atomic
def override_initiative(*, initiative: Initiative, by: User, reason: str) -> Initiative:
    """An executive lets a 'reconsider' start all the same, with a reason.

    Raises PermissionDenied, ValidationError without a reason, TransitionRefused where there is
    nothing to override, StaleTransition.
    """
    require(by, Right.APPROVE_INITIATIVES, "Executives override; your roles do not include it.")
    text = said(reason, "reason", "Say why it may start although its impact is low for its burden.")
    row = Initiative.objects.get(pk=initiative.pk)
    if row.stage not in _OPEN or read_scores(row).quadrant != Quadrant.RECONSIDER:
        raise TransitionRefused("It is not a candidate for reconsidering: there is nothing to override.")
    values = {"override_by": by, "override_at": timezone.now(), "override_reason": text}
    return _swap(row, by=by, verb="overridden", reason=text, **values)
