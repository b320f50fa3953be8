"""The life of an initiative: each transition compares and swaps the stage, says who and why, and is tracked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.audit import record_change
from accounts.choices import Verb
from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.writes import StaleTransition, TransitionRefused
from initiatives.choices import Quadrant, Stage
from initiatives.models import Initiative
from initiatives.reading.approvals import Step
from initiatives.reading.stages import course_of
from initiatives.reading.standings import read_scores
from initiatives.rules.initiative import LIES_AHEAD
from initiatives.rules.stages import approval_refusal, transition_refusal
from initiatives.services.register import has_started
from initiatives.services.stage_mails import tell_owners
from initiatives.services.trail import require, require_editor, said, track

_OPEN = (Stage.CANDIDATE, Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD)
_NEEDS_WORD = {
    Stage.ON_HOLD: "Say why it is put on hold.",
    Stage.CANCELLED: "Say why it is cancelled.",
    Stage.CANDIDATE: "Say why it becomes a candidate again.",
}
_MOVED = {
    Stage.CANDIDATE: Verb.MADE_CANDIDATE,
    Stage.APPROVED: Verb.MADE_APPROVED,
    Stage.DONE: Verb.FINISHED,
    Stage.ON_HOLD: Verb.PUT_ON_HOLD,
    Stage.CANCELLED: Verb.CANCELLED,
}
UNAPPROVED: dict[str, Any] = {
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
    refusal = transition_refusal(course_of(row), to) or _refusal_of_words(row, to, reason, on)
    if refusal:
        raise TransitionRefused(refusal)
    return swap_stage(row, by=by, verb=_verb(row, to), reason=reason.strip(), stage=to, **_dates(row, to, on))


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
        return f"That day {LIES_AHEAD}."
    if to == Stage.DONE and row.started_on and (on or today()) < row.started_on:
        return "It would have finished before it started."
    return ""


def _verb(row: Initiative, to: Stage) -> Verb:
    if to == Stage.IN_PROGRESS:
        return {Stage.DONE: Verb.REOPENED, Stage.ON_HOLD: Verb.RESUMED}.get(Stage(row.stage), Verb.STARTED)
    return _MOVED[to]


def _dates(row: Initiative, to: Stage, on: date | None) -> dict[str, Any]:
    """The days, and what a step back takes away, that come with a stage."""
    if to == Stage.DONE:
        return {"finished_on": on or today()}
    if to == Stage.CANDIDATE:
        return UNAPPROVED
    if to != Stage.IN_PROGRESS:
        return {}
    begun = {} if row.started_on or has_started(row) else {"started_on": on or today()}
    return {**begun, "finished_on": None}


def swap_stage(row: Initiative, *, by: User, verb: Verb, reason: str = "", **values: Any) -> Initiative:
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
def approve_initiative(
    *, initiative: Initiative, by: User, seen: Stage, justification: str = "", told: bool = True
) -> Initiative:
    """An executive's approval, as what its quadrant is now; a candidate becomes approved by it.

    What is approved, runs or is on hold is approved again without a change of stage, where it
    became a major bet later. A major bet needs a justification, given now or written before. Its owner is
    ``told`` by mail, where the caller does not. Raises PermissionDenied, TransitionRefused, StaleTransition.
    """
    require(by, Right.APPROVE_INITIATIVES, "Executives approve initiatives; your roles do not include it.")
    row = _as_seen(initiative, seen)
    if row.stage not in _OPEN:
        raise TransitionRefused(f"It is {row.get_stage_display().lower()}: there is nothing to approve.")
    text = justification.strip() or row.justification.strip()
    course = replace(course_of(row), justification=text)
    if refusal := approval_refusal(course):
        raise TransitionRefused(refusal)
    as_what = course.quadrant or ""
    values = {"approved_by": by, "approved_at": timezone.now(), "approved_as": as_what, "justification": text}
    stage = Stage.APPROVED if row.stage == Stage.CANDIDATE else row.stage
    done = swap_stage(row, by=by, verb=Verb.APPROVED, reason=justification.strip(), stage=stage, **values)
    if told:
        tell_owners([(done, Step.APPROVE)], by=by)
    return done


@transaction.atomic
def override_initiative(*, initiative: Initiative, by: User, reason: str, told: bool = True) -> Initiative:
    """An executive lets a 'reconsider' start all the same, with a reason; its owner is ``told``, as above.

    Raises PermissionDenied, ValidationError without a reason, TransitionRefused where there is
    nothing to override, StaleTransition.
    """
    require(by, Right.APPROVE_INITIATIVES, "Executives override; your roles do not include it.")
    text = said(reason, "reason", "Say why it may start although its impact is low for its burden.")
    row = Initiative.objects.get(pk=initiative.pk)
    if row.stage not in _OPEN or read_scores(row).quadrant != Quadrant.RECONSIDER:
        raise TransitionRefused("It is not a candidate for reconsidering: there is nothing to override.")
    values = {"override_by": by, "override_at": timezone.now(), "override_reason": text}
    done = swap_stage(row, by=by, verb=Verb.OVERRIDDEN, reason=text, **values)
    if told:
        tell_owners([(done, Step.OVERRIDE)], by=by)
    return done
