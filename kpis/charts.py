"""Figures about KPIs, built from what their pages show. Pure: values in, a figure out."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, layout
from customers.choices import TierScope
from kpis.pages.library import DefinitionPage, TrendLine

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TREND_HEIGHT = 320
# Tiers are told apart by ink, dash and mark, not by the colours that mean a status.
_LOOKS = (
    ("--accent", "solid", "circle"),
    ("--ink", "dash", "square"),
    ("--partial", "dot", "diamond"),
    ("--muted", "dashdot", "triangle-up"),
    ("--edge", "longdash", "cross"),
    ("--quiet", "longdashdot", "x"),
)
_ALL = ("--ink", "solid", "diamond-open")  # looks like no tier, however many there are


def trend_by_tier(page: DefinitionPage) -> Figure:
    """A line per tier over 24 months."""
    from plotly import graph_objects as go

    figure = go.Figure([_trace(line, place, page.month_names) for place, line in enumerate(page.lines)])
    figure.update_layout(layout(TREND_HEIGHT), hovermode="x unified", showlegend=True)
    figure.update_layout(margin={"l": 8, "r": 12, "t": 12, "b": 8})
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(**QUIET | {"tickmode": "auto", "nticks": 9, "automargin": True, "type": "category"})
    figure.update_yaxes(
        automargin=True,
        gridcolor=PALETTE["--hair"],
        zerolinecolor=PALETTE["--line"],
        fixedrange=True,
        ticksuffix=" %" if page.kpi.unit == "percent" else "",
        separatethousands=True,
    )
    return figure


def _trace(line: TrendLine, place: int, names: list[str]) -> Any:
    from plotly import graph_objects as go

    ink, dash, symbol = _ALL if line.tier.scope == TierScope.ALL else _look(place)
    return go.Scatter(
        x=names,
        y=list(line.values),
        name=escape(line.tier.name),
        mode="lines+markers",
        line={"color": PALETTE[ink], "width": 2, "dash": dash},
        marker={"size": 6, "symbol": symbol, "color": PALETTE[ink]},
        customdata=list(line.words),
        hovertemplate=f"{escape(line.tier.name)} %{{customdata}}<extra></extra>",
    )


def _look(place: int) -> tuple[str, str, str]:
    """Of the tier at that place; from the seventh on the same parts, put together anew."""
    turn = place // len(_LOOKS)
    ink, dash, symbol = (_LOOKS[(place + shift * turn) % len(_LOOKS)] for shift in range(3))
    return ink[0], dash[1], symbol[2]
