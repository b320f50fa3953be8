"""The upward report: what runs and how it goes, and what began and ended in a period.

One reading behind the scorecard's metric, the page and the API's summary. Every level, department and
tier is a group of its own: where nothing runs, that is a gap to be seen, not a row to be left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import cast

from accounts.company import today as the_day
from accounts.models import BusinessUnit, Department, User
from core.periods import Period, month_of
from customers.models import Tier
from initiatives.choices import Flow, Level, ScheduleStatus, Stage, Tracked
from initiatives.models import Initiative, TrackedChange
from initiatives.querysets import InitiativeQuerySet
from initiatives.reading.standings import Standing, read_standings

FEW = 5  # where no more run, the progress of each is told by name


class By(StrEnum):
    """What initiatives are counted by. In several tiers an initiative counts in each; without any, in all."""

    LEVEL = "level"
    DEPARTMENT = "department"
    TIER = "tier"
    BUSINESS_UNIT = "business_unit"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class StageMove:
    """The latest recorded change of stage: to which, on which day, by whom (empty for a file)."""

    to: Stage
    on: date
    by: str


Moves = Mapping[int, StageMove]


@dataclass(frozen=True, slots=True)
class Tally:
    """How the initiatives of one group stand on the day, and what they did in the period.

    ``key`` is a code (an e-mail address of owners), None for those without one. The four statuses add
    up to ``running``. Flows are 0 where no period was asked. ``progress`` are those that run, where no
    more than five do.
    """

    key: str | None
    name: str
    running: int
    on_schedule: int
    at_risk: int
    late: int
    not_reported: int
    customer_focused: int
    not_started: int
    on_hold: int
    started: int
    finished_on_time: int
    finished_late: int
    cancelled: int
    progress: tuple[Standing, ...]

    @property
    def is_gap(self) -> bool:
        """Whether nothing runs here."""
        return self.running == 0

    def of(self, status: ScheduleStatus) -> int:
        """How many run with that status."""
        return int(getattr(self, status.value))


@dataclass(frozen=True, slots=True)
class Held:
    """An initiative on hold; since when and by whom are not known of loaded ones."""

    standing: Standing
    since: date | None
    by: str


@dataclass(frozen=True, slots=True)
class Report:
    """The report as of the end of a day; ``groups`` in the order of the company's lists."""

    as_of: date
    period: Period | None
    total: Tally
    groups: Mapping[By, tuple[Tally, ...]]
    held: tuple[Held, ...]
    undated: int
    """Done or cancelled without a day: they are in no period."""


def read_report(
    *,
    by: Iterable[By],
    period: Period | None = None,
    as_of: date | None = None,
    initiatives: InitiativeQuerySet | None = None,
) -> Report:
    """Count initiatives (all where none are given) as of a day: today, or the end of a period that has ended.

    A constant number of queries.
    """
    day = as_of or day_of(period)
    rows = Initiative.objects.all() if initiatives is None else initiatives
    standings, moves = read_standings(rows, as_of=day), last_moves(day)
    groups = {one: _tallies(one, standings, period, moves) for one in by}
    total = tally("", "All", standings, period, moves)
    held = tuple(_held(standing, moves) for standing in standings if standing.stage == Stage.ON_HOLD)
    return Report(day, period, total, groups, held, sum(_is_undated(one, moves) for one in standings))


def day_of(period: Period | None) -> date:
    """The day as of which a period is reported: its last, or today while it lasts."""
    today = the_day()
    return min(period.last_day, today) if period else today


def last_moves(day: date) -> dict[int, StageMove]:
    """The latest change of stage up to a day, by initiative; a stage that came with a file has none."""
    rows = TrackedChange.objects.filter(what=Tracked.STAGE, on__lte=day).exclude(after="").order_by("on", "pk")
    found = rows.values_list("initiative", "after", "on", "by__name", "by__email")
    return {
        initiative: StageMove(Stage(after), on, name or email or "") for initiative, after, on, name, email in found
    }


def flows_of(standing: Standing, period: Period, moves: Moves) -> frozenset[Flow]:
    """What the initiative did in the period, as far as its day: it may have started and finished in one."""
    found = set()
    if _happened(_began(standing), standing, period):
        found.add(Flow.STARTED)
    if standing.stage == Stage.DONE and _happened(standing.plan.finished_on, standing, period):
        found.add(Flow.FINISHED_ON_TIME if was_on_time(standing) else Flow.FINISHED_LATE)
    if _happened(_cancelled(standing, moves), standing, period):
        found.add(Flow.CANCELLED)
    return frozenset(found)


