"""Figures about initiatives and pain, built from what the pages show. Pure: values in, a figure out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, layout
from initiatives.presenters.coverage import ShownGroup, ShownLine

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
        ticksuffix="  ",
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
