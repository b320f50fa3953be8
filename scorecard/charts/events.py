"""What happened, on a chart of months: a number at the foot of each month, under which the list beside it tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from textwrap import wrap
from typing import Any

from core.figures import PALETTE
from core.formatting import short_month
from core.periods import Month, shift
from scorecard.reading.trend_events import TrendEvent

# How a chart of months fits a phone (static/js/charts.js): smaller marks, short notes.
ON_A_PHONE = {"shrink": 0.7, "brief": 26}
Numbered = Sequence[tuple[int, Month, Sequence[TrendEvent]]]
_WIDTH = 60  # characters of a line in the box that a pointer opens
_STEP = 17  # pixels by which the number of a neighbouring month stands higher


def marks(events: Numbered) -> Iterator[dict[str, Any]]:
    """An annotation for each month, with its events in the box that a pointer opens. Numbers of months that follow
    one another stand by turns higher, so that they do not cover each other on a phone.
    """
    before, raised = None, False
    for place, month, together in events:
        raised = not raised and before is not None and month <= shift(before, 2)
        before = month
        lines = [line for event in together for line in wrap(event.text, _WIDTH)]
        yield {
            "x": short_month(month),
            "y": 0,
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 3 + (_STEP if raised else 0),
            "text": str(place),
            "showarrow": False,
            "hovertext": "<br>".join(escape(line) for line in lines),
            "captureevents": True,
            "font": {"size": 11, "color": PALETTE["--ink"]},
            "bgcolor": PALETTE["--accent-soft"],
            "bordercolor": PALETTE["--accent"],
            "borderwidth": 1,
            "borderpad": 1,
        }
