"""What really changed and what goes on missing: with its last months, why it changed, and who was on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from core.formatting import Style, goal, month_name, number, target_words
from core.periods import Month, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Direction, Signal
from kpis.formulas.values import Goal, bands_away
from kpis.models import Kpi
from kpis.reading.changes import explain_change
from kpis.reading.matrix import Cell, Row
from kpis.reading.signal_history import ChartHistory, read_history
from kpis.wording import rule_words
from scorecard.pages.changes import show_change
from scorecard.pages.matrix_table import ShownRow
from scorecard.pages.signals import shown_bounds
from scorecard.reports.pack import Column, PackCell, Part, Told, Trend, TrendPoint
from scorecard.reports.sources import Source

DRAWN = 6  # charts on the first page
SPLIT = 10  # changes that are split; the rest are on their cells' pages
MONTHS = 24
_CHANGED = "The cell says otherwise than the edition by now, so its months are left out."


def tell(
    source: Source, columns: Sequence[Column], shown: Sequence[ShownRow], packed: Mapping[tuple[str, str], PackCell]
) -> tuple[Told, ...]:
    """Every cell with a signal or a capability gap: worse before better, the furthest from its target first; of the
    tiers before those of all customers, which hold the same facts again.
    """
    by_code = {column.code: column for column in columns}
    ranked = sorted(_beyond(source.matrix.rows), key=lambda pair: _order(source, *pair))
    live = _Live(source, [pair for pair in ranked if pair[1].tier.scope == TierScope.TIER])
    rows = {row.kpi.code: row for row in shown}
    return tuple(
        _told(source, row, cell, rows[row.kpi.code], by_code[cell.tier.code], packed, live) for row, cell in ranked
    )


def _beyond(rows: Iterable[Row]) -> Iterable[tuple[Row, Cell]]:
    return ((row, cell) for row in rows for cell in row.cells if cell.signal or cell.is_gap)


def _order(source: Source, row: Row, cell: Cell) -> tuple[Any, ...]:
    away = _away(source, row.kpi, cell)
    return (cell.tier.scope != TierScope.TIER, cell.signal == Signal.BETTER, -away[0], -away[1])


def _away(source: Source, kpi: Kpi, cell: Cell) -> tuple[int, Fraction]:
    """How many bands it lies from its target; 0 where it is met or nothing was agreed."""
    goal = Goal(cell.target, cell.low, cell.high)
    if cell.actual is None or not any(part is not None for part in goal.parts):
        return 0, Fraction(0)
    return bands_away(cell.actual, goal, kpi.direction, source.band(kpi))


def _told(
    source: Source,
    row: Row,
    cell: Cell,
    shown: ShownRow,
    column: Column,
    packed: Mapping[tuple[str, str], PackCell],
    live: _Live,
) -> Told:
    kpi, key = row.kpi, (row.kpi.code, cell.tier.code)
    written = next(one for one in shown.cells if one.tier.code == cell.tier.code)
    serving = source.serving(*key)
    trend, split = live.trend(*key), live.split(*key)
    return Told(
        kpi=kpi.code,
        name=kpi.name,
        column=column,
        cell=packed[key],
        rank=_away(source, kpi, cell)[1],
        full=written.style.short(cell.actual),
        target=aim_words(written.style, kpi.direction, cell),
        moved=written.moved,
        why=rule_words(cell.rule, cell.signal_month) if cell.rule and cell.signal_month else "",
        serving=_serving_words(serving.running, serving.words),
        is_served=serving.running > 0,
        trend=trend,
        split=split[0],
        parts=split[1],
        unsaid=split[2],
        narrative=source.narrative(*key),
    )


def aim_words(style: Style, direction: str, cell: Cell) -> str:
    """``at most 14 %``; in the scale of the values beside it: ``at least 87.5 k€``; ``no target``."""
    found = goal(style, direction, cell.target, cell.low, cell.high)
    if found is None or not style.scale.power:
        return target_words(style, direction, cell.target, cell.low, cell.high)
    return f"{found.word} {found.number} {style.label}"


def _serving_words(running: int, words: str) -> str:
    """``2 run, 1 late``; ``1 runs, late``; ``Nothing runs``."""
    if not running:
        return "Nothing runs"
    count, _, rest = words.partition(", ")
    told = rest.removeprefix("1 ") if running == 1 else rest
    verb = "runs" if running == 1 else "run"
    return f"{count} {verb}, {told}" if told else f"{count} {verb}"


class _Live:
    """Months and splits of the cells that are told, read of today: of a cell that says otherwise than the edition by
    now neither is shown.
    """

    def __init__(self, source: Source, ranked: Sequence[tuple[Row, Cell]]) -> None:
        self._source = source
        keys = [(row.kpi.code, cell.tier.code) for row, cell in ranked]
        self._drawn, self._explained = set(keys[:DRAWN]), set(keys[:SPLIT])
        self._kpis = {kpi.code: kpi for kpi in Kpi.objects.filter(code__in={kpi for kpi, _ in self._explained})}
        self._tiers = {tier.code: tier for tier in Tier.objects.all()}

    def trend(self, kpi: str, tier: str) -> Trend | None:
        """The last 24 months, of the first few; None of the others."""
        if (kpi, tier) not in self._drawn or (kpi, tier) in self._source.changed or kpi not in self._kpis:
            return None
        found = read_history(self._source.period, self._kpis[kpi], self._tiers[tier], today=self._source.today)
        return trend_of(found) if found and found.segments else None

    def split(self, kpi: str, tier: str) -> tuple[str, tuple[Part, ...], str]:
        """How the change is said, its parts, and why there are none."""
        if (kpi, tier) not in self._explained:
            return "", (), ""
        if (kpi, tier) in self._source.changed or kpi not in self._kpis:
            return "", (), _CHANGED
        change = explain_change(self._source.period, self._kpis[kpi], self._tiers[tier], today=self._source.today)
        shown = show_change(change, self._source.company.currency)
        largest = sorted(shown.parts, key=lambda part: -abs(part.exact))
        parts = tuple(Part(one.name, one.effect, f"{one.now}, {one.before}") for one in largest if one.exact)
        return shown.lead, parts, shown.not_split


def trend_of(history: ChartHistory) -> Trend | None:
    """The last 24 months of a chart; the band is that since the last step, not drawn of differences between years."""
    chart = history.chart
    first = shift(chart.month, 1 - MONTHS)
    found = [point for one in history.segments for point in one.points if point.month >= first]
    if not found:
        return None
    last = history.segments[-1]
    drawn = last.limits is not None and not chart.kpi.seasonal
    lower, upper = shown_bounds(last.kpi, last.limits, last.points) if drawn and last.limits else (None, None)
    return Trend(
        points=tuple(_point(point.month, point.actual, history.goals.get(point.month), chart.kpi) for point in found),
        since=Month(max(last.points[0].month, first)) if drawn else None,
        centre=last.limits.centre if drawn and last.limits else None,
        lower=lower,
        upper=upper,
        words=f"{number(len(found))} months to {month_name(chart.month)}",
        decimals=chart.kpi.decimals,
    )


def _point(month: Month, value: Fraction, goal: Goal | None, kpi: Kpi) -> TrendPoint:
    if goal is None:
        return TrendPoint(month, value)
    if goal.value is None:
        return TrendPoint(month, value, goal.low, goal.high)
    lower = kpi.direction == Direction.LOWER
    return TrendPoint(month, value, None if lower else goal.value, goal.value if lower else None)
