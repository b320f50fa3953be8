"""How many running initiatives serve something: a cell of the matrix, or customers' pain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from core.formatting import number, sentence_list
from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import Health, Level, ScheduleStatus, Stage
from initiatives.formulas import MilestoneState, Plan, UpdateState, schedule_status, stage_on
from initiatives.models import InitiativeKpi, Milestone, Policy, StatusUpdate
from initiatives.reading.answers import every_link
from initiatives.reading.standings import Standing

_TOLD = (ScheduleStatus.LATE, ScheduleStatus.NOT_REPORTED)


@dataclass(frozen=True, slots=True)
class Serving:
    """How many run for it, and how many of them are late or nobody reports on."""

    running: int = 0
    late: int = 0
    not_reported: int = 0

    @classmethod
    def of(cls, statuses: Iterable[ScheduleStatus | None]) -> Serving:
        """Count what runs by its status; what has none does not run."""
        found = [status for status in statuses if status is not None]
        return cls(len(found), found.count(ScheduleStatus.LATE), found.count(ScheduleStatus.NOT_REPORTED))

    @property
    def words(self) -> str:
        """``2, 1 late``; ``none``."""
        if not self.running:
            return "none"
        counts = {ScheduleStatus.LATE: self.late, ScheduleStatus.NOT_REPORTED: self.not_reported}
        told = [f"{number(counts[status])} {status.label}" for status in _TOLD if counts[status]]
        return f"{number(self.running)}, {sentence_list(told)}" if told else number(self.running)


@dataclass(slots=True)
class ServingLink:
    """A KPI that something running should move: in one tier, or (None) in all that it is for (empty: all)."""

    status: ScheduleStatus
    tier: int | None
    reach: set[int] = field(default_factory=set)

    def serves(self, tier: Tier) -> bool:
        if tier.scope == TierScope.ALL:
            return True
        return self.tier == tier.pk if self.tier is not None else not self.reach or tier.pk in self.reach


@dataclass(frozen=True, slots=True)
class CellServing:
    """What serves each cell of the matrix: initiatives that run and name its KPI in its tier.

    The column of all customers is served by whatever names the KPI.
    """

    links: Mapping[int, Mapping[int, list[ServingLink]]]
    """By KPI and initiative."""

    def of(self, kpi: int, tier: Tier) -> Serving:
        """How many serve a cell; one that names the KPI twice counts once."""
        found = (links for links in self.links.get(kpi, {}).values() if any(link.serves(tier) for link in links))
        return Serving.of(links[0].status for links in found)


def serving_by(standings: Iterable[Standing]) -> CellServing:
    """The same by how all initiatives stand today, for whoever has read that: one query, or none."""
    running = {one.initiative.pk: one for one in standings if one.status is not None}
    found: dict[int, dict[int, list[ServingLink]]] = defaultdict(lambda: defaultdict(list))
    for link in every_link():
        if (one := running.get(link.initiative)) is not None and one.status is not None:
            found[link.kpi][link.initiative].append(ServingLink(one.status, link.tier, set(one.tier_ids)))
    return CellServing(found)


_DATES = ("baseline_start", "baseline_due", "started_on", "due", "finished_on")


def read_cell_serving(today: date) -> CellServing:
    """What serves the cells today: one query, whatever the number of KPIs, tiers and initiatives.

    The matrix's page has few queries to spend, so that this reads no more than a schedule status needs:
    the newest update, and of milestones the one that is due first. ``read_standings`` agrees.
    """
    found: dict[int, dict[int, dict[int, ServingLink]]] = defaultdict(lambda: defaultdict(dict))
    for row in _link_rows(today):
        plan = Plan(*(row[f"initiative__{name}"] for name in _DATES))
        if stage_on(Stage.IN_PROGRESS, plan, today) != Stage.IN_PROGRESS:
            continue
        links = found[row["kpi"]][row["initiative"]]
        link = links.setdefault(row["pk"], ServingLink(_status(row, plan, today), row["tier"]))
        if row["reach"] is not None:
            link.reach.add(row["reach"])
    return CellServing({kpi: {pk: list(links.values()) for pk, links in own.items()} for kpi, own in found.items()})


def _link_rows(today: date) -> Iterable[dict[str, Any]]:
    """A row per link of what is in progress and tier of its initiative, with what its status rests on."""
    known = Q(known_from=None) | Q(known_from__lte=today)
    same = {"initiative": OuterRef("initiative")}
    said = StatusUpdate.objects.filter(known, **same, on__lte=today).order_by("-on")[:1]
    open_steps = Milestone.objects.filter(known, Q(done_on=None) | Q(done_on__gt=today), **same)
    first = open_steps.filter(Q(dropped_on=None) | Q(dropped_on__gt=today)).order_by("due")[:1]
    policy = Policy.objects.filter(pk=1)
    fresh = Q(initiative__known_from=None) | Q(initiative__known_from__lte=today)
    rows: Iterable[dict[str, Any]] = (
        InitiativeKpi.objects.filter(fresh, initiative__stage=Stage.IN_PROGRESS)
        .order_by()
        .annotate(
            reach=F("initiative__tiers"),
            said_on=Subquery(said.values("on")),
            said=Subquery(said.values("health")),
            step_due=Subquery(first.values("due")),
            **{f"silence_{level}": Subquery(policy.values(f"silence_{level}")) for level in Level.values},
        )
        .values(
            *("pk", "kpi", "tier", "initiative", "initiative__level", "reach", "said_on", "said", "step_due"),
            *(f"silence_{level}" for level in Level.values),
            *(f"initiative__{name}" for name in _DATES),
        )
    )
    return rows


def _status(row: Mapping[str, Any], plan: Plan, today: date) -> ScheduleStatus:
    steps = [MilestoneState(0, "", row["step_due"])] if row["step_due"] else []
    latest = UpdateState(0, row["said_on"], Health(row["said"]), 0) if row["said_on"] else None
    return schedule_status(plan, steps, latest, today, row[f"silence_{row['initiative__level']}"]).status
