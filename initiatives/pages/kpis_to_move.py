"""The KPIs that an initiative should move, as its page writes them: when it started, and now."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.company import company, today_of
from accounts.models import User
from core.formatting import NOTHING, Change, change, period_name, target_words
from core.periods import Period
from customers.models import Tier
from initiatives.reading.kpis_to_move import Moved, Moves, read_moves
from initiatives.reading.standings import Standing
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell
from kpis.wording import style_of


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of a quarter: its value, its target in words, and the page that explains it."""

    value: str
    target: str
    status: Status
    url: str


@dataclass(frozen=True, slots=True)
class ShownMove:
    """A KPI in a tier; None where a quarter has no such cell."""

    kpi: str
    tier: str
    then: ShownCell | None
    now: ShownCell | None
    change: Change | None


@dataclass(frozen=True, slots=True)
class KpiPart:
    """The part of the page; quarters by name, empty where there is none."""

    then: str
    now: str
    rows: tuple[ShownMove, ...]


def build(standing: Standing, user: User) -> KpiPart | None:
    """What the initiative should move; None where it names no KPI."""
    found = company()
    moves = read_moves(standing, found, today_of(found))
    if moves is None:
        return None
    rows = tuple(_move(one, moves, found.currency) for one in moves.cells)
    then, now = (period_name(period) if period else "" for period in (moves.then, moves.now))
    return KpiPart(then, now, rows)


def _move(one: Moved, moves: Moves, currency: str) -> ShownMove:
    style = style_of(one.kpi, currency)
    actuals = [cell.actual if cell else None for cell in (one.now, one.then)]
    moved = change(style, one.kpi.direction, *actuals) if one.comparable and moves.then != moves.now else None
    then = _cell(one.kpi_then, one.tier, one.then, moves.then, currency)
    now = _cell(one.kpi, one.tier, one.now, moves.now, currency)
    return ShownMove(one.kpi.name, one.tier.name, then, now, moved)


def _cell(kpi: Kpi, tier: Tier, cell: Cell | None, period: Period | None, currency: str) -> ShownCell | None:
    if cell is None or period is None:
        return None
    bounds = (cell.target, cell.low, cell.high)
    style = style_of(kpi, currency).told_apart(cell.actual, bounds)
    words = target_words(style, kpi.direction, *bounds)
    value = NOTHING if cell.actual is None else style.full(cell.actual)
    url = reverse("cell", args=[period.code, kpi.code, tier.code])
    return ShownCell(value, words, cell.status, url)
