"""The timeline as a Plotly figure: what was agreed as a ghost, what is planned now, milestones, today. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from core.figures import PALETTE, QUIET, layout
from core.formatting import short_day
from initiatives.choices import ScheduleStatus
from initiatives.pages.timeline import Line, Span, Step, window

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW_HEIGHT, HEAD_HEIGHT, FOOT_HEIGHT = 30, 62, 34
_DAY = timedelta(days=1) // timedelta(milliseconds=1)
_BARS = {
    ScheduleStatus.LATE: "--missed",
    ScheduleStatus.AT_RISK: "--near",
    ScheduleStatus.NOT_REPORTED: "--partial",
    ScheduleStatus.ON_SCHEDULE: "--met",
    None: "--edge",
}


def timeline_height(lines: int) -> int:
    """Pixels that the chart takes, so that the page can keep the room before it is drawn."""
    return HEAD_HEIGHT + FOOT_HEIGHT + ROW_HEIGHT * lines


def timeline(lines: Sequence[Line], today: date) -> Figure:
    """A row per initiative, the first on top."""
    from plotly import graph_objects as go

    first, last = window(lines, today)
    figure = go.Figure([_baselines(lines), *_currents(lines), *_milestones(lines)])
    figure.update_layout(
        layout(timeline_height(len(lines)), HEAD_HEIGHT, barmode="overlay", hovermode="closest"),
        showlegend=True,
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "yref": "container", "x": 0, "itemclick": False},
        shapes=[_today_line(today)],
        annotations=[_today_word(today)],
        meta={"shorten": 16, "shrink": 0.6},  # letters of a name on a phone, and its marks
    )
    figure.update_layout(margin={"b": FOOT_HEIGHT}, legend={"yanchor": "top", "itemdoubleclick": False})
    figure.update_xaxes(
        **QUIET | {"showgrid": True, "gridcolor": PALETTE["--hair"]},
        type="date",
        range=[first.isoformat(), last.isoformat()],
        tickformatstops=_TICKS,
    )
    figure.update_yaxes(
        **QUIET,
        tickvals=list(range(len(lines))),
        ticktext=[escape(line.name) for line in lines],
        range=[len(lines) - 0.5, -0.5],
        automargin=True,
        ticksuffix="  ",
    )
    return figure


_TICKS = [
    {"dtickrange": [None, "M1"], "value": "%-d %b %Y"},
    {"dtickrange": ["M1", "M12"], "value": "%b %Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


def _baselines(lines: Sequence[Line]) -> Any:
    spans = [(place, line, line.baseline) for place, line in enumerate(lines) if line.baseline]
    fill, edge = PALETTE["--quiet-fill"], PALETTE["--edge"]
    style = {"color": fill, "line": {"color": edge, "width": 1}}
    return _bars("Baseline", spans, 0.72, style)


def _currents(lines: Sequence[Line]) -> list[Any]:
    """The current spans: a trace, and so a line of the legend, per status."""
    traces = []
    for status, token in _BARS.items():
        spans = [(n, line, line.current) for n, line in enumerate(lines) if line.current and line.status == status]
        name = f"{status.shape} {status.label}" if status else "not running"
        if spans:
            traces.append(_bars(name, spans, 0.36, {"color": PALETTE[token]}))
    return traces


def _bars(name: str, spans: Sequence[tuple[int, Line, Span]], width: float, style: dict[str, Any]) -> Any:
    from plotly import graph_objects as go

    return go.Bar(
        name=name,
        orientation="h",
        base=[span.first.isoformat() for _, _, span in spans],
        x=[span.days * _DAY for _, _, span in spans],
        y=[place for place, _, _ in spans],
        width=width,
        marker=style,
        customdata=[line.url for _, line, _ in spans],
        hovertext=[_hover(line) for _, line, _ in spans],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(line: Line) -> str:
    """The initiative's verdict, baseline and current span, a line each."""
    status = line.status
    told = [
        f"<b>{escape(line.title)}</b>",
        f"{status.shape} {status.label}: {escape(line.words)}" if status else escape(line.words),
        f"baseline {line.baseline.words}" if line.baseline else "",
        f"now {line.current.words}{f' ({line.slip})' if line.slip else ''}" if line.current else "",
    ]
    return "<br>".join(part for part in told if part)


_STEPS = (
    ("milestone done", lambda step: step.done, "diamond", "--ink", "--panel"),
    ("milestone due", lambda step: not step.done and not step.overdue, "diamond", "--panel", "--ink"),
    ("milestone overdue", lambda step: step.overdue, "square", "--panel", "--missed"),
)


def _milestones(lines: Sequence[Line]) -> list[Any]:
    from plotly import graph_objects as go

    traces = []
    for name, belongs, symbol, fill, edge in _STEPS:
        found = [(place, line, step) for place, line in enumerate(lines) for step in line.steps if belongs(step)]
        if found:
            traces.append(go.Scatter(**_points(name, found), marker=_marker(symbol, fill, edge)))
    return traces


def _points(name: str, found: Sequence[tuple[int, Line, Step]]) -> dict[str, Any]:
    return {
        "name": name,
        "mode": "markers",
        "x": [datetime.combine(step.on, time(12)).isoformat() for _, _, step in found],
        "y": [place for place, _, _ in found],
        "customdata": [line.url for _, line, _ in found],
        "hovertext": [f"<b>{escape(line.title)}</b><br>{escape(step.words)}" for _, line, step in found],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _marker(symbol: str, fill: str, edge: str) -> dict[str, Any]:
    """An edge that holds on any bar and beside it."""
    return {"symbol": symbol, "size": 10, "color": PALETTE[fill], "line": {"width": 1.75, "color": PALETTE[edge]}}


def _today_line(today: date) -> dict[str, Any]:
    line = {"color": PALETTE["--accent"], "width": 2, "dash": "dot"}
    return {"type": "line", "x0": today.isoformat(), "x1": today.isoformat(), "yref": "paper", "y0": 0, "y1": 1} | {
        "line": line
    }


def _today_word(today: date) -> dict[str, Any]:
    return {
        "text": f"today, {short_day(today)}",
        "x": today.isoformat(),
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": PALETTE["--accent"]},
    }