def was_on_time(standing: Standing) -> bool:
    """Whether what is done was finished by its baseline due date."""
    finished, due = standing.plan.finished_on, standing.plan.baseline_due
    return finished is not None and due is not None and finished <= due


def _happened(on: date | None, standing: Standing, period: Period) -> bool:
    return on is not None and period.contains(on) and on <= standing.as_of


def _began(standing: Standing) -> date | None:
    """The day on which work began; None where it did not, or nobody said on what has stopped since."""
    if standing.stage in {Stage.IN_PROGRESS, Stage.DONE}:
        return standing.plan.start
    return standing.plan.started_on if standing.stage in {Stage.ON_HOLD, Stage.CANCELLED} else None


def _cancelled(standing: Standing, moves: Moves) -> date | None:
    move = moves.get(standing.initiative.pk)
    known = standing.stage == Stage.CANCELLED and move is not None and move.to == Stage.CANCELLED
    return move.on if known and move else None


def _is_undated(standing: Standing, moves: Moves) -> bool:
    if standing.stage == Stage.CANCELLED:
        return _cancelled(standing, moves) is None
    return standing.stage == Stage.DONE and standing.plan.finished_on is None


def _held(standing: Standing, moves: Moves) -> Held:
    move = moves.get(standing.initiative.pk)
    return Held(standing, move.on, move.by) if move and move.to == Stage.ON_HOLD else Held(standing, None, "")


def tally(
    key: str | None, name: str, standings: Sequence[Standing], period: Period | None = None, moves: Moves | None = None
) -> Tally:
    """Count a group."""
    running = [standing for standing in standings if standing.running]
    statuses = Counter(standing.status for standing in running)
    done = [flow for standing in standings for flow in flows_of(standing, period, moves or {})] if period else []
    flows = Counter(done)
    return Tally(
        key=key,
        name=name,
        running=len(running),
        **{status.value: statuses[status] for status in ScheduleStatus},
        customer_focused=sum(standing.initiative.customer_focused for standing in running),
        not_started=sum(standing.not_started for standing in standings),
        on_hold=sum(standing.stage == Stage.ON_HOLD for standing in standings),
        **{flow.value: flows[flow] for flow in Flow},
        progress=tuple(running) if len(running) <= FEW else (),
    )


def _tallies(by: By, standings: Sequence[Standing], period: Period | None, moves: Moves) -> tuple[Tally, ...]:
    labels = _LABELS[by](standings)
    members: dict[object, list[Standing]] = {key: [] for key in labels}
    for standing in standings:
        for key in _keys(by, standing) or labels:
            if key in members:
                members[key].append(standing)
    return tuple(tally(code, name, members[key], period, moves) for key, (code, name) in labels.items())


Labels = dict[object, tuple[str | None, str]]
"""From what an initiative is grouped by to the group's code and name."""


def _keys(by: By, standing: Standing) -> Iterable[object]:
    """The groups of an initiative; none for those that count in every group."""
    if by == By.TIER:
        return standing.tier_ids
    row = standing.initiative
    if by == By.LEVEL:
        return (row.level,)
    return (getattr(row, f"{by.value}_id"),)


def _levels(standings: Sequence[Standing]) -> Labels:
    return {level.value: (level.value, level.label) for level in Level}


def _departments(standings: Sequence[Standing]) -> Labels:
    return {row.pk: (row.code, row.name) for row in Department.objects.all()}


def _tiers(standings: Sequence[Standing]) -> Labels:
    """The tiers in use, and a retired one that something running still names."""
    named = {pk for standing in standings if standing.running for pk in standing.tier_ids}
    month = month_of(standings[0].as_of if standings else the_day())
    kept = (row for row in Tier.objects.real() if row.stands_in(month) or row.pk in named)
    return {row.pk: (row.code, row.name) for row in kept}


def _units(standings: Sequence[Standing]) -> Labels:
    labels: Labels = {row.pk: (row.code, row.name) for row in BusinessUnit.objects.all()}
    return labels | _without(any(one.initiative.business_unit_id is None for one in standings), "No business unit")


def _owners(standings: Sequence[Standing]) -> Labels:
    owners = {cast("User", one.initiative.owner) for one in standings if one.initiative.owner_id}
    labels: Labels = {row.pk: (row.email, row.name or row.email) for row in sorted(owners, key=str)}
    return labels | _without(any(one.initiative.owner_id is None for one in standings), "No owner")


def _without(present: bool, name: str) -> Labels:
    return {None: (None, name)} if present else {}


_LABELS = {
    By.LEVEL: _levels,
    By.DEPARTMENT: _departments,
    By.TIER: _tiers,
    By.BUSINESS_UNIT: _units,
    By.OWNER: _owners,
}
