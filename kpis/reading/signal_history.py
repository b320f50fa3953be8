"""The chart of a column with all that went before its last step, and what was agreed to month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accounts.company import company, today_of
from core.periods import Kind, Month, Period, shift
from customers.models import Tier
from kpis.formulas.signals import Limits, Point, chart_of, points_of
from kpis.formulas.values import Goal
from kpis.models import Kpi
from kpis.reading.goals import GoalReader
from kpis.reading.matrix import shown_month
from kpis.reading.signal_points import NEVER, SignalBook
from kpis.reading.signals import Assurances, ColumnChart, StepFrom, chart_in, read_book
from kpis.reading.targets import TargetBook


@dataclass(frozen=True, slots=True)
class Segment:
    """The points between two steps, and their limits as they were at its end; None with fewer than twelve.

    ``kpi`` is as it meant then. ``step`` is what it begins with, None of the first.
    """

    kpi: Kpi
    step: StepFrom | None
    points: tuple[Point, ...]
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class ChartHistory:
    """A column's chart up to the last ended month of a period, its segments oldest first, and targets by month."""

    chart: ColumnChart
    segments: tuple[Segment, ...]
    goals: Mapping[Month, Goal]

    @property
    def is_drawn(self) -> bool:
        """Whether there are limits to be drawn."""
        return any(one.limits for one in self.segments)


def read_history(period: Period, kpi: Kpi, tier: Tier, *, today: date | None = None) -> ChartHistory | None:
    """What the page of a cell shows of its signals; None of a period of which no month has ended. As of today."""
    found = company()
    last = shown_month(period, today or today_of(found))
    if last < period.first:
        return None
    book = read_book([kpi], last)
    reader = GoalReader(TargetBook.read(found.calendar, min(book.months, default=last), last, [kpi.pk]), book.all_tiers)
    chart = chart_in(book, kpi, tier, last, last, lambda: Assurances(found.calendar, reader))
    if not chart.charted:
        return ChartHistory(chart, (), {})
    segments = _segments(book, kpi, tier, chart)
    months = [point.month for one in segments for point in one.points]
    goals = {month: _goal(book, reader, kpi, tier, found.calendar.period(Kind.MONTH, month)) for month in months}
    return ChartHistory(chart, segments, {month: goal for month, goal in goals.items() if goal})


def _goal(book: SignalBook, reader: GoalReader, kpi: Kpi, tier: Tier, month: Period) -> Goal | None:
    meant = book.meaning(kpi, month.last).kpi
    return reader.of_column(meant, tier.pk, meant.method, month, book.holders(kpi, month.last))


def _segments(book: SignalBook, kpi: Kpi, tier: Tier, chart: ColumnChart) -> tuple[Segment, ...]:
    """From the last step back to the first, told oldest first; those without a value are left out."""
    found, end = list[Segment](), chart.month
    steps = {one.month: one for one in reversed(chart.steps)}
    while book.months and end >= book.months[0]:
        begin = book.last_step(kpi, tier.pk, end)
        points = points_of(book.values(kpi, tier.pk, end), seasonal=kpi.seasonal)
        limits = chart.limits if end == chart.month else chart_of([one.value for one in points]).limits
        if points:
            found.append(Segment(book.meaning(kpi, end).kpi, steps.get(begin), points, limits))
        if begin == NEVER:
            break
        end = shift(begin, -1)
    return tuple(reversed(found))
