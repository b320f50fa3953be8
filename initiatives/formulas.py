"""The rules of initiatives: scores, quadrant, slip and schedule status. Pure, no Django, no clock.

Every rule is from the product's semantics (Initiatives), and named after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from initiatives.choices import ChainStep, Health, Quadrant, ReasonKind, ScheduleStatus, Stage

HIGH = 4  # impact or burden from here on is high
MILESTONE_GRACE = 7
LATE_SLIP = 180
LONG_SLIP, LONG_SLIP_SHARE = 90, Fraction(1, 4)
RISKY_SLIP = 30
START_GRACE = 7
DEFAULT_SILENCE = 30


class Scores(NamedTuple):
    """What an initiative is worth and costs, each 1 to 5; None where not scored, never 0.

    ``impact`` is the larger face, ``burden`` the larger of effort and cost band; one of two that is
    missing is left out.
    """

    impact: int | None
    burden: int | None

    @property
    def scored(self) -> bool:
        """Whether both sides are known."""
        return self.impact is not None and self.burden is not None

    @property
    def quadrant(self) -> Quadrant | None:
        """The quadrant; None where not scored."""
        if self.impact is None or self.burden is None:
            return None
        if self.impact >= HIGH:
            return Quadrant.MAJOR_BET if self.burden >= HIGH else Quadrant.QUICK_WIN
        return Quadrant.RECONSIDER if self.burden >= HIGH else Quadrant.FILL_IN

    @property
    def priority(self) -> tuple[int, int, int]:
        """Sorts by quadrant, within it impact descending and burden ascending; what is not scored comes last."""
        quadrant = self.quadrant
        if quadrant is None or self.impact is None or self.burden is None:
            return (len(Quadrant), 0, 0)
        return (list(Quadrant).index(quadrant), -self.impact, self.burden)


def larger(one: int | None, other: int | None) -> int | None:
    """The larger of two scores; a missing one is left out, both missing give None."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def cost_band(cost: Fraction | None, thresholds: Sequence[Fraction]) -> int | None:
    """1 to 5 by four ascending thresholds: a cost on a threshold is in the band above it. None without a cost."""
    return None if cost is None else bisect_right(thresholds, cost) + 1


class Plan(NamedTuple):
    """The dates of an initiative as they stood on a day. Baselines never move once it has started."""

    baseline_start: date | None
    baseline_due: date | None
    started_on: date | None
    due: date | None
    finished_on: date | None
    redated: int = 0

    @property
    def start(self) -> date | None:
        """The actual start, else the baseline's."""
        return self.started_on or self.baseline_start

    @property
    def slip(self) -> int:
        """Current due date less baseline, in days; may be negative; 0 where either is missing."""
        return (self.due - self.baseline_due).days if self.due and self.baseline_due else 0

    @property
    def baseline_length(self) -> int:
        """Days from baseline start to baseline due date; 0 where either is missing."""
        both = self.baseline_due and self.baseline_start
        return (self.baseline_due - self.baseline_start).days if both else 0  # type: ignore[operator]


class MilestoneState(NamedTuple):
    """A milestone as it stood on a day."""

    pk: int
    title: str
    due: date
    done_on: date | None = None
    redated: int = 0

    def overdue(self, day: date) -> int:
        """Days past its due date while not done; 0 or less where it is not overdue."""
        return 0 if self.done_on is not None else (day - self.due).days


class UpdateState(NamedTuple):
    """The owner's latest word on a day. ``loaded_by``: who loaded it in the author's name; empty for an own word."""

    pk: int
    on: date
    health: Health
    progress: int
    note: str = ""
    author: str = ""
    loaded_by: str = ""


class Reason(NamedTuple):
    """One reason of a verdict: which status it calls for, and what it rests on. Days count up to the day asked."""

    status: ScheduleStatus
    kind: ReasonKind
    days: int = 0
    milestone: str = ""
    redated: int = 0


class Verdict(NamedTuple):
    """The schedule status of what runs, with every reason, the gravest first."""

    status: ScheduleStatus
    reasons: tuple[Reason, ...] = ()


def schedule_status(
    plan: Plan,
    milestones: Sequence[MilestoneState],
    latest: UpdateState | None,
    day: date,
    silence: int = DEFAULT_SILENCE,
) -> Verdict:
    """The verdict of a running initiative on a day: the owner's word can make it worse, never better."""
    found = [
        *_of_dates(plan, day),
        *_of_milestones(milestones, day),
        *_of_owner(latest),
        *_of_silence(plan, latest, day, silence),
    ]
    for status in (ScheduleStatus.LATE, ScheduleStatus.AT_RISK, ScheduleStatus.NOT_REPORTED):
        if any(reason.status == status for reason in found):
            return Verdict(status, tuple(sorted(found, key=lambda reason: GRAVITY.index(reason.status))))
    return Verdict(ScheduleStatus.ON_SCHEDULE, (Reason(ScheduleStatus.ON_SCHEDULE, ReasonKind.NOTHING),))


# The gravest first.
GRAVITY = (ScheduleStatus.LATE, ScheduleStatus.AT_RISK, ScheduleStatus.NOT_REPORTED, ScheduleStatus.ON_SCHEDULE)


