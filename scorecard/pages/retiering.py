"""A re-tiering before it is applied, and those that were, as their page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from accounts.models import Company
from core.formatting import MINUS, NOTHING, Style, counted, month_name, period_name, short_day
from core.lists import FilteredList
from core.periods import Period
from core.sheets import Value
from customers.choices import TierScope
from customers.models import Customer
from kpis.choices import Status
from kpis.models import Kpi, Retiering
from kpis.reading.matrix import Cell
from kpis.reading.proforma import Changed
from kpis.reading.retiering import Plan, TierMove
from kpis.wording import style_of

WAYS = {"up": "Up", "down": "Down", "new": "Into a tier"}
COLUMNS = ("customer", "name", "from", "to", "way", "value")


@dataclass(frozen=True, slots=True)
class TierCount:
    """A tier ranked into: the value of the cut below it, and how many are in it before and after."""

    name: str
    cut: str
    before: str
    change: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownMove:
    """A customer who would move."""

    name: str
    key: str
    before: str
    after: str
    way: str
    value: str


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """What a re-tiering would do, in numbers."""

    plan: Plan
    headline: str
    notes: tuple[str, ...]
    tiers: tuple[TierCount, ...]
    value_label: str


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell now and pro forma; ``turns``: its verdict would be another one."""

    tier: str
    now: str
    then: str
    status: Status | None
    was: Status | None
    turns: bool


@dataclass(frozen=True, slots=True)
class ShownProForma:
    """The matrix of a period beside the one that it would be."""

    headline: str
    tiers: tuple[str, ...]
    rows: tuple[tuple[Kpi, str, tuple[ShownCell, ...]], ...]


def show_plan(plan: Plan, company: Company) -> ShownPlan:
    """A plan in words."""
    style = style_of(plan.terms.kpi, company.currency, plan.cuts)
    return ShownPlan(plan, _headline(plan), tuple(_notes(plan)), tuple(_counts(plan, style)), style.label)


def _headline(plan: Plan) -> str:
    if not plan.moves:
        return f"Nobody of {counted(plan.ranked, 'customer')} ranked would move."
    up, down, new = (plan.count(way) for way in WAYS)
    placed = f", {new:,} get a tier" if new else ""
    return f"{up:,} of {counted(plan.ranked, 'customer')} ranked would move up, {down:,} down{placed}."


def _notes(plan: Plan) -> Iterable[str]:
    if plan.silent:
        verb = "has" if plan.silent == 1 else "have"
        yield f"{counted(plan.silent, 'customer')} ranked {verb} no value and come last."
    if plan.later:
        yield f"{counted(plan.later, 'customer')} of them moves again on a later day; that stays."


def _counts(plan: Plan, style: Style) -> Iterable[TierCount]:
    after = plan.after
    for place, tier in enumerate(plan.tiers):
        cut = plan.cuts[place] if place < len(plan.cuts) else None
        was, will = plan.before.get(tier.pk, 0), after[tier.pk]
        yield TierCount(tier.name, _value(cut, style), f"{was:,}", _signed(will - was), f"{will:,}")


def ways_of(plan: Plan, way: str, listed: FilteredList[TierMove]) -> list[tuple[str, str, int, bool]]:
    """The lists of who would move: address, label, how many, and whether it is the one that is shown."""
    ways = [("", "All", len(plan.moves)), *((one, label, plan.count(one)) for one, label in WAYS.items())]
    return [(f"?{listed.with_params(way=[one])}", label, number, one == way) for one, label, number in ways if number]


def moves_of(plan: Plan, way: str) -> Sequence[TierMove]:
    """Those who would move that way; all of them for no way in particular."""
    return [move for move in plan.moves if move.way == way] if way in WAYS else plan.moves


def show_moves(moves: Sequence[TierMove], plan: Plan, company: Company) -> list[ShownMove]:
    """With the names of today. One query."""
    style = style_of(plan.terms.kpi, company.currency, plan.cuts)
    names = Customer.objects.in_bulk([move.customer for move in moves])
    return [
        ShownMove(
            *(names[move.customer].name, names[move.customer].external_id, _before(move), move.after.name),
            way=WAYS[move.way],
            value=_value(move.value, style),
        )
        for move in moves
    ]


def export_rows(plan: Plan) -> Iterable[tuple[Value, ...]]:
    """Everybody who would move, in ``COLUMNS``."""
    names = dict(Customer.objects.values_list("pk", "external_id"))
    titles = dict(Customer.objects.values_list("pk", "name"))
    for move in plan.moves:
        before = move.before.code if move.before else ""
        value = None if move.value is None else float(move.value)
        yield names[move.customer], titles[move.customer], before, move.after.code, move.way, value


def show_proforma(period: Period, found: Sequence[tuple[Kpi, Sequence[Changed]]], company: Company) -> ShownProForma:
    """The matrix and what of it turns; verdicts are counted of the tiers."""
    cells = [cell for _, row in found for cell in row if cell.tier.scope != TierScope.ALL]
    turned = sum(cell.turns for cell in cells)
    what = f"{counted(turned, 'cell')} would have another verdict" if turned else "no verdict would be another one"
    tiers = tuple(cell.tier.name for cell in found[0][1]) if found else ()
    return ShownProForma(
        f"{period_name(period)} pro forma: {what}.", tiers, tuple(_row(*one, company) for one in found)
    )


def _row(kpi: Kpi, cells: Sequence[Changed], company: Company) -> tuple[Kpi, str, tuple[ShownCell, ...]]:
    values = [one.actual for cell in cells for one in (cell.now, cell.then) if one]
    style = style_of(kpi, company.currency, values)
    return kpi, style.label, tuple(_cell(cell, style) for cell in cells)


def _cell(changed: Changed, style: Style) -> ShownCell:
    now, then = (_actual(cell, style) for cell in (changed.now, changed.then))
    status, was = (cell.status if cell else None for cell in (changed.then, changed.now))
    return ShownCell(changed.tier.name, now, then, status, was, changed.turns)


def _actual(cell: Cell | None, style: Style) -> str:
    return _value(cell.actual if cell else None, style)


def _value(value: Fraction | None, style: Style) -> str:
    return NOTHING if value is None else style.bare(value)


def _before(move: TierMove) -> str:
    return move.before.name if move.before else "no tier"


def _signed(number: int) -> str:
    return f"{MINUS if number < 0 else '+' if number else ''}{abs(number):,}"


@dataclass(frozen=True, slots=True)
class RetieringLine:
    """One that was applied, in words."""

    one: Retiering
    when: str
    what: str
    how: str


def retiering_lines(most: int = 20) -> list[RetieringLine]:
    """Those that were applied, the latest first. One query."""
    rows = Retiering.objects.select_related("kpi", "load__by", "load__undone_by")[:most]
    return [RetieringLine(one, short_day(one.starts_on), _moved(one), _how(one)) for one in rows]


def _moved(one: Retiering) -> str:
    placed = f", {one.new:,} into a tier" if one.new else ""
    return f"{one.up:,} up, {one.down:,} down{placed}"


def _how(one: Retiering) -> str:
    return f"{one.kpi.name}, {counted(one.months, 'month')} up to {month_name(one.end)}"
