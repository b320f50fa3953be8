"""Did anything really change? An XmR chart of month values: pure, exact, no Django.

Values are fractions in the KPI's unit. Every rule is from the product's semantics, 'Signals'; the chart is
Shewhart's for individual values, its constants are those of moving ranges of two (d₂ = 1.128: 3 / d₂ = 2.66 for the
limits, D₄ = 3.267 for the ranges). All numbers of a series are brought over one denominator first, so that a chart is
made of whole numbers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import NamedTuple

from core.periods import Month, shift
from kpis.choices import Assurance, Direction, Signal, SignalRule

LEAST_POINTS = 12
BASE_POINTS = 36
WINDOW_MONTHS = 24  # calendar months that an assurance looks at
_REACH = Fraction(266, 100)
_LARGEST_RANGE = Fraction(3267, 1000)
_IN_A_ROW = 8

_Number = int | Fraction


class Point(NamedTuple):
    """A point of a chart: the value of a month, or of a seasonal KPI its difference from the year before."""

    month: Month
    value: Fraction
    actual: Fraction


@dataclass(frozen=True, slots=True)
class Limits:
    """Within which a process keeps by itself: ``centre`` ± ``reach``; ``median`` is what a shift is told by."""

    centre: Fraction
    reach: Fraction
    median: Fraction

    @property
    def lower(self) -> Fraction:
        """The limit below."""
        return self.centre - self.reach

    @property
    def upper(self) -> Fraction:
        """The limit above."""
        return self.centre + self.reach


@dataclass(frozen=True, slots=True)
class Chart:
    """What a series says of its latest point.

    ``few_cases``: more than half of the base are equal, or the reach is 0, so that no rule is asked. ``rule`` is what
    the latest point met, None where it met none, and ``way`` 1 where it lies above, −1 where below, 0 without a rule.
    """

    lines: _Lines | None = None
    few_cases: bool = False
    rule: SignalRule | None = None
    way: int = 0

    @property
    def limits(self) -> Limits | None:
        """In the KPI's unit; None with fewer than twelve points. A rollup, which makes thousands, asks for none."""
        return self.lines.limits if self.lines else None


def points_of(values: Mapping[Month, Fraction], *, seasonal: bool = False) -> tuple[Point, ...]:
    """The points of month values, oldest first; of a seasonal KPI where the same month a year before is there too."""
    if not seasonal:
        return tuple(Point(month, value, value) for month, value in sorted(values.items()))
    return tuple(
        Point(month, value - values[before], value)
        for month, value in sorted(values.items())
        if (before := shift(month, -12)) in values
    )


def chart_of(values: Sequence[Fraction]) -> Chart:
    """What the points, oldest first, say of the latest of them; nothing of fewer than twelve."""
    return _chart(*_scaled(values))


def charts_along(points: Sequence[Point], first: Month) -> dict[Month, Chart]:
    """The chart of each point from the first month on as though it were the latest, in a series without a step."""
    numbers, scale = _scaled([one.value for one in points])
    return {one.month: _chart(numbers[:end], scale) for end, one in enumerate(points, start=1) if one.month >= first}


def rules_of(values: Sequence[Fraction], limits: Limits) -> list[SignalRule | None]:
    """What each point, oldest first, would have met by these limits as though it were the latest."""
    lines = limits.centre, limits.reach, limits.reach * 2 / 3, limits.median
    return [_rule_met(values[: place + 1], *lines)[0] for place in range(len(values))]


def signal_of(chart: Chart, direction: Direction) -> Signal | None:
    """What the latest point says in words of the KPI: better, worse, or of a range changed; None: no signal."""
    if chart.rule is None:
        return None
    if direction == Direction.RANGE:
        return Signal.CHANGED
    return Signal.BETTER if (chart.way > 0) == (direction == Direction.HIGHER) else Signal.WORSE


def assurance_of(gaps: Sequence[Fraction], direction: Direction) -> Assurance | None:
    """Whether a process meets its target by itself, of actual − target of its months, the month shown the last.

    None for ranges, and with fewer than twelve months.
    """
    return assurance_of_whole(_scaled(gaps)[0], direction) if gaps else None