def _of_dates(plan: Plan, day: date) -> list[Reason]:
    """Past the due date; slip against the baseline, which re-dating only makes larger."""
    reasons = []
    if plan.due and day > plan.due:
        reasons.append(Reason(ScheduleStatus.LATE, ReasonKind.PAST_DUE, (day - plan.due).days))
    if plan.slip > RISKY_SLIP:
        status = ScheduleStatus.LATE if slip_is_late(plan.slip, plan.baseline_length) else ScheduleStatus.AT_RISK
        reasons.append(Reason(status, ReasonKind.SLIP, plan.slip, redated=plan.redated))
    return reasons


def slip_is_late(slip: int, baseline_length: int) -> bool:
    """More than 180 days; or more than 90 and more than a quarter of the baseline's length."""
    return slip > LATE_SLIP or (slip > LONG_SLIP and slip > LONG_SLIP_SHARE * baseline_length)


def _of_milestones(milestones: Sequence[MilestoneState], day: date) -> list[Reason]:
    """Each overdue one, the longest first: late when overdue by more than a week."""
    overdue = sorted(((m.overdue(day), m) for m in milestones if m.overdue(day) > 0), key=lambda pair: -pair[0])
    return [
        Reason(
            ScheduleStatus.LATE if days > MILESTONE_GRACE else ScheduleStatus.AT_RISK,
            ReasonKind.MILESTONE,
            days,
            milestone.title,
            milestone.redated,
        )
        for days, milestone in overdue
    ]


def _of_owner(latest: UpdateState | None) -> list[Reason]:
    words = {Health.LATE: ScheduleStatus.LATE, Health.AT_RISK: ScheduleStatus.AT_RISK}
    if latest is None or latest.health not in words:
        return []
    return [Reason(words[latest.health], ReasonKind.OWNER)]


def _of_silence(plan: Plan, latest: UpdateState | None, day: date, silence: int) -> list[Reason]:
    """More than ``silence`` days since the later of its start and its last update."""
    heard = max((at for at in (plan.start, latest and latest.on) if at), default=None)
    if heard is None or (day - heard).days <= silence:
        return []
    return [Reason(ScheduleStatus.NOT_REPORTED, ReasonKind.SILENT, (day - heard).days)]


def stage_on(stage: Stage, plan: Plan, day: date) -> Stage:
    """The stage on a day by an initiative's own dates: done from its finish, in progress from its start.

    Before its start it counts as approved; other stages hold always.
    """
    if stage == Stage.DONE and plan.finished_on and day < plan.finished_on:
        stage = Stage.IN_PROGRESS
    if stage == Stage.IN_PROGRESS and plan.start and day < plan.start:
        return Stage.APPROVED
    return stage


def is_not_started(stage: Stage, plan: Plan, day: date) -> bool:
    """Approved, and past its baseline start by more than a week."""
    overdue = (day - plan.baseline_start).days if plan.baseline_start else 0
    return stage == Stage.APPROVED and overdue > START_GRACE


def in_company_money(cost: Fraction | None, rate: Fraction | None) -> Fraction | None:
    """A cost by the year's rate; None without a cost or a rate: it is left out of sums, and named."""
    return None if cost is None or rate is None else cost if rate == 1 else cost * rate


class Measure(NamedTuple):
    """A success metric of a moment of truth in one tier and period: whether it has a value and an approved target, is
    met or near, and whether something that runs, and is not late, serves it.
    """

    measured: bool
    aimed: bool
    kept: bool
    worked_on: bool


class Promise(NamedTuple):
    """A planned benefit: is it approved, what did it bring, and what should it have by now; None where not known."""

    approved: bool
    realised: Fraction | None
    to_date: Fraction | None

    @property
    def is_realised(self) -> bool:
        """Whether it is approved and brought what it should have by now; before it begins nothing is due."""
        if not self.approved or self.to_date is None:
            return False
        return self.to_date == 0 or (self.realised is not None and self.realised >= self.to_date)


class ChainLink(NamedTuple):
    """One step of the chain of a moment of truth: it holds for ``done`` of the ``of`` that it is asked of.

    Asked of nothing it does not hold, but where nothing ``asks`` for it: of what is kept nobody has to work on.
    """

    step: ChainStep
    done: int
    of: int
    asks: bool = True

    @property
    def holds(self) -> bool:
        """Whether it is so of all."""
        return not self.asks or 0 < self.of == self.done


def chain_of(criterion: str, measures: Sequence[Measure], promises: Sequence[Promise]) -> tuple[ChainLink, ...]:
    """The chain from the customer's criterion to the benefit, in its order; the first that does not hold is weakest.

    ``measures`` are all metrics in all their tiers, ``promises`` the benefits planned, each by the version that counts.
    """
    missed = [one for one in measures if not one.kept]
    many, planned, left = len(measures), len(promises), len(missed)
    return (
        ChainLink(ChainStep.CRITERION, int(bool(criterion.strip())), 1),
        ChainLink(ChainStep.METRIC, many, many),
        ChainLink(ChainStep.MEASURED, sum(one.measured for one in measures), many),
        ChainLink(ChainStep.TARGET, sum(one.aimed for one in measures), many),
        ChainLink(ChainStep.KEPT, many - left, many),
        ChainLink(ChainStep.WORKED_ON, sum(one.worked_on for one in missed), left, asks=bool(left or not many)),
        ChainLink(ChainStep.PLANNED, planned, planned),
        ChainLink(ChainStep.APPROVED, sum(one.approved for one in promises), planned),
        ChainLink(ChainStep.REALISED, sum(one.is_realised for one in promises), planned),
    )
