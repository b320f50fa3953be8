"""Figures for Plotly, built from what the pages show. Pure: values in, a figure out.

Plotly itself is imported where a figure is built: see core/figures.py.
"""

from __future__ import annotations

from fractions import Fraction
from html import escape
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, as_json, frame_months, layout
from core.formatting import Style, short_month
from kpis.choices import Status
from kpis.reading.explanations import Trend, TrendPoint
from kpis.wording import style_of
from scorecard.charts.events import ON_A_PHONE, Numbered, marks
from scorecard.pages.cell import goal_parts, judged
from scorecard.pages.changes import ShownChange
from scorecard.pages.matrix import ShownCell
from scorecard.pages.matrix_table import ShownMatrix, ShownRow

__all__ = ["announcements", "as_json", "heatmap", "heatmap_height", "trend", "waterfall", "waterfall_height"]

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

FILLS = {
    Status.MET: "--met-fill",
    Status.NEAR: "--near-fill",
    Status.MISSED: "--missed-fill",
    Status.PARTIAL: "--partial-fill",
    Status.NO_TARGET: "--quiet-fill",
    Status.NO_DATA: "--empty-fill",
}
ROW_HEIGHT = 30
HEAD_HEIGHT = 44
# The browser keeps room for every name, so that Plotly need not look which of them do not fit.
_HEATMAP_AXIS = QUIET | {"ticklabeloverflow": "allow"}
_ORDER = list(FILLS)


def heatmap_height(rows: int, groups: int) -> int:
    """Pixels that the heatmap takes, so that the page can keep the room before it is drawn."""
    return HEAD_HEIGHT + ROW_HEIGHT * (rows + groups)


def heatmap(shown: ShownMatrix) -> Figure:
    """The matrix at a glance: a row per KPI, a column per tier, a fill and a shape per status."""
    from plotly import graph_objects as go

    lines = _lines(shown)
    figure = go.Figure(
        go.Heatmap(
            z=[
                [_ORDER.index(cell.status) for cell in row.cells] if row else [None] * len(shown.tiers)
                for _, row in lines
            ],
            text=_each(lines, shown, _mark),
            customdata=_each(lines, shown, lambda cell: cell.url),
            hovertext=[
                [_hover(row, cell) for cell in row.cells] if row else [""] * len(shown.tiers) for _, row in lines
            ],
            hovertemplate="%{hovertext}<extra></extra>",
            texttemplate="%{text}",
            # Said, for Plotly's own choice counts the letters of the markup and writes too small to read.
            textfont={"color": PALETTE["--ink"], "size": 12},
            x=list(range(len(shown.tiers))),
            y=list(range(len(lines))),
            zmin=-0.5,
            zmax=len(_ORDER) - 0.5,
            colorscale=_steps(),
            showscale=False,
            xgap=3,
            ygap=3,
            hoverongaps=False,
        )
    )
    figure.update_layout(layout(heatmap_height(shown.shown, len(shown.groups))), hovermode="closest")
    figure.update_xaxes(
        tickvals=list(range(len(shown.tiers))),
        ticktext=[escape(tier.name) for tier in shown.tiers],
        side="top",
        **_HEATMAP_AXIS,
    )
    figure.update_yaxes(
        tickvals=list(range(len(lines))),
        ticktext=[label for label, _ in lines],
        autorange="reversed",
        ticksuffix="  ",
        **_HEATMAP_AXIS,
    )
    return figure


def announcements(shown: ShownMatrix) -> list[list[str]]:
    """What is said of each cell when the keyboard reaches it, by line and column of the heatmap."""
    return [[_said(row, cell) for cell in row.cells] if row else [] for _, row in _lines(shown)]


def _lines(shown: ShownMatrix) -> list[tuple[str, ShownRow | None]]:
    """A heading line per group, then its rows."""
    lines: list[tuple[str, ShownRow | None]] = []
    for group in shown.groups:
        lines.append((f"<b>{escape(group.label)}</b>", None))
        lines.extend((escape(row.kpi.name), row) for row in group.rows)
    return lines


