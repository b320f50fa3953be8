"""What can be done with the stage of an initiative, by whom, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from initiatives.choices import TRANSITIONS, Quadrant, Stage
from initiatives.models import Initiative
from initiatives.reading.stages import course_of, wants_approval_again
from initiatives.rules.stages import Course, transition_refusal

APPROVE, OVERRIDE = "approve", "override"

_VERBS = {
    Stage.APPROVED: "Back to approved",
    Stage.IN_PROGRESS: "Start",
    Stage.DONE: "Finish",
    Stage.ON_HOLD: "Put on hold",
    Stage.CANCELLED: "Cancel",
    Stage.CANDIDATE: "Back to candidate",
}
_WORDS = {
    Stage.APPROVED: "It goes on from where it was held: approved, not yet started.",
    Stage.IN_PROGRESS: "From that day on it runs: it is reported on, and its baseline stays as it is.",
    Stage.DONE: "It is finished and no longer chased; its dates are kept.",
    Stage.ON_HOLD: "It waits. It is listed with since when and by whom, and nobody is reminded.",
    Stage.CANCELLED: "It ends without being done. All of it is kept; it can be a candidate again, to be approved anew.",
    Stage.CANDIDATE: "It goes back to the pipeline; approval and override are taken back.",
}
_DONE = {
    Stage.APPROVED: "approved again, not started",
    Stage.IN_PROGRESS: "it runs",
    Stage.DONE: "done",
    Stage.ON_HOLD: "put on hold",
    Stage.CANCELLED: "cancelled",
    Stage.CANDIDATE: "a candidate again",
}
NEEDS_REASON = frozenset({Stage.ON_HOLD, Stage.CANCELLED, Stage.CANDIDATE})
NEEDS_DAY = frozenset({Stage.IN_PROGRESS, Stage.DONE})


@dataclass(frozen=True, slots=True)
class Move:
    """One step that can be taken; ``refusal`` says what is missing first, empty where nothing is."""

    key: str
    label: str
    words: str
    url: str
    refusal: str = ""
    needs_reason: bool = False
    takes_day: bool = False
    reason_label: str = "Reason"

    @property
    def stage(self) -> Stage:
        """Where it leads; approval and override are not steps to a stage alone."""
        return Stage(self.key)

    @property
    def done(self) -> str:
        """What to say when it was taken."""
        return {APPROVE: "approved", OVERRIDE: "overridden; it may start"}.get(self.key) or _DONE[self.stage]

    @property
    def is_grave(self) -> bool:
        """Whether it ends or stops the work."""
        return self.key in {Stage.CANCELLED, Stage.ON_HOLD, Stage.CANDIDATE}


def moves_of(row: Initiative, user: User, *, editable: bool) -> tuple[Move, ...]:
    """The steps that this person may take now, those that lead on first; none where there are none."""
    approves = user.has_perm(Right.APPROVE_INITIATIVES)
    course = course_of(row) if approves or editable else None
    url = reverse("initiative_stage", args=[row.code])
    decisions = _decisions(row, course.quadrant, url) if course and approves else []
    following = (to for to in Stage if to in TRANSITIONS[Stage(row.stage)])
    steps = [_step(row, course, to, url) for to in following] if course and editable else []
    return (*decisions, *sorted((step for step in steps if step), key=lambda step: step.is_grave))


def _decisions(row: Initiative, quadrant: Quadrant | None, url: str) -> list[Move]:
    found = []
    if row.stage == Stage.CANDIDATE or wants_approval_again(row, quadrant):
        what = f" as {quadrant.label.lower()}" if quadrant else ""
        may = "It runs." if row.stage == Stage.IN_PROGRESS else "It may start."
        words = f"{may} You approve it{what}; your name and the day are kept."
        bet = quadrant == Quadrant.MAJOR_BET
        label = "Why its impact is worth its burden" if bet else "Why"
        found.append(Move(APPROVE, "Approve", words, f"{url}?to={APPROVE}", needs_reason=bet, reason_label=label))
    if quadrant == Quadrant.RECONSIDER and row.override_by_id is None and row.stage in _OPEN:
        words = "Its impact is low for its burden. With your override it may start all the same; it is logged."
        found.append(Move(OVERRIDE, "Override", words, f"{url}?to={OVERRIDE}", needs_reason=True))
    return found


_OPEN = (Stage.CANDIDATE, Stage.APPROVED, Stage.ON_HOLD)


def _step(row: Initiative, course: Course, to: Stage, url: str) -> Move | None:
    """A step to a stage; None for approval, which has a decision of its own."""
    if to == Stage.APPROVED and row.stage == Stage.CANDIDATE:
        return None
    reopens = row.stage == Stage.DONE
    resumes = row.stage == Stage.ON_HOLD and to == Stage.IN_PROGRESS
    label = "Open again" if reopens else "Resume" if resumes else _VERBS[to]
    return Move(
        key=to,
        label=label,
        words="It runs again; its finish is taken back." if reopens else _WORDS[to],
        url=f"{url}?to={to.value}",
        refusal=transition_refusal(course, to),
        needs_reason=to in NEEDS_REASON or reopens,
        takes_day=to in NEEDS_DAY and not reopens and not resumes,
    )
