"""Writes the demo company's register of initiatives, their pain points, benefits and thanks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from accounts.company import today
from accounts.models import BusinessUnit, Department, ExchangeRate, ListView, User
from customers.models import Customer, Tier
from demo import people, promises, remarks
from demo.courses import Told, told
from demo.pains import heard
from demo.timeline import Timeline
from demo.undertakings import UNDERTAKINGS, Undertaking
from initiatives.choices import Stage
from initiatives.models import (
    Initiative,
    InitiativeKpi,
    Milestone,
    PainPoint,
    StatusUpdate,
    TrackedChange,
)
from initiatives.reading.standings import read_standings
from kpis.models import Kpi

_BEGUN = (Stage.APPROVED, Stage.IN_PROGRESS, Stage.DONE, Stage.ON_HOLD)


@dataclass(frozen=True)
class Cast:
    """Who and what initiatives point at, by their codes."""

    staff: dict[str, User]
    kpis: dict[str, Kpi]
    tiers: dict[str, Tier]
    departments: dict[str, Department]
    units: dict[str, BusinessUnit]
    accounts: dict[str, list[Customer]]

    @classmethod
    def read(cls, staff: dict[str, User], kpis: dict[str, Kpi]) -> Cast:
        """From what has been written so far."""
        accounts: dict[str, list[Customer]] = {}
        for customer in Customer.objects.filter(is_key_account=True).select_related("account_manager"):
            accounts.setdefault(str(customer.account_manager and customer.account_manager.email), []).append(customer)
        return cls(
            staff,
            kpis,
            {tier.code: tier for tier in Tier.objects.all()},
            {department.code: department for department in Department.objects.all()},
            {unit.code: unit for unit in BusinessUnit.objects.all()},
            accounts,
        )

    def person(self, name: str) -> User | None:
        """By first name; none for none."""
        return self.staff[people.address(name)] if name else None

    def account(self, row: Undertaking) -> Customer | None:
        """The key account that an initiative is for: one that its owner looks after."""
        return None if row.account is None else self.accounts[people.address(row.owner)][row.account]

    def column(self, text: str) -> tuple[Kpi, Tier | None]:
        """The KPI, and the tier where one is named, of ``code`` or ``code@tier``."""
        code, _, tier = text.partition("@")
        return self.kpis[code], self.tiers[tier] if tier else None


def register(timeline: Timeline, cast: Cast) -> dict[str, Initiative]:
    """Write the initiatives with all that happened to them, pain points and rates; the initiatives by code."""
    _set_rates(timeline)
    stories = [told(row, timeline.today) for row in UNDERTAKINGS]
    Initiative.objects.bulk_create(_initiative(story, cast) for story in stories)
    initiatives = {initiative.code: initiative for initiative in Initiative.objects.all()}
    _attach(initiatives, cast)
    for story in stories:
        _tell(story, initiatives[story.row.code], cast)
    _say_views(cast)
    _hear(timeline, cast)
    _note_quadrants()
    return initiatives


def _initiative(story: Told, cast: Cast) -> Initiative:
    row = story.row
    loyalty, choice = row.impact
    return Initiative(
        code=row.code,
        title=row.title,
        level=row.level,
        business_unit=cast.units.get(row.unit),
        customer=cast.account(row),
        department=cast.departments[row.department],
        serves=cast.departments.get(row.serves),
        customer_focused=row.focused,
        theme=row.theme,
        owner=cast.person(row.owner),
        deputy=cast.person(row.deputy),
        sponsor=cast.person(row.sponsor),
        loyalty_impact=loyalty,
        vendor_choice_impact=choice,
        effort=row.effort,
        cost=row.cost,
        spent=_spent(story),
        currency=row.currency,
        baseline_start=story.start,
        baseline_due=story.baseline_due,
        started_on=story.started_on,
        due=story.due,
        finished_on=story.finished_on,
        stage=story.stage,
        justification=remarks.JUSTIFICATIONS.get(row.code, ""),
        created_by=cast.staff[people.STEWARD.email],
        **_decisions(story, cast),
    )


def _spent(story: Told) -> int | None:
    """What was spent so far: as much of the cost as there is progress, to the hundred."""
    if story.row.cost is None or not story.words:
        return None
    return story.row.cost * story.words[-1].progress // 10_000 * 100


def _decisions(story: Told, cast: Cast) -> dict[str, Any]:
    """Who approved it; and who let it start in spite of its quadrant."""
    if story.start is None or story.stage not in _BEGUN:
        return {}
    day = min(story.start - timedelta(days=21), today() - timedelta(days=1))  # what starts later is decided by now
    ines, decided = cast.staff[people.EXECUTIVE.email], moment(day, 10)
    given: dict[str, Any] = {"approved_by": ines, "approved_at": decided}
    if story.row.code in remarks.OVERRIDES:
        reason = remarks.OVERRIDES[story.row.code]
        given |= {"override_by": ines, "override_at": decided, "override_reason": reason}
    return given


def _note_quadrants() -> None:
    """As what each was approved: the quadrant that it is in."""
    approved = read_standings(Initiative.objects.filter(approved_by__isnull=False))
    for standing in approved:
        standing.initiative.approved_as = standing.scores.quadrant or ""
    Initiative.objects.bulk_update([standing.initiative for standing in approved], ["approved_as"])


def _attach(initiatives: dict[str, Initiative], cast: Cast) -> None:
    """Tiers, teams and KPIs."""
    tiers, team, links = [], [], []
    for row in UNDERTAKINGS:
        pk = initiatives[row.code].pk
        tiers += [Initiative.tiers.through(initiative_id=pk, tier_id=cast.tiers[code].pk) for code in _parts(row.tiers)]
        members = [cast.staff[people.address(name)] for name in _parts(row.team)]
        team += [Initiative.team.through(initiative_id=pk, user_id=member.pk) for member in members]
        links += [
            InitiativeKpi(initiative_id=pk, kpi=kpi, tier=tier) for kpi, tier in map(cast.column, _parts(row.kpis))
        ]
    Initiative.tiers.through.objects.bulk_create(tiers)
    Initiative.team.through.objects.bulk_create(team)
    InitiativeKpi.objects.bulk_create(links)


def _parts(text: str) -> list[str]:
    return text.split(";") if text else []


def _tell(story: Told, initiative: Initiative, cast: Cast) -> None:
    """Milestones, updates and what was moved."""
    owner = cast.person(story.row.owner)
    Milestone.objects.bulk_create(Milestone(initiative=initiative, **step._asdict()) for step in story.steps)
    if owner:
        StatusUpdate.objects.bulk_create(
            StatusUpdate(initiative=initiative, author=owner, **word._asdict()) for word in story.words
        )
    TrackedChange.objects.bulk_create(
        TrackedChange(initiative=initiative, by=owner, **move._asdict()) for move in story.moves
    )


def _say_views(cast: Cast) -> None:
    ListView.objects.bulk_create(
        ListView(list="initiatives", user=cast.person(view.by), name=view.name, query=view.query, shared=view.shared)
        for view in remarks.VIEWS
    )


def _hear(timeline: Timeline, cast: Cast) -> None:
    PainPoint.objects.bulk_create(
        PainPoint(
            source=point.source,
            department=cast.departments[point.theme.department],
            theme=point.theme.theme,
            tier=cast.tiers[point.tier],
            month=point.month,
            mentions=point.mentions,
            severity=point.theme.severity,
            revenue_at_risk=point.revenue_at_risk,
        )
        for point in heard(timeline)
    )


def _set_rates(timeline: Timeline) -> None:
    """Finance's yearly rates, back from the running fiscal year."""
    ExchangeRate.objects.bulk_create(_rates(timeline.fiscal_years[-1].year))


def _rates(year: int) -> Iterator[ExchangeRate]:
    for currency, rates in promises.RATES.items():
        for back, rate in enumerate(rates):
            yield ExchangeRate(currency=currency, year=year - back, rate=Decimal(rate))


def moment(day: date, hour: int) -> datetime:
    """An hour of a day."""
    return datetime.combine(day, time(hour), tzinfo=UTC)
