"""The rail's panels of KPIs: how it stands by tier, which targets and who decides, and the last change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from accounts.pages.last_changes import change_panel
from accounts.rights import GRANTS, Right
from core.formatting import change, day_name, goal, month_name, period_name, sentence_list, some_of
from core.periods import Month
from core.registry import Panel, PanelPlace, Subject
from customers.models import Tier
from kpis.access import proposable_by
from kpis.choices import Status, TargetState
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.reading.last_changes import last_changes
from kpis.reading.matrix import Cell
from kpis.reading.subjects import AskedKpi
from kpis.reading.target_history import history_address
from kpis.reading.targets import TargetRow
from kpis.wording import style_of, words_of

PROPOSALS = 6  # that the panel of a KPI writes out


@dataclass(frozen=True, slots=True)
class ShownTier:
    """A line of the KPI's row: ``change`` with its sign, ``url`` empty for the cell that the page is of."""

    name: str
    status: Status
    actual: str
    target: str
    change: str
    url: str


@dataclass(frozen=True, slots=True)
class TiersPanel:
    """The KPI in each tier, in the page's period."""

    since: str
    rows: tuple[ShownTier, ...]


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """A target row: what it says, its state, and who wrote and decided it; ``url`` leads to all its versions."""

    words: str
    state: str
    told: str
    url: str


@dataclass(frozen=True, slots=True)
class TargetsPanel:
    """What is in force and what is proposed. ``decides`` names who may decide, ``nothing`` what to do where nothing
    is there, ``more`` counts the proposals that are left out; ``url`` leads to the grid, for those who may propose.
    """

    decides: str
    rows: tuple[ShownTarget, ...]
    nothing: str
    more: int
    url: str


def cell_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a cell: by tier, targets, last change."""
    yield Panel(PanelPlace.TIERS, "kpis/rail_tiers.html", tiers_panel(subject.about), "tiers")
    yield from kpi_panels(subject, reader)


def kpi_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a KPI, whose row stands on its own page: targets, last change."""
    asked: AskedKpi = subject.about
    yield Panel(PanelPlace.TARGETS, "kpis/rail_targets.html", targets_panel(asked, reader), "rail-targets")
    yield change_panel(last_changes(asked), asked.kpi, reader)


def tiers_panel(asked: AskedKpi) -> TiersPanel:
    """The KPI's row as lines."""
    row, _ = asked.read
    currency = asked.company.currency
    return TiersPanel(period_name(asked.period.previous), tuple(_tier(asked, cell, currency) for cell in row))


def _tier(asked: AskedKpi, cell: Cell, currency: str) -> ShownTier:
    kpi, bounds = asked.kpi, (cell.target, cell.low, cell.high)
    style = style_of(kpi, currency).told_apart(cell.actual, bounds)
    aim = goal(style, kpi.direction, *bounds)
    moved = change(style, kpi.direction, cell.actual, cell.previous)
    here = asked.tier is not None and asked.tier.pk == cell.tier.pk
    url = f"{reverse('cell', args=[asked.period.code, kpi.code, cell.tier.code])}{asked.query}"
    return ShownTier(
        name=cell.tier.name,
        status=Status(cell.status),
        actual=style.full(cell.actual) if cell.actual is not None else "–",
        target=f"{aim.sign} {aim.number}".strip() if aim else "",
        change=moved.amount if moved else "",
        url="" if here else url,
    )


def targets_panel(asked: AskedKpi, reader: User) -> TargetsPanel:
    """The rows in force of a cell, and what is proposed of it, or of the KPI in any tier."""
    kpi, tier = asked.kpi, asked.tier
    aims = asked.read[1] if tier else ()
    rows = _rows(kpi, tier, aims)
    proposed = [row for row in rows if row.state == TargetState.PROPOSED]
    standing = [row for row in rows if row.state == TargetState.APPROVED]
    deciders = _deciders()
    shown = [*standing, *(proposed if tier else proposed[:PROPOSALS])]
    book, currency = VersionBook.read([kpi]), asked.company.currency
    may_propose = proposable_by(reader, Kpi.objects.filter(pk=kpi.pk)).exists()
    return TargetsPanel(
        decides=f"{some_of(map(str, deciders))} {'decides' if len(deciders) == 1 else 'decide'}" if deciders else "",
        rows=tuple(_target(row, book, currency, deciders, named=tier is None) for row in shown),
        nothing="" if shown else _nothing(tier, may_propose=may_propose),
        more=len(rows) - len(shown),
        url=f"{reverse('targets')}?department={kpi.department.code}" if kpi.department else reverse("targets"),
    )


def _rows(kpi: Kpi, tier: Tier | None, aims: Sequence[TargetRow]) -> list[Target]:
    """The stored rows behind the target, and those proposed, newest first: one query."""
    found = Target.objects.filter(kpi=kpi, state__in=[TargetState.APPROVED, TargetState.PROPOSED])
    found = found.filter(tier=tier) if tier else found.filter(state=TargetState.PROPOSED)
    named = found.select_related("kpi", "tier", "created_by", "decided_by", "batch__proposed_by", "load__by")
    force = {(aim.per, aim.from_month) for aim in aims}
    rows = named.order_by("-from_month", "tier__rank", "-version")
    return [row for row in rows if row.state == TargetState.PROPOSED or (row.per, row.from_month) in force]


def _deciders() -> list[User]:
    """Who may approve targets, by name: one query."""
    rows = User.objects.filter(is_active=True, role_grants__role__in=GRANTS[Right.APPROVE_TARGETS]).distinct()
    return sorted(rows, key=lambda person: str(person).casefold())


def _nothing(tier: Tier | None, *, may_propose: bool) -> str:
    """What to do next where nothing is in force or proposed."""
    if tier is None:
        return "Nothing waits for a decision."
    who = "Propose one in the grid." if may_propose else "Its owner, a steward or finance proposes one."
    return f"No target is in force, and none is proposed. {who}"


def _target(row: Target, book: VersionBook, currency: str, deciders: Sequence[User], *, named: bool) -> ShownTarget:
    row.kpi = book.of_target(row)
    style = style_of(row.kpi, currency)
    since = month_name(Month(row.from_month))
    state = "in force" if row.state == TargetState.APPROVED else "proposed"
    tier = f"{row.tier.name}: " if named else ""
    return ShownTarget(
        words=f"{tier}{words_of(row, style)}",
        state=f"{state}, per {row.per} from {since}",
        told=_told(row, style.full_target(row.plan_value) if row.plan_value is not None else "", deciders),
        url=history_address(row.kpi, row.tier, row.per, Month(row.from_month)),
    )


def _told(row: Target, plan: str, deciders: Sequence[User]) -> str:
    """``Stella Brandt proposed, Farah Haddad approved on 8 December 2025; plan 13 %``."""
    by = row.batch.proposed_by if row.batch else row.created_by
    parts = [f"{by} proposed" if by else "came with a file" if row.load else "entered by command"]
    if row.state == TargetState.APPROVED:
        who = f"{row.decided_by} approved" if row.decided_by else "approved"
        parts.append(f"{who} on {day_name(localdate(row.decided_at))}" if row.decided_at else who)
    else:
        own = {row.created_by_id, row.batch.proposed_by_id if row.batch else None}
        others = [str(person) for person in deciders if person.pk not in own]
        parts.append(f"waits for {sentence_list(others) if others else 'somebody from finance'}")
    return f"{', '.join(parts)}{f'; plan {plan}' if plan else ''}"
