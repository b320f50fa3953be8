"""The figure of value by tier. Pure: values in, a figure out."""

from __future__ import annotations

from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, layout
from core.formatting import number
from kpis.choices import ValueRole
from scorecard.reading.value import TierValue, ValueByTier

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_BAR, _BETWEEN, _HEAD, _FOOT = 17, 18, 44, 8
_LEGEND = {"orientation": "h", "y": 1, "yref": "container", "yanchor": "top", "x": 0, "itemclick": False}
_LEGEND |= {"itemdoubleclick": False, "traceorder": "normal"}
_COLOURS = {
    ValueRole.REVENUE: PALETTE["--accent"],
    ValueRole.MARGIN: PALETTE["--met"],
    ValueRole.COST: PALETTE["--missed"],
}
_BUDGET = PALETTE["--quiet"]

Bars = tuple[str, str, list[Fraction | None]]


def shares_of(value: ValueByTier) -> list[Bars]:
    """What is drawn: of each part that has shares its name, colour and the tiers' shares; then the budget's."""
    found = [
        (value.kpis[role].name, _COLOURS[role], [row.worth[role].share for row in value.tiers]) for role in value.kpis
    ]
    drawn = [one for one in found if any(share is not None for share in one[2])]
    budget = [_budget_share(row) for row in value.tiers]
    return [*drawn, ("Budget of what runs for it", _BUDGET, budget)] if drawn and any(budget) else drawn


def height_of(value: ValueByTier) -> int:
    """Pixels that the chart takes; 0 where there is nothing to draw."""
    bars = len(shares_of(value))
    return _HEAD + _FOOT + len(value.tiers) * (bars * _BAR + _BETWEEN) if bars else 0


def value_shares(value: ValueByTier) -> Figure:
    """A group of bars for each tier: its share of all customers' revenue, margin, cost to serve, and of the budget."""
    from plotly import graph_objects as go

    places = list(range(len(value.tiers)))
    shares = shares_of(value)
    figure = go.Figure([_trace(name, colour, of_tiers, value, places) for name, colour, of_tiers in shares])
    figure.update_layout(
        layout(height_of(value) or _HEAD, _HEAD, barmode="group", bargap=0.28, hovermode="closest"),
        showlegend=True,
        legend=_LEGEND,
        meta={"shorten": 14},
    )
    known = [float(share) * 100 for _, _, of_tiers in shares for share in of_tiers if share is not None]
    low, high = min(0.0, *known, 0.0), max(1.0, *known, 1.0)
    zero = QUIET | {"zeroline": True, "zerolinecolor": PALETTE["--edge"]}
    figure.update_xaxes(**zero, showticklabels=False, range=[low * 1.2, high * 1.15])
    figure.update_yaxes(
        **QUIET,
        tickvals=places,
        ticktext=[escape(row.tier.name) for row in value.tiers],
        range=[len(places) - 0.5, -0.5],
        automargin=True,
        ticklabelstandoff=8,
    )
    return figure


def _trace(name: str, colour: str, shares: list[Fraction | None], value: ValueByTier, places: list[int]) -> Any:
    from plotly import graph_objects as go

    texts = ["" if share is None else f"{number(share * 100)} %" for share in shares]
    said = [f"{row.tier.name}: {text or 'no share'} of {name}" for row, text in zip(value.tiers, texts, strict=True)]
    return go.Bar(
        name=escape(name),
        orientation="h",
        x=[None if share is None else float(share * 100) for share in shares],
        y=places,
        marker={"color": colour, "line": {"width": 0}},
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hovertext=[escape(words) for words in said],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _budget_share(row: TierValue) -> Fraction | None:
    return row.done.budget_share if row.done else None
