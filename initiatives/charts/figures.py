"""Figures about initiatives and pain, built from what the pages show. Pure: values in, a figure out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from math import isqrt
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, layout
from initiatives.choices import Quadrant, ScheduleStatus
from initiatives.pages.coverage import ShownGroup, ShownLine
from initiatives.pages.priorities import ShownRanked

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COVERAGE_ROWS = 20
_ROW, _HEAD, _FOOT = 30, 48, 28
_LEGEND = {"orientation": "h", "y": 1, "yref": "container", "yanchor": "top", "x": 0, "itemclick": False}


def coverage_lines(groups: Sequence[ShownGroup]) -> list[ShownLine]:
    """The heaviest themes that the chart has room for, in the order of the table: by department."""
    themes = [line for group in groups for line in group.themes]
    kept = sorted(themes, key=lambda one: -one.line.weight)[:COVERAGE_ROWS]
    return [line for line in themes if line in kept]


def coverage_height(groups: Sequence[ShownGroup]) -> int:
    """Pixels that the chart takes."""
    return _HEAD + _FOOT + _ROW * len(coverage_lines(groups))


def coverage(groups: Sequence[ShownGroup]) -> Figure:
    """A bar of pain per theme; a dot for the share of what runs, a diamond for that of the budget."""
    from plotly import graph_objects as go

    lines = coverage_lines(groups)
    figure = go.Figure([*_pain_bars(lines), *_share_marks(lines)])
    figure.update_layout(
        layout(coverage_height(groups), _HEAD, barmode="overlay", bargap=0.35, hovermode="closest"),
        showlegend=True,
        legend=_LEGEND | {"itemdoubleclick": False},
        meta={"shorten": 22},
    )
    figure.update_layout(margin={"b": _FOOT})
    figure.update_xaxes(
        **QUIET | {"showgrid": True, "gridcolor": PALETTE["--hair"]},
        ticksuffix=" %",
        nticks=5,
        range=[0, _reach(lines)],
    )
    figure.update_yaxes(
        **QUIET,
        tickvals=list(range(len(lines))),
        ticktext=[escape(f"{line.line.theme} · {line.line.department}") for line in lines],
        range=[len(lines) - 0.5, -0.5],
        automargin=True,
        ticklabelstandoff=10,  # a mark at nought must not stand on the name
    )
    return figure


def _reach(lines: Sequence[ShownLine]) -> float:
    """How far the axis goes: past the longest bar and its word."""
    shares = [(one.line.pain_share, one.line.running_share, one.line.budget_share) for one in lines]
    return 1.12 * max((_percent(share) or 0.0 for three in shares for share in three), default=1.0) or 1.0


def _pain_bars(lines: Sequence[ShownLine]) -> list[Any]:
    """Two colours, each with a word in the legend: answered by something that runs, or by nothing."""
    from plotly import graph_objects as go

    bars = []
    for name, token, edge, orphaned in (
        ("Pain that something answers", "--partial-fill", "--partial", False),
        ("Pain that nothing answers", "--missed-fill", "--missed", True),
    ):
        kept = [(place, line) for place, line in enumerate(lines) if line.line.is_orphaned is orphaned]
        bars.append(
            go.Bar(
                orientation="h",
                name=name,
                x=[_percent(line.line.pain_share) for _, line in kept],
                y=[place for place, _ in kept],
                marker={"color": PALETTE[token], "line": {"color": PALETTE[edge], "width": 1}},
                customdata=[line.points for _, line in kept],
                hovertext=[_coverage_hover(line) for _, line in kept],
                hovertemplate="%{hovertext}<extra></extra>",
                text=["■ nothing" if orphaned else "" for _ in kept],
                textposition="outside",
                textfont={"color": PALETTE[edge]},
                cliponaxis=False,
            )
        )
    return bars


def _share_marks(lines: Sequence[ShownLine]) -> list[Any]:
    from plotly import graph_objects as go

    kinds = (
        ("Share of what runs", "circle", "--accent", "running_share"),
        ("Share of its budget", "diamond-open", "--ink", "budget_share"),
    )
    return [
        go.Scatter(
            mode="markers",
            name=name,
            x=[_percent(getattr(line.line, share)) for line in lines],
            y=list(range(len(lines))),
            marker={"symbol": symbol, "size": 10, "color": PALETTE[token], "line": {"width": 2}},
            hovertext=[_coverage_hover(line) for line in lines],
            hovertemplate="%{hovertext}<extra></extra>",
            cliponaxis=False,
        )
        for name, symbol, token, share in kinds
    ]


def _coverage_hover(line: ShownLine) -> str:
    return "<br>".join(
        (
            f"<b>{escape(line.name)}, {escape(str(line.line.department))}</b>",
            f"{line.pain} of pain",
            f"{line.running} of what runs: {line.serving}",
            f"{line.budget} of its budget",
        )
    )


def _percent(share: Any) -> float | None:
    """For drawing alone: a pixel needs no more."""
    return None if share is None else float(share * 100)


# Priorities: impact against burden

PRIORITIES_HEIGHT = 600
_CELL = 88  # pixels that a pair of scores has on a desk
_NONE = "not running"
_LOOKS = {
    ScheduleStatus.ON_SCHEDULE.label: ("circle", "--met"),
    ScheduleStatus.AT_RISK.label: ("triangle-up", "--near"),
    ScheduleStatus.LATE.label: ("square", "--missed"),
    ScheduleStatus.NOT_REPORTED.label: ("circle-cross", "--partial"),
    _NONE: ("circle-open", "--edge"),
}
_NAMES = (
    (Quadrant.QUICK_WIN, 0.5, 5.5, "left", "top"),
    (Quadrant.MAJOR_BET, 5.5, 5.5, "right", "top"),
    (Quadrant.FILL_IN, 0.5, 0.5, "left", "bottom"),
    (Quadrant.RECONSIDER, 5.5, 0.5, "right", "bottom"),
)


@dataclass(frozen=True, slots=True)
class Bubble:
    """Where an initiative is drawn, and how large."""

    row: ShownRanked
    x: float
    y: float
    size: float


def bubbles(rows: Sequence[ShownRanked]) -> list[Bubble]:
    """Each at its scores; those with equal scores side by side in a square, the dearest first, never by chance.

    Areas are as costs; what has none, or none in the company's money, is as small as the smallest.
    """
    crowds: dict[tuple[int, int], list[ShownRanked]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (-(one.standing.cost or 0), one.standing.initiative.code)):
        crowds[row.standing.scores.burden or 0, row.standing.scores.impact or 0].append(row)
    widest = max((_columns(len(crowd)) for crowd in crowds.values()), default=1)
    dearest = max((row.standing.cost or Fraction(0) for row in rows), default=Fraction(0))
    largest = max(16.0, min(48.0, 2.6 * _CELL / widest))
    placed = []
    for (burden, impact), crowd in crowds.items():
        for (across, up), row in zip(_square(len(crowd)), crowd, strict=True):
            share = float((row.standing.cost or 0) / dearest) if dearest else 0.0
            placed.append(Bubble(row, burden + across, impact + up, max(9.0, largest * share**0.5)))
    return placed


def _columns(count: int) -> int:
    return isqrt(max(count - 1, 0)) + 1


def _square(count: int) -> list[tuple[float, float]]:
    """Places around the middle of a unit, row by row from the top left."""
    columns = _columns(count)
    rows, pitch = -(-count // columns), 0.86 / columns
    return [
        ((place % columns - (columns - 1) / 2) * pitch, ((rows - 1) / 2 - place // columns) * pitch)
        for place in range(count)
    ]


def priorities(rows: Sequence[ShownRanked]) -> Figure:
    """A bubble per ranked initiative; faint below the budget line."""
    from plotly import graph_objects as go

    placed = bubbles(rows)
    figure = go.Figure([_bubble_trace(look, placed) for look in _LOOKS])
    figure.update_layout(
        layout(PRIORITIES_HEIGHT, _HEAD, hovermode="closest"),
        showlegend=True,
        legend=_LEGEND | {"itemdoubleclick": False, "itemsizing": "constant"},
        meta={"shrink": 0.6, "smallest": 8},
        shapes=[_quadrant_shape(3.5, 0.5, 3.5, 5.5), _quadrant_shape(0.5, 3.5, 5.5, 3.5)],
        annotations=[_quadrant_name(*one) for one in _NAMES],
    )
    figure.update_layout(margin={"b": 48, "l": 44})
    for update, title in (
        (figure.update_xaxes, "Burden: effort or cost"),
        (figure.update_yaxes, "Impact on customers"),
    ):
        update(**QUIET, range=[0.45, 5.55], tickvals=[1, 2, 3, 4, 5], title={"text": title, "standoff": 8})
    return figure


def _bubble_trace(look: str, placed: Sequence[Bubble]) -> Any:
    from plotly import graph_objects as go

    symbol, token = _LOOKS[look]
    own = [one for one in placed if _look(one.row) == look]
    return go.Scatter(
        mode="markers",
        name=look,
        showlegend=bool(own),
        x=[one.x for one in own],
        y=[one.y for one in own],
        marker={
            "size": [one.size for one in own],
            "symbol": symbol,
            "color": PALETTE[token],
            "opacity": [0.9 if one.row.ranked.above else 0.35 for one in own],
            "line": {"width": 2 if look == _NONE else 1, "color": PALETTE[token if look == _NONE else "--panel"]},
        },
        customdata=[one.row.url for one in own],
        hovertext=[_bubble_hover(one.row) for one in own],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _look(row: ShownRanked) -> str:
    return row.standing.status.label if row.standing.status else _NONE


def _bubble_hover(row: ShownRanked) -> str:
    scores, stage = row.standing.scores, row.standing.stage.label.lower()
    lines = (
        f"<b>{escape(row.standing.initiative.title)}</b>",
        f"{row.ranked.place}. {row.quadrant}: impact {scores.impact}, burden {scores.burden}",
        f"{stage}, {_look(row)}" if row.standing.status else stage,
        f"cost {escape(row.cost)}",
        "" if row.ranked.above else "below the budget line",
    )
    return "<br>".join(line for line in lines if line)


def _quadrant_shape(x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
    line = {"color": PALETTE["--line"], "width": 1.5}
    return {"type": "line", "x0": x0, "y0": y0, "x1": x1, "y1": y1, "line": line, "layer": "below"}


def _quadrant_name(quadrant: Quadrant, x: float, y: float, across: str, up: str) -> dict[str, Any]:
    return {
        "text": f"<b>{quadrant.label}</b>",
        "x": x,
        "y": y,
        "xanchor": across,
        "yanchor": up,
        "showarrow": False,
        "font": {"size": 14, "color": PALETTE["--muted"]},
    }
