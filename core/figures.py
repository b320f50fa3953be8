"""What every Plotly figure shares: colours, type, a frame that does not move, and how it is sent. Pure.

Colours are written as those of the light scheme; ``TOKENS`` names the custom property behind each,
and the browser puts in the scheme's own. Plotly itself is imported where a figure is built: the
import takes half a second, and most of the program never draws.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core.reader import separators

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Light colours by custom property; tests/scorecard/test_look.py holds them to static/css/tokens.css.
PALETTE = {
    "--ink": "#1a2430",
    "--muted": "#566370",
    "--panel": "#ffffff",
    "--line": "#dfdbd1",
    "--hair": "#ebe8e0",
    "--edge": "#7d8791",
    "--accent": "#0a5a68",
    "--accent-soft": "#dfeeef",
    "--met": "#0b6b4f",
    "--near": "#7d5200",
    "--missed": "#a8221b",
    "--partial": "#4a5a74",
    "--quiet": "#5c6670",
    "--met-fill": "#dcefe5",
    "--near-fill": "#fbeac4",
    "--missed-fill": "#fadbd6",
    "--partial-fill": "#e4e8ef",
    "--quiet-fill": "#f1efea",
    "--empty-fill": "#f7f6f2",
}
TOKENS = {colour: name for name, colour in PALETTE.items()}
FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
QUIET: dict[str, Any] = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "showline": False}


def as_json(figure: Figure, **more: Any) -> str:
    """The figure with its colour tokens, as the page's script reads it, without Plotly's own theme."""
    body = json.loads(figure.to_json())
    body["layout"].pop("template", None)
    return json.dumps({"figure": body, "tokens": TOKENS, **more})


def layout(height: int, head: int = 44, **more: Any) -> dict[str, Any]:
    """No frame, the page's font and colours, nothing that moves; ``head`` pixels above the plot."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": head, "b": 4, "pad": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": PALETTE["--ink"]},
        "hoverlabel": {
            "bgcolor": PALETTE["--panel"],
            "bordercolor": PALETTE["--line"],
            "font": {"family": FONT, "size": 13, "color": PALETTE["--ink"]},
            "align": "left",
        },
        "dragmode": False,
        "showlegend": False,
        "separators": separators(),
    } | more


def frame_months(figure: Figure, height: int, unit: str) -> None:
    """What surrounds the months of a KPI, wherever they are drawn: the legend above, a number axis in its unit."""
    figure.update_layout(layout(height), hovermode="x unified", showlegend=True)
    figure.update_layout(margin={"l": 8, "r": 12, "t": 12, "b": 8})
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(**QUIET | {"tickmode": "auto", "nticks": 9, "automargin": True, "type": "category"})
    figure.update_yaxes(
        automargin=True,
        gridcolor=PALETTE["--hair"],
        zerolinecolor=PALETTE["--line"],
        fixedrange=True,
        ticksuffix=" %" if unit == "percent" else "",
        separatethousands=True,
    )
