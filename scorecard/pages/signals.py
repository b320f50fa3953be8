"""What the page of a cell says of its signals: a mark, sentences, and the numbers under the chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from core.formatting import Goal as ShownGoal
from core.formatting import Style, goal, month_name, short_month
from core.periods import Month, months_between
from kpis.choices import Assurance, CustomerMethod, Direction, Signal, SignalRule, Status, Unit
from kpis.formulas.signals import LEAST_POINTS, Limits, Point
from kpis.formulas.values import status
from kpis.models import Kpi
from kpis.reading.goals import band_of
from kpis.reading.signal_history import ChartHistory, Segment
from kpis.reading.signals import ColumnChart, StepFrom
from kpis.wording import rule_words, style_of

NO_PROOF = "A signal is no proof of a cause."
_NEVER_BELOW_0 = {Unit.NUMBER, Unit.PERCENT, Unit.DAYS}


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A month under the chart. ``point`` is the difference from a year before, of a seasonal KPI alone."""

    name: str
    point: str
    actual: str
    aim: ShownGoal | None
    status: Status
    rule: str
    step: str


@dataclass(frozen=True, slots=True)
class ShownSignals:
    """All that a cell's page shows of its signals. ``is_drawn``: there are limits, so that there is a chart."""

    signal: Signal | None
    is_gap: bool
    sentences: tuple[str, ...]
    rows: tuple[ChartRow, ...]
    seasonal: bool
    is_drawn: bool


def show_signals(history: ChartHistory | None, currency: str) -> ShownSignals | None:
    """None of a period of which no month has ended."""
    if history is None:
        return None
    chart, style = history.chart, style_of(history.chart.kpi, currency)
    assurance = chart.found.assurance if chart.found else None
    rules = {point.month: rule for point, rule in zip(chart.points, chart.rules, strict=True) if rule}
    return ShownSignals(
        signal=chart.signal,
        is_gap=assurance is not None and assurance.is_gap,
        sentences=tuple(_sentences(history, style)),
        rows=tuple(row for one in reversed(history.segments) for row in _rows(history, one, rules, currency)),
        seasonal=chart.kpi.seasonal,
        is_drawn=history.is_drawn,
    )


def charted_segments(history: ChartHistory) -> list[Segment]:
    """Those that stand in one chart: in the unit of today's meaning."""
    kpi = history.chart.kpi
    return [one for one in history.segments if (one.kpi.unit, one.kpi.currency) == (kpi.unit, kpi.currency)]


def charted_months(history: ChartHistory) -> tuple[Month, ...]:
    """The months of the chart, without a gap."""
    return months_between(charted_segments(history)[0].points[0].month, history.chart.month)


def shown_bounds(kpi: Kpi, limits: Limits, points: tuple[Point, ...]) -> tuple[Fraction | None, Fraction | None]:
    """The limits, each None where it lies beyond what can be: below 0 of a count, above 100 of a share."""
    if kpi.seasonal:
        return limits.lower, limits.upper
    counts = kpi.unit in _NEVER_BELOW_0 and all(point.actual >= 0 for point in points)
    share = kpi.unit == Unit.PERCENT and kpi.customer_method == CustomerMethod.RATIO
    below = None if counts and limits.lower < 0 else limits.lower
    above = None if share and limits.upper > 100 and all(point.actual <= 100 for point in points) else limits.upper
    return below, above


def _sentences(history: ChartHistory, style: Style) -> Iterator[str]:
    """Whether it changed, whether it meets its target by itself, and what a signal is not."""
    chart = history.chart
    if why := _why_none(chart):
        yield why
    elif chart.limits is not None:
        yield f"{_moves(history, chart.limits, style)} {_latest(chart)}"
    if chart.found and chart.found.assurance:
        yield assured_words(chart.found.assurance, chart.signal)
    if chart.limits is not None:
        yield NO_PROOF


def _why_none(chart: ColumnChart) -> str:
    """Why nothing is said of the month; empty where it is."""
    name = month_name(chart.month)
    if not chart.charted:
        return "There are no signals here: they are of months alone, each by itself."
    if chart.thin:
        return f"{'; '.join(one.words_in(chart.kpi) for one in chart.thin)}. So it gives no signal."
    if not chart.points or chart.points[-1].month != chart.month:
        return f"There is no signal: {name} has no confirmed value{' to compare' if chart.kpi.seasonal else ''}."
    if chart.limits is None:
        return f"Too early for a signal: {len(chart.points)} of {LEAST_POINTS} months."
    return "Too few cases for a chart: most months are equal." if chart.few_cases else ""


def _moves(history: ChartHistory, limits: Limits, style: Style) -> str:
    """``Since July 2025 (the desks were merged) the months move between 17.3 % and 21.2 % by themselves.``"""
    chart = history.chart
    step = history.segments[-1].step
    since = f"Since {month_name(step.month)} (“{step.reason.rstrip('.')}”) the" if step else "The"
    if chart.kpi.seasonal:
        since += " differences from the same month a year before"
    else:
        since += " months"
    below, above = (
        "" if one is None else _full(style, chart.kpi, one) for one in shown_bounds(chart.kpi, limits, chart.points)
    )
    if below and above:
        return f"{since} move between {below} and {above} by themselves."
    return f"{since} move {f'up to {above}' if above else f'from {below} on'} by themselves."


def _full(style: Style, kpi: Kpi, value: Fraction) -> str:
    """A limit in the KPI's unit; of a seasonal one a difference, with its sign."""
    if not kpi.seasonal:
        return style.full(value)
    return f"{'+' if value > 0 else ''}{style.apart(style.showing(value).bare(value))}"


def _latest(chart: ColumnChart) -> str:
    found = chart.found
    if found and found.signal and found.rule and found.month:
        words = rule_words(found.rule, found.month)
        return f"{words[0].upper()}{words[1:]}."
    return f"{month_name(chart.month)} is one of them: no signal."


def assured_words(assurance: Assurance, signal: Signal | None) -> str:
    """What to expect; where something has changed, which months meet the target is no chance."""
    return {
        Assurance.WILL_MEET: "As it runs it meets its target: all that it does by itself is good enough.",
        Assurance.MAY_MISS: "As it runs some months meet the target and others miss it"
        f"{'' if signal else ': which ones is chance'}.",
        Assurance.WILL_MISS: "As it runs it misses its target: all that it does by itself is not good enough. "
        "To explain one month mends nothing; it needs an initiative.",
    }[assurance]


def _rows(history: ChartHistory, segment: Segment, rules: dict[Month, SignalRule], currency: str) -> Iterator[ChartRow]:
    """The months of a segment, latest first; by the limits shown, so that rules are told since the last step alone."""
    kpi, style = segment.kpi, style_of(segment.kpi, currency)
    is_last = segment is history.segments[-1]
    for point in reversed(segment.points):
        aim, rule = history.goals.get(point.month), rules.get(point.month) if is_last else None
        yield ChartRow(
            name=short_month(point.month),
            point=_full(style, kpi, point.value) if kpi.seasonal else "",
            actual=style.full(point.actual),
            aim=goal(style, kpi.direction, *aim.parts) if aim else None,
            status=status(point.actual, aim, Direction(kpi.direction), band_of(kpi)) if aim else Status.NO_TARGET,
            rule=rule.label if rule else "",
            step=step_words(segment.step) if segment.step and point is segment.points[0] else "",
        )


def step_words(step: StepFrom) -> str:
    """``Step, July 2025: the three help desks were merged``."""
    return f"Step, {month_name(step.month)}: {step.reason}"
