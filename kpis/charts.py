"""Figures about KPIs, built from what their pages show. Pure: values in, a figure out."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, frame_months, layout
from core.formatting import short_month
from customers.choices import TierScope
from kpis.pages.definition import DefinitionPage, TrendLine
from kpis.pages.links import ACROSS, LinkPage, ShownTest

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
    frame_months(figure, TREND_HEIGHT, page.kpi.unit)
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


# -- links


def pairs_by_tier(page: LinkPage) -> Figure:
    """A small multiple of each tier: the change of the leading KPI against that of the trailing one after the lag."""
    from plotly.subplots import make_subplots

    tests = page.tests
    rows = max(1, -(-len(tests) // ACROSS))
    titles = [f"{escape(one.tier.name)}: {one.r}{' ●' if one.test.passes else ''}" for one in tests]
    spacing = {"horizontal_spacing": 0.1, "vertical_spacing": 0.24 / rows}
    figure = make_subplots(rows=rows, cols=ACROSS, subplot_titles=titles, **spacing)
    for place, one in enumerate(tests):
        figure.add_trace(_pairs(one), row=place // ACROSS + 1, col=place % ACROSS + 1)
    figure.update_layout(layout(page.height))
    figure.update_layout(margin={"l": 8, "r": 12, "t": 28, "b": 8})
    figure.update_annotations(font={"size": 13, "color": PALETTE["--ink"]})
    axis = {"fixedrange": True, "gridcolor": PALETTE["--hair"], "zerolinecolor": PALETTE["--edge"], "automargin": True}
    figure.update_xaxes(**axis, separatethousands=True, nticks=5)
    figure.update_yaxes(**axis, separatethousands=True, nticks=5)
    return figure


def _pairs(one: ShownTest) -> Any:
    from plotly import graph_objects as go

    return go.Scatter(
        x=[float(pair.leading) for pair in one.pairs],
        y=[float(pair.trailing) for pair in one.pairs],
        mode="markers",
        marker={
            "size": 7,
            "symbol": "circle" if one.test.passes else "circle-open",
            "color": PALETTE["--accent"],
        },
        customdata=[short_month(pair.month) for pair in one.pairs],
        hovertemplate=f"{escape(one.tier.name)}, %{{customdata}}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>",
    )
