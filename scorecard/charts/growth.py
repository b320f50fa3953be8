"""Figures of customer growth. Pure: values in, a figure out. Moves between tiers are in no bar."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, layout
from core.formatting import MONTH_NAMES, number, period_name
from core.periods import Kind, Period
from customers.choices import TierScope
from customers.reading.growth import GrowthRow
from scorecard.pages.growth import signed
from scorecard.reading.growth import BookPeriod

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BOOK_HEIGHT = 300
_ROW, _HEAD, _FOOT = 34, 44, 8
_LEGEND = {"orientation": "h", "y": 1, "yref": "container", "yanchor": "top", "x": 0, "itemclick": False}
_LEGEND |= {"itemdoubleclick": False, "traceorder": "normal"}
_JOINED = {"color": PALETTE["--accent"], "line": {"width": 0}}
_RETURNED = {"color": PALETTE["--accent-soft"], "line": {"width": 1, "color": PALETTE["--accent"]}}
_LEFT = {"color": PALETTE["--missed"], "line": {"width": 0}}


def tiers_of(rows: Sequence[GrowthRow]) -> list[GrowthRow]:
    """The rows that the chart by tier has: untiered customers only where somebody came or went."""
    tiers = [row for row in rows if row.tier.scope != TierScope.ALL]
    return [row for row in tiers if row.tier.scope == TierScope.TIER or row.joined or row.returned or row.left]


def tiers_height(rows: Sequence[GrowthRow]) -> int:
    """Pixels that the chart by tier takes, so that the page can keep the room before it is drawn."""
    return _HEAD + _FOOT + _ROW * len(tiers_of(rows))


def came_and_went(rows: Sequence[GrowthRow]) -> Figure:
    """A line per tier: who left to the left, who joined and returned to the right, with a sign at each number."""
    from plotly import graph_objects as go

    tiers = tiers_of(rows)
    places = list(range(len(tiers)))
    words = [_said(row) for row in tiers]
    parts = (
        ("joined", [row.joined for row in tiers], _JOINED, ["" for _ in tiers]),
        ("returned", [row.returned for row in tiers], _RETURNED, [signed(row.joined + row.returned) for row in tiers]),
        ("left", [-row.left for row in tiers], _LEFT, [signed(-row.left) if row.left else "" for row in tiers]),
    )
    figure = go.Figure(
        [
            _bars(name, words, marker, text, orientation="h", x=numbers, y=places)
            for name, numbers, marker, text in parts
        ]
    )
    figure.update_layout(
        layout(tiers_height(rows), _HEAD, barmode="relative", bargap=0.4, hovermode="closest"),
        showlegend=True,
        legend=_LEGEND,
        meta={"shorten": 14},
    )
    reach = [-max((row.left for row in tiers), default=0), max((row.joined + row.returned for row in tiers), default=0)]
    figure.update_xaxes(**_zero(), showticklabels=False, range=_room(*reach))
    figure.update_yaxes(
        **QUIET,
        tickvals=places,
        ticktext=[escape(row.tier.name) for row in tiers],
        range=[len(tiers) - 0.5, -0.5],
        automargin=True,
        ticklabelstandoff=8,
    )
    return figure


def book(periods: Sequence[BookPeriod]) -> Figure:
    """A column per period: who joined and returned upwards, who left downwards, the net below. The start of the
    record and what runs are hatched and have no bar: they are like no other.
    """
    from plotly import graph_objects as go

    places = list(range(len(periods)))
    whole = [not (one.is_start or one.to_date) for one in periods]
    up = [one.came if is_whole else 0 for one, is_whole in zip(periods, whole, strict=True)]
    down = [-one.left if is_whole else 0 for one, is_whole in zip(periods, whole, strict=True)]
    joined = [one.joined if is_whole else 0 for one, is_whole in zip(periods, whole, strict=True)]
    low, high = min(down, default=0), max(up, default=0) or 1
    words = [_said_of(one) for one in periods]
    texts = [number(one) if one else "" for one in up]
    figure = go.Figure(
        [
            _bars("joined", words, _JOINED, [""] * len(places), x=places, y=joined),
            _bars("returned", words, _RETURNED, texts, x=places, y=[a - b for a, b in zip(up, joined, strict=True)]),
            _bars("left", words, _LEFT, [number(-one) if one else "" for one in down], x=places, y=down),
            _bars(
                "start of record, or to date",
                words,
                _hatched(),
                [""] * len(places),
                x=places,
                y=[0 if is_whole else high * 0.4 for is_whole in whole],
            ),
        ]
    )
    figure.update_layout(
        layout(BOOK_HEIGHT, _HEAD, barmode="relative", bargap=0.35, hovermode="closest"),
        showlegend=True,
        legend=_LEGEND,
    )
    figure.update_layout(margin={"b": 44})
    figure.update_xaxes(
        **QUIET,
        tickvals=places,
        ticktext=[f"{_short(one.period)}<br><b>{_net(one)}</b>" for one in periods],
        range=[-0.6, len(places) - 0.4],
        tickangle=0,
    )
    figure.update_yaxes(**_zero(), showticklabels=False, range=_room(low, high))
    return figure


def _bars(name: str, words: list[str], marker: dict[str, Any], text: list[str], **places: Any) -> Any:
    from plotly import graph_objects as go

    return go.Bar(
        name=name,
        marker=marker,
        text=text,
        textposition="outside",
        cliponaxis=False,
        hovertext=[escape(word) for word in words],
        hovertemplate="%{hovertext}<extra></extra>",
        **places,
    )


def _hatched() -> dict[str, Any]:
    pattern = {"shape": "/", "fgcolor": PALETTE["--edge"], "bgcolor": PALETTE["--panel"], "size": 6, "solidity": 0.2}
    return {"color": PALETTE["--panel"], "pattern": pattern, "line": {"width": 1, "color": PALETTE["--edge"]}}


def _zero() -> dict[str, Any]:
    return QUIET | {"zeroline": True, "zerolinecolor": PALETTE["--edge"]}


def _room(low: int, high: int) -> list[float]:
    """From the lowest to the highest point, with room for numbers at both ends."""
    span = (high - low) or 1
    return [low - 0.18 * span, high + 0.18 * span]


def _said(row: GrowthRow) -> str:
    words = f"{number(row.joined)} joined, {number(row.returned)} returned, {number(row.left)} left"
    return f"{row.tier.name}: {words}, {signed(row.joined + row.returned - row.left)}"


def _said_of(one: BookPeriod) -> str:
    remark = ", start of record" if one.is_start else ", to date" if one.to_date else ""
    flows = f"{number(one.joined)} joined, {number(one.returned)} returned, {number(one.left)} left"
    words = f"{flows}, {number(one.closing)} on the book"
    return f"{period_name(one.period)}{remark}: {words}"


def _net(one: BookPeriod) -> str:
    return "start" if one.is_start else "to date" if one.to_date else signed(one.net)


def _short(period: Period) -> str:
    """``Q3 26``, ``Sep 26``, ``2026``."""
    if period.kind is Kind.YEAR:
        return str(period.year)
    if period.kind is Kind.QUARTER:
        return f"Q{period.number} {period.year % 100:02d}"
    return f"{MONTH_NAMES[period.number - 1][:3]} {period.year % 100:02d}"