def _each(lines: list[tuple[str, ShownRow | None]], shown: ShownMatrix, of: Any) -> list[list[str]]:
    return [[of(cell) for cell in row.cells] if row else [""] * len(shown.tiers) for _, row in lines]


def _mark(cell: ShownCell) -> str:
    """The shape in the colour of its status, and the value: a phone keeps the shape alone."""
    colour = PALETTE[_INKS.get(cell.status, "--muted")]
    return f'<span style="color:{colour}">{cell.status.shape}</span> {cell.value}'


def _steps() -> list[list[Any]]:
    """A colour scale of flat steps, one per status."""
    steps: list[list[Any]] = []
    for place, token in enumerate(FILLS.values()):
        steps += [[place / len(FILLS), PALETTE[token]], [(place + 1) / len(FILLS), PALETTE[token]]]
    return steps


def _hover(row: ShownRow, cell: ShownCell) -> str:
    """Values, variance, months and facts of a cell, a line each."""
    lines = [
        f"<b>{escape(row.kpi.name)}, {escape(cell.tier.name)}</b>",
        f"{cell.status.shape} {cell.status.label}: {escape(cell.full)}, {escape(cell.target)}",
        f"variance {escape(cell.variance)}" if cell.variance else "",
        f"{cell.attainment} attained" if cell.attainment else "",
        f"since the previous period: {escape(cell.change.words)}" if cell.change else "",
        f"pace: {cell.pace.label}" if cell.pace else "",
        f"{cell.months}, {cell.facts}",
    ]
    return "<br>".join(line for line in lines if line)


def _said(row: ShownRow, cell: ShownCell) -> str:
    change = f", {cell.change.words} since the previous period" if cell.change else ""
    return f"{row.kpi.name}, {cell.tier.name}: {cell.full}, {cell.target}, {cell.status.label}{change}."


TREND_HEIGHT = 320
_SYMBOLS = {
    Status.MET: "circle",
    Status.NEAR: "triangle-up",
    Status.MISSED: "square",
    Status.PARTIAL: "circle-open-dot",
    Status.NO_TARGET: "circle-open",
    Status.NO_DATA: "circle-open",
}
_INKS = {Status.MET: "--met", Status.NEAR: "--near", Status.MISSED: "--missed"}


def trend(found: Trend, currency: str, events: Numbered = ()) -> Figure:
    """Actual and target of 24 months; each actual marked with the shape and colour of its status, and months in which
    something happened with their numbers.
    """
    from plotly import graph_objects as go

    style = style_of(found.kpi, currency)
    names = [short_month(point.month) for point in found.points]
    statuses = [judged(point) for point in found.points]
    figure = go.Figure([*_goal_traces(found, names, style), _actual_trace(found, names, statuses, style)])
    frame_months(figure, TREND_HEIGHT, found.kpi.unit)
    figure.update_layout(annotations=list(marks(events)), meta=ON_A_PHONE)
    return figure


def _actual_trace(found: Trend, names: list[str], statuses: list[Status], style: Style) -> Any:
    from plotly import graph_objects as go

    words = [
        f"{style.full(point.actual)} ({status.shape} {status.label})"
        for point, status in zip(found.points, statuses, strict=True)
    ]
    return go.Scatter(
        x=names,
        y=[_float(point.actual) if _alike(found, point) else None for point in found.points],
        name="Actual",
        mode="lines+markers",
        line={"color": PALETTE["--accent"], "width": 2},
        marker={
            "size": 9,
            "symbol": [_SYMBOLS[status] for status in statuses],
            "color": [PALETTE[_INKS.get(status, "--muted")] for status in statuses],
            "line": {"width": 0},
        },
        customdata=words,
        hovertemplate="Actual %{customdata}<extra></extra>",
    )


