"""The life of an initiative: from which stage it may go on to which, and what it needs first."""

from __future__ import annotations

from dataclasses import dataclass

from initiatives.choices import TRANSITIONS, Quadrant, Stage

_WAY = (Stage.CANDIDATE, Stage.APPROVED, Stage.IN_PROGRESS, Stage.DONE)


@dataclass(frozen=True, slots=True)
class Course:
    """Where an initiative stands, as far as its next stage depends on it.

    ``approved``: since it last was a candidate; ``approved_as`` is the quadrant that it was approved
    as, empty where it was taken over. ``dated``: it has a baseline start and a due date.
    """

    stage: Stage
    quadrant: Quadrant | None
    approved: bool
    approved_as: str
    justification: str
    overridden: bool
    dated: bool


def counts_as_approved(stage: Stage, *, decided: bool, held_from: str, started: bool) -> bool:
    """Whether it was approved since it last was a candidate; loaded stages count as they stand.

    ``decided``: an executive's approval is kept; ``held_from``: the stage before it was put on hold,
    empty where that is not known.
    """
    if stage in {Stage.APPROVED, Stage.IN_PROGRESS, Stage.DONE}:
        return True
    if stage != Stage.ON_HOLD:
        return False
    return decided or held_from == Stage.APPROVED or (held_from != Stage.CANDIDATE and started)


def transition_refusal(course: Course, to: Stage) -> str:
    """Why it cannot go on to a stage as it is now; empty where it can.

    Reasons and days are not looked at. A candidate becomes approved by ``approval_refusal`` and an
    executive, never by this.
    """
    stage = course.stage
    if to not in TRANSITIONS[stage]:
        return f"From “{stage.label.lower()}” it cannot go to “{to.label.lower()}”."
    if to == Stage.APPROVED and (stage == Stage.CANDIDATE or not course.approved):
        return "An executive approves it first."
    if to == Stage.IN_PROGRESS:
        return start_refusal(course)
    return "" if to != Stage.APPROVED else _dates_missing(course)


def start_refusal(course: Course) -> str:
    """Why it cannot start as it is now; empty where it can.

    A major bet needs a justification and an approval as one, a 'reconsider' an executive's override.
    """
    if not course.approved:
        return "It has not been approved: an executive approves it first."
    justified = course.justification.strip() and course.approved_as == Quadrant.MAJOR_BET
    if course.quadrant == Quadrant.MAJOR_BET and not justified:
        return "It is a major bet: it needs a justification and an executive's approval as one before it starts."
    if course.quadrant == Quadrant.RECONSIDER and not course.overridden:
        return "Its impact is low for its burden: it starts only where an executive overrides that, with a reason."
    return _dates_missing(course)


def approval_refusal(course: Course) -> str:
    """Why it cannot be approved as it is now, whoever approves; empty where it can."""
    if course.quadrant == Quadrant.MAJOR_BET and not course.justification.strip():
        return "It is a major bet: write why its impact is worth its burden."
    return _dates_missing(course) if course.stage == Stage.CANDIDATE else ""


def _dates_missing(course: Course) -> str:
    return "" if course.dated else "Give it a baseline start and a due date first."


def steps_between(stage: Stage, to: Stage) -> tuple[Stage, ...]:
    """The steps that a row of a file stands for which was at one stage and is at another: none where it stays.

    A file comes now and then, so that it may skip stages of the way on: what is done was started
    before. Everything else is one step, allowed or not.
    """
    if stage == to:
        return ()
    if stage == Stage.ON_HOLD and to == Stage.DONE:
        return Stage.IN_PROGRESS, Stage.DONE
    if stage in _WAY and to in _WAY and _WAY.index(to) > _WAY.index(stage):
        return _WAY[_WAY.index(stage) + 1 : _WAY.index(to) + 1]
    return (to,)


def is_approval(stage: Stage, to: Stage) -> bool:
    """Whether that step is an executive's to take."""
    return stage == Stage.CANDIDATE and to == Stage.APPROVED
