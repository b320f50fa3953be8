"""What of the register waits for a word: an executive's approval or override, or to go on after it was put on hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from accounts.choices import ThreadState
from accounts.models import Thread, User
from initiatives.choices import Quadrant, Stage
from initiatives.formulas import HIGH
from initiatives.models import Initiative
from initiatives.reading.stages import courses_of, started_among, wants_approval_again
from initiatives.reading.standings import Standing, held_register, read_standings
from initiatives.reading.subjects import INITIATIVE
from initiatives.rules.stages import Course, transition_refusal

_PIPELINE = (Stage.CANDIDATE, Stage.APPROVED, Stage.ON_HOLD)


class Step(StrEnum):
    """The word that an initiative waits for."""

    APPROVE = "approve"  # a candidate, overridden with it where it is to be reconsidered
    APPROVE_AGAIN = "approve again"  # it became a major bet since
    OVERRIDE = "override"  # it became one to reconsider since
    RESUME = "resume"

    @property
    def is_executive(self) -> bool:
        """Whether it is an executive's; the other is of those who may edit the initiative."""
        return self != Step.RESUME


@dataclass(frozen=True, slots=True)
class Awaiting:
    """An initiative and the word that it waits for. ``goes_on`` is where it goes when it is resumed: on with the work,
    or to where it was approved and had not begun; ``refusal`` says what is missing before that.
    """

    standing: Standing
    step: Step
    course: Course
    goes_on: Stage = Stage.IN_PROGRESS
    refusal: str = ""

    @property
    def initiative(self) -> Initiative:
        """The row itself."""
        return self.standing.initiative

    @property
    def needs_words(self) -> bool:
        """Whether the word takes a reason: of a major bet that nobody justified yet, and of every override."""
        if self.course.quadrant == Quadrant.RECONSIDER and not self.course.overridden:
            return self.step.is_executive
        bet = self.course.quadrant == Quadrant.MAJOR_BET and not self.course.justification.strip()
        return bet and self.step.is_executive


def awaiting(pks: Collection[int] | None = None) -> list[Awaiting]:
    """All that wait, or those of these ids, in the order of the register; a constant number of queries.

    Candidates without their dates cannot be approved yet, and do not wait.
    """
    standings = _waiting(pks)
    courses = courses_of(standings)
    began = started_among([pk for pk, course in courses.items() if course.stage == Stage.ON_HOLD])
    found = (_awaiting(one, courses[one.initiative.pk], began=one.initiative.pk in began) for one in standings)
    return [one for one in found if one is not None]


def _waiting(pks: Collection[int] | None) -> list[Standing]:
    """Those that may wait: what is planned, and running bets that nobody approved as such."""
    if pks is None and (whole := held_register()) is not None:
        return [one for one in whole if _may_wait(one.initiative)]
    bet = Q(loyalty_impact__gte=HIGH) | Q(vendor_choice_impact__gte=HIGH)
    running = Q(stage=Stage.IN_PROGRESS) & bet & ~Q(approved_as=Quadrant.MAJOR_BET)
    rows = Initiative.objects.filter(Q(stage__in=_PIPELINE) | running)
    return read_standings(rows if pks is None else rows.filter(pk__in=pks), steps=False)


def _may_wait(row: Initiative) -> bool:
    """The same of a row that was read."""
    bet = max(row.loyalty_impact or 0, row.vendor_choice_impact or 0) >= HIGH
    return row.stage in _PIPELINE or (row.stage == Stage.IN_PROGRESS and bet and row.approved_as != Quadrant.MAJOR_BET)


def _awaiting(standing: Standing, course: Course, *, began: bool) -> Awaiting | None:
    row, stage = standing.initiative, course.stage
    if stage == Stage.CANDIDATE:
        return Awaiting(standing, Step.APPROVE, course) if course.dated else None
    if wants_approval_again(row, course.quadrant):
        return Awaiting(standing, Step.APPROVE_AGAIN, course)
    if course.quadrant == Quadrant.RECONSIDER and not course.overridden and stage in _PIPELINE:
        return Awaiting(standing, Step.OVERRIDE, course)
    if stage != Stage.ON_HOLD:
        return None
    goes_on = Stage.APPROVED if course.approved and not began else Stage.IN_PROGRESS
    return Awaiting(standing, Step.RESUME, course, goes_on, transition_refusal(course, goes_on))


def undated_candidates() -> int:
    """How many candidates lack the dates without which nobody can approve them."""
    lacking = Q(baseline_start=None) | Q(baseline_due=None) | Q(due=None)
    return Initiative.objects.filter(lacking, stage=Stage.CANDIDATE).count()


def asked_back_by(user: User) -> set[str]:
    """The codes of the initiatives about which the person has an open question: they wait for its answer."""
    rows = Thread.objects.filter(kind=INITIATIVE, state=ThreadState.OPEN, asked_by=user)
    return set(rows.values_list("key", flat=True))


def for_executive(user: User) -> list[Awaiting]:
    """What waits for this executive's decision: all but what they asked about and got no answer to."""
    asked = asked_back_by(user)
    return [one for one in awaiting() if one.step.is_executive and one.initiative.code not in asked]