def _goal_traces(found: Trend, names: list[str], style: Style) -> list[Any]:
    """The target as a stepped line, or the two bounds of a range with the room between them filled."""
    from plotly import graph_objects as go

    parts = [goal_parts(point) if _alike(found, point) else (None, None, None) for point in found.points]
    ranged = any(low is not None for _, low, _ in parts)
    lines = [(1, "At least"), (2, "At most")] if ranged else [(0, _target_name(found))]
    return [
        go.Scatter(
            x=names,
            y=[_float(part[place]) for part in parts],
            name=label,
            mode="lines",
            line={"color": PALETTE["--muted"], "width": 1.5, "dash": "dash", "shape": "hvh"},
            fill="tonexty" if place == 2 else None,
            fillcolor=PALETTE["--accent-soft"],
            customdata=["" if (value := part[place]) is None else style.full_target(value) for part in parts],
            hovertemplate=f"{label} %{{customdata}}<extra></extra>",
        )
        for place, label in lines
    ]


def _alike(found: Trend, point: TrendPoint) -> bool:
    """Whether a month is counted in what the axis is: values of another unit stand in the table alone."""
    return (point.meant.unit, point.meant.currency) == (found.kpi.unit, found.kpi.currency)


def _target_name(found: Trend) -> str:
    return "Target (at most)" if found.kpi.direction == "lower" else "Target (at least)"


_BAR, _FRAME = 30, 16


def waterfall_height(shown: ShownChange) -> int:
    """Pixels that the waterfall takes, so that the page can keep the room before it is drawn."""
    return _FRAME + _BAR * (len(shown.parts) + 1)


def waterfall(shown: ShownChange) -> Figure:
    """The parts of a change as bars, each from where the one before ends; the last is the change itself.

    Not coloured by better and worse: colour comes from the target alone. A sign goes with each number.
    """
    from plotly import graph_objects as go

    effects = [part.exact for part in shown.parts]
    ends = list(accumulate(effects, initial=Fraction(0)))
    total = [*effects, ends[-1]], [*ends[:-1], Fraction(0)]
    words = [*(part.effect for part in shown.parts), shown.total]
    names = [*(part.name for part in shown.parts), "the change"]
    colours = ["--ink" if place == len(effects) else _SIGNS[effect > 0] for place, effect in enumerate(total[0])]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=[_float(effect) for effect in total[0]],
            base=[_float(start) for start in total[1]],
            y=list(range(len(names))),
            text=words,
            textposition="outside",
            cliponaxis=False,
            marker={"color": [PALETTE[colour] for colour in colours], "line": {"width": 0}},
            hovertext=[escape(f"{name}: {word}") for name, word in zip(names, words, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.update_layout(
        layout(waterfall_height(shown), 8, bargap=0.35, hovermode="closest"), meta={"shorten": 22, "wordless": True}
    )
    figure.update_xaxes(
        **QUIET | {"zeroline": True, "zerolinecolor": PALETTE["--line"]},
        showticklabels=False,
        range=_reach(ends, effects),
    )
    figure.update_yaxes(
        **QUIET,
        tickvals=list(range(len(names))),
        ticktext=[escape(name) for name in names],
        range=[len(names) - 0.5, -0.5],
        automargin=True,
        ticklabelstandoff=8,
    )
    return figure


_SIGNS = {True: "--accent", False: "--edge"}


def _reach(ends: list[Fraction], effects: list[Fraction]) -> list[float]:
    """From the lowest to the highest point, with room for numbers on the sides that have any."""
    low, high = float(min(ends)), float(max(ends))
    span = (high - low) or 1.0
    falls, rises = any(effect < 0 for effect in effects), any(effect >= 0 for effect in effects)
    return [low - span * (0.2 if falls else 0.02), high + span * (0.2 if rises else 0.02)]


def _float(value: Any) -> float | None:
    """For drawing alone: a pixel needs no more."""
    return None if value is None else float(value)
