"""Drawings of a pack as SVG, made of its values, each with what it shows in words. No text within: the page has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from core.figures import PALETTE
from core.formatting import number, short_month
from core.periods import Month, months_between
from kpis.choices import Signal
from scorecard.reports.pack import Told, Trend

WIDTH, HEIGHT = 180, 84
LEAST = 34
_EDGE = 4


def spark(told: Told, height: int = HEIGHT) -> tuple[str, str]:
    """The last months of a cell: limits as a band, the target dashed, the latest month as a dot; and in words."""
    trend = told.trend
    assert trend is not None  # noqa: S101  asked of those that have one
    months = months_between(trend.points[0].month, trend.points[-1].month)
    at = _Scale(months, list(_values(trend)), height)
    dot = {Signal.WORSE: "--missed", Signal.BETTER: "--met"}.get(told.cell.signal, "--accent")  # type: ignore[arg-type]
    last = trend.points[-1]
    parts = [
        *_band(trend, at),
        *(_steps(trend, at, side) for side in ("low", "high")),
        _path([at.point(one.month, one.value) for one in trend.points], PALETTE["--ink"], 1.3),
        f'<circle cx="{at.x(last.month)}" cy="{at.y(last.value)}" r="2.8" fill="{PALETTE[dot]}"/>',
    ]
    return _svg(parts, height), _said(told, trend)


def _said(told: Told, trend: Trend) -> str:
    last = trend.points[-1]
    signal = f", {Signal(told.cell.signal).label}" if told.cell.signal else ""
    value = number(last.value, trend.decimals)
    return f"{told.title}, {trend.words}: {short_month(last.month)} {value}{signal}{_limits_said(trend)}"


def _limits_said(trend: Trend) -> str:
    """``; limits 50.7 to 53.2``, ``; upper limit 3.0``; empty where none is drawn."""
    lower, upper = (None if one is None else number(one, trend.decimals) for one in (trend.lower, trend.upper))
    if lower and upper:
        return f"; limits {lower} to {upper}"
    return f"; lower limit {lower}" if lower else f"; upper limit {upper}" if upper else ""


def _values(trend: Trend) -> Iterable[Fraction]:
    for point in trend.points:
        yield from (one for one in (point.value, point.low, point.high) if one is not None)
    yield from (one for one in (trend.lower, trend.upper) if one is not None)


class _Scale:
    """Where months and values lie in the drawing."""

    def __init__(self, months: Sequence[Month], values: Sequence[Fraction], height: int) -> None:
        self.height = height
        self._places = {month: place for place, month in enumerate(months)}
        self._most = max(len(months) - 1, 1)
        self._low, high = min(values), max(values)
        self._span = (high - self._low) or Fraction(1)

    def x(self, month: Month) -> str:
        """From the left."""
        return _short(_EDGE + (WIDTH - 2 * _EDGE) * Fraction(self._places[month], self._most))

    def y(self, value: Fraction) -> str:
        """From above."""
        return _short(self.height - _EDGE - (self.height - 2 * _EDGE) * (value - self._low) / self._span)

    def point(self, month: Month, value: Fraction) -> tuple[str, str]:
        """Both."""
        return self.x(month), self.y(value)


def _short(value: Fraction) -> str:
    return f"{float(value):.1f}"


def _band(trend: Trend, at: _Scale) -> Iterable[str]:
    """The limits since the last step, and the centre within; a limit beyond what can be is the drawing's edge."""
    if trend.since is None or trend.centre is None:
        return
    left, right = at.x(trend.since), at.x(trend.points[-1].month)
    top = at.y(trend.upper) if trend.upper is not None else _short(Fraction(_EDGE))
    bottom = at.y(trend.lower) if trend.lower is not None else _short(Fraction(at.height - _EDGE))
    width, height = float(right) - float(left), float(bottom) - float(top)
    yield f'<rect x="{left}" y="{top}" width="{width:.1f}" height="{height:.1f}" fill="#e6e2d9"/>'
    middle = at.y(trend.centre)
    yield f'<path d="M{left} {middle}H{right}" stroke="{PALETTE["--edge"]}" stroke-width=".7" fill="none"/>'


def _steps(trend: Trend, at: _Scale, side: str) -> str:
    """A bound of the target from month to month, dashed; where there is none the line stops."""
    pieces, before = [], None
    for point in trend.points:
        bound = getattr(point, side)
        if bound is not None:
            x, y = at.point(point.month, bound)
            pieces.append(f"M{x} {y}" if before is None else f"H{x}V{y}")
        before = bound
    if not pieces:
        return ""
    stroke = f'stroke="{PALETTE["--accent"]}" stroke-width="1" stroke-dasharray="3 2"'
    return f'<path d="{"".join(pieces)}" {stroke} fill="none"/>'


def _path(points: Sequence[tuple[str, str]], colour: str, width: float) -> str:
    line = "L".join(f"{x} {y}" for x, y in points)
    return f'<path d="M{line}" stroke="{colour}" stroke-width="{width}" fill="none" stroke-linejoin="round"/>'


def _svg(parts: Iterable[str], height: int) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">'
    return f"{head}{''.join(parts)}</svg>"
