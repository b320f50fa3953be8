"""The chart of a column: month values within limits that begin anew at a step, and the target. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, frame_months
from core.formatting import Style, short_month
from core.periods import Month
from kpis.choices import Direction
from kpis.models import Kpi
from kpis.reading.signal_history import ChartHistory, Segment
from kpis.wording import style_of
from scorecard.charts.events import ON_A_PHONE, Numbered, marks
from scorecard.pages.signals import charted_months, charted_segments, shown_bounds, step_words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 360
_LONGEST = 48  # characters of a step's reason in the chart; the table has all of them


def xmr(history: ChartHistory, currency: str, events: Numbered = ()) -> Figure:
    """Points joined by a line, those that met a rule as squares; a band and its centre for each segment; the numbers
    of months in which something happened.
    """
    from plotly import graph_objects as go

    kpi = history.chart.kpi
    segments, months = charted_segments(history), charted_months(history)
    style = style_of(kpi, currency)
    traces = [trace for one in segments for trace in _band(one, style)]
    if not kpi.seasonal:
        traces += _targets(history, kpi, months, style)
    figure = go.Figure([*traces, _points(history, segments, months, style)])
    frame_months(figure, HEIGHT, kpi.unit)
    notes = [*_step_names(segments), *marks(events)]
    figure.update_layout(shapes=_step_lines(segments), annotations=notes, meta=ON_A_PHONE)
    figure.update_xaxes(categoryorder="array", categoryarray=[short_month(month) for month in months])
    return figure


def _band(segment: Segment, style: Style) -> Iterator[Any]:
    """The limits as a band, a limit that cannot be left out, and the centre within."""
    from plotly import graph_objects as go

    limits = segment.limits
    if limits is None:
        return
    names = [short_month(segment.points[0].month), short_month(segment.points[-1].month)]
    below, above = shown_bounds(segment.kpi, limits, segment.points)
    edge = {"color": PALETTE["--edge"], "width": 1, "dash": "dot"}
    hidden = {"x": names, "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    lower, upper = (float(one if one is not None else other) for one, other in ((below, 0), (above, 100)))
    yield go.Scatter(**hidden, y=[lower] * 2, line=edge if below is not None else {"width": 0})
    yield go.Scatter(
        **hidden | {"showlegend": False},
        y=[upper] * 2,
        line=edge if above is not None else {"width": 0},
        fill="tonexty",
        fillcolor=PALETTE["--quiet-fill"],
    )
    yield go.Scatter(**hidden, y=[float(limits.centre)] * 2, line={"color": PALETTE["--edge"], "width": 1})


def _targets(history: ChartHistory, kpi: Kpi, months: tuple[Month, ...], style: Style) -> Iterator[Any]:
    """The target as a stepped line; the two bounds of a range."""
    from plotly import graph_objects as go

    goals = [history.goals.get(month) for month in months]
    ranged = kpi.direction == Direction.RANGE
    name = "Target (at most)" if kpi.direction == Direction.LOWER else "Target (at least)"
    for place, label in [(1, "At least"), (2, "At most")] if ranged else [(0, name)]:
        values = [None if goal is None else goal.parts[place] for goal in goals]
        if any(value is not None for value in values):
            yield go.Scatter(
                x=[short_month(month) for month in months],
                y=[None if value is None else float(value) for value in values],
                name=label,
                mode="lines",
                line={"color": PALETTE["--accent"], "width": 2, "shape": "hvh"},
                customdata=["" if value is None else style.full_target(value) for value in values],
                hovertemplate=f"{label} %{{customdata}}<extra></extra>",
            )


def _points(history: ChartHistory, segments: list[Segment], months: tuple[Month, ...], style: Style) -> Any:
    """The values; squares in the missed colour are the months of a rule, by the limits shown."""
    from plotly import graph_objects as go

    chart = history.chart
    rules = {point.month: rule for point, rule in zip(chart.points, chart.rules, strict=True)}
    found = {point.month: point for one in segments for point in one.points}
    told = [rules.get(month) for month in months]
    words = [
        f"{style.full(found[month].actual)}{f', {rule.label}' if rule else ''}" if month in found else "no value"
        for month, rule in zip(months, told, strict=True)
    ]
    return go.Scatter(
        x=[short_month(month) for month in months],
        y=[float(found[month].value) if month in found else None for month in months],
        name="Difference from the year before" if chart.kpi.seasonal else "Actual",
        mode="lines+markers",
        cliponaxis=False,
        line={"color": PALETTE["--muted"], "width": 1},
        marker={
            "size": [9 if rule else 7 for rule in told],
            "symbol": ["square" if rule else "circle" for rule in told],
            "color": [PALETTE["--missed"] if rule else PALETTE["--panel"] for rule in told],
            "line": {"width": 1.5, "color": [PALETTE["--missed"] if rule else PALETTE["--ink"] for rule in told]},
        },
        customdata=words,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _step_lines(segments: list[Segment]) -> list[dict[str, Any]]:
    line = {"color": PALETTE["--ink"], "width": 1, "dash": "dash"}
    at = [short_month(one.points[0].month) for one in segments if one.step]
    return [{"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line} for x in at]


def _step_names(segments: list[Segment]) -> Iterator[dict[str, Any]]:
    for place, one in enumerate(segments):
        if one.step:
            words = step_words(one.step)
            text = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"
            yield {
                "x": short_month(one.points[0].month),
                "y": 1,
                "yref": "paper",
                "text": escape(text),
                "showarrow": False,
                "xanchor": "right" if place else "left",
                "xshift": -4 if place else 4,
                "font": {"size": 12, "color": PALETTE["--ink"]},
            }