def assurance_of_whole(gaps: Sequence[int], direction: Direction) -> Assurance | None:
    """The same of gaps over one denominator, whichever it is: in whole numbers alone."""
    number = len(gaps)
    if direction == Direction.RANGE or number < LEAST_POINTS:
        return None
    good = gaps if direction == Direction.HIGHER else [-gap for gap in gaps]
    ranges = [abs(after - before) for before, after in pairwise(good)]
    # A range is left out above 3.267 × the mean of all.
    largest = _LARGEST_RANGE.numerator * sum(ranges)
    scale = _LARGEST_RANGE.denominator * (number - 1)
    kept = [one for one in ranges if one * scale <= largest]
    # Centre and reach, both times the same number above 0.
    centre = sum(good) * len(kept) * _REACH.denominator
    reach = sum(kept) * number * _REACH.numerator
    if centre >= reach and good[-1] >= 0:
        return Assurance.WILL_MEET
    return Assurance.WILL_MISS if centre + reach < 0 and good[-1] < 0 else Assurance.MAY_MISS


def mean_range(values: Sequence[Fraction]) -> Fraction:
    """How far one value lies from the next on the average; of at least two."""
    return sum((abs(after - before) for before, after in pairwise(values)), Fraction(0)) / (len(values) - 1)


def _scaled(values: Sequence[Fraction]) -> tuple[list[int], int]:
    """The values over one denominator, and that."""
    scale = lcm(*(value.denominator for value in values))
    return [value.numerator * (scale // value.denominator) for value in values], scale


class _Lines(NamedTuple):
    """Limits as whole numbers: many times quicker to compare than fractions.

    ``unit`` times a number of the series is over the same denominator as they are, which is ``whole``. ``usual`` is the
    middle number of the base: where more than half are equal, they are equal to it.
    """

    usual: int
    whole: int
    unit: int
    centre: int
    reach: int
    near: int
    median: int

    @property
    def limits(self) -> Limits:
        """The same in the KPI's unit."""
        return Limits(*(Fraction(line, self.whole) for line in (self.centre, self.reach, self.median)))


def _chart(numbers: Sequence[int], scale: int) -> Chart:
    """What the last of a series says, whose numbers are all over one denominator."""
    if len(numbers) < LEAST_POINTS:
        return Chart()
    base = numbers[:-1][:BASE_POINTS]
    lines = _lines(base, scale)
    few = not lines.reach or base.count(lines.usual) * 2 > len(base)
    latest = [number * lines.unit for number in numbers[-_IN_A_ROW:]]
    rule, way = (None, 0) if few else _rule_met(latest, lines.centre, lines.reach, lines.near, lines.median)
    return Chart(lines, few, rule, way)


def _lines(base: Sequence[int], scale: int) -> _Lines:
    """The reach is 2.66 × the mean of the moving ranges; those above 3.267 × their mean are left out once."""
    ranges = [abs(after - before) for before, after in pairwise(base)]
    largest = _LARGEST_RANGE.numerator * sum(ranges)
    times = _LARGEST_RANGE.denominator * len(ranges)
    kept = [one for one in ranges if one * times <= largest]
    ordered, middle = sorted(base), len(base) // 2
    each = 6 * _REACH.denominator  # of which a half and two thirds are whole
    unit = len(base) * len(kept) * each
    return _Lines(
        usual=ordered[middle],
        whole=unit * scale,
        unit=unit,
        centre=sum(base) * len(kept) * each,
        reach=(reach := sum(kept) * len(base) * 6 * _REACH.numerator),
        near=reach * 2 // 3,
        median=(ordered[middle] + ordered[~middle]) * unit // 2,
    )


def _rule_met(
    values: Sequence[_Number], centre: _Number, reach: _Number, near: _Number, median: _Number
) -> tuple[SignalRule | None, int]:
    """The first rule that the last of the values meets, and on which side; equal to a line is not beyond it.

    ``near`` is two thirds of the reach.
    """
    latest = values[-1]
    if way := _beyond(latest, centre, reach):
        return SignalRule.OUTSIDE, way
    sides = {_beyond(value, median, 0) for value in values[-_IN_A_ROW:]}
    if len(values) >= _IN_A_ROW and len(sides) == 1 and (way := sides.pop()):
        return SignalRule.SHIFT, way
    way = _beyond(latest, centre, near)
    if way and way in {_beyond(value, centre, near) for value in values[-3:-1]}:
        return SignalRule.TWO_OF_THREE, way
    return None, 0


def _beyond(value: _Number, line: _Number, reach: _Number) -> int:
    """1 where the value is further above the line than the reach, −1 where further below, else 0."""
    away = value - line
    return (away > reach) - (away < -reach)
