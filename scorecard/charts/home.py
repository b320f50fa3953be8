"""The figure of the home page: who came and went, and what each tier brings. Pure: values in, a figure out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, layout
from core.formatting import number
from scorecard.pages.growth import signed
from scorecard.pages.home_customers import TierBars

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW, HEAD, FOOT = 21, 20, 2
_LINE = {"width": 0}
_FLOWS, _VALUE = (0.0, 0.52), (0.58, 1.0)  # the two halves, in shares of the width


def tiers_height(tiers: Sequence[TierBars]) -> int:
    """Pixels that the figure takes, so that the page can keep the room before it is drawn."""
    return HEAD + FOOT + ROW * max(len(tiers), 1)


def tiers_figure(tiers: Sequence[TierBars]) -> Figure:
    """A line per tier: who left to the left, who came to the right; beside it the tier's share of revenue, where a
    steward named a KPI for it.
    """
    from plotly import graph_objects as go

    places, valued = list(range(len(tiers))), any(one.share is not None for one in tiers)
    words = [_said(one) for one in tiers]
    came = [signed(one.came) if one.came else "" for one in tiers]
    left = [signed(-one.left) if one.left else "" for one in tiers]
    bars = [
        _bars("came", [one.came for one in tiers], places, words, came, PALETTE["--accent"]),
        _bars("went", [-one.left for one in tiers], places, words, left, PALETTE["--missed"]),
    ]
    if valued:
        shares = [float(one.share or 0) for one in tiers]
        texts = ["" if one.share is None else f"{number(one.share)} %" for one in tiers]
        bars.append(_bars("revenue", shares, places, words, texts, PALETTE["--partial"], xaxis="x2", yaxis="y"))
    figure = go.Figure(bars)
    figure.update_layout(
        layout(tiers_height(tiers), HEAD, barmode="relative", bargap=0.35, hovermode="closest"),
        annotations=_titles(valued),
        xaxis=_axis(_FLOWS if valued else (0.0, 1.0), _room([-one.left for one in tiers], [one.came for one in tiers])),
        meta={"shorten": 12},
    )
    figure.update_layout(font={"size": 12}, margin={"b": FOOT})
    if valued:
        figure.update_layout(xaxis2=_axis(_VALUE, _room([0], [float(one.share or 0) for one in tiers])))
    figure.update_yaxes(
        **QUIET,
        tickvals=places,
        ticktext=[escape(one.name) for one in tiers],
        range=[len(tiers) - 0.5, -0.5],
        automargin=True,
        ticklabelstandoff=6,
    )
    return figure


def _bars(
    name: str, numbers: Sequence[float], places: list[int], words: list[str], text: list[str], color: str, **axes: str
) -> Any:
    from plotly import graph_objects as go

    return go.Bar(
        name=name,
        orientation="h",
        x=list(numbers),
        y=places,
        marker={"color": color, "line": _LINE},
        text=text,
        textposition="outside",
        cliponaxis=False,
        hovertext=[escape(word) for word in words],
        hovertemplate="%{hovertext}<extra></extra>",
        **axes,
    )


def _axis(domain: tuple[float, float], room: list[float]) -> dict[str, Any]:
    zero = {"zeroline": True, "zerolinecolor": PALETTE["--edge"]}
    return QUIET | zero | {"domain": list(domain), "showticklabels": False, "range": room}


def _titles(valued: bool) -> list[dict[str, Any]]:
    """What the halves are, above them."""
    quiet = {"xref": "paper", "yref": "paper", "y": 1, "yanchor": "bottom", "xanchor": "left", "showarrow": False}
    quiet |= {"font": {"size": 12, "color": PALETTE["--muted"]}}
    found = [{**quiet, "x": 0, "text": "went and came"}]
    return [*found, {**quiet, "x": _VALUE[0], "text": "share of revenue"}] if valued else found


def _room(low: Sequence[float], high: Sequence[float]) -> list[float]:
    """From the lowest to the highest point, with room for numbers at both ends."""
    least, most = min([*low, 0]), max([*high, 0])
    span = (most - least) or 1
    return [least - (0.25 * span if least else 0.02 * span), most + 0.3 * span]


def _said(one: TierBars) -> str:
    words = f"{one.name}: {number(one.came)} came, {number(one.left)} went, {signed(one.came - one.left)}"
    return words if one.share is None else f"{words}; {number(one.share, 1)} % of revenue"
