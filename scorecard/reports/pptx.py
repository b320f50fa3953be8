"""The pack as slides: one message each, with native charts whose numbers stand in a data sheet and can be edited.

``slides.py`` says what stands on them; here it gets its place and its colour.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Emu, Inches, Pt

from scorecard.reports.pack import Pack
from scorecard.reports.slides import Chart, Drawn, Line, Slide, Table, slides

WIDTH, HEIGHT = 13.333, 7.5  # inches
_LEFT, _BREADTH = 0.6, 12.1
_TITLE_ONLY = 5  # a layout of the library's own template
_COLOURS = {
    "paper": "FFFFFF",
    "missed": "C0392B",
    "near": "C98A00",
    "met": "0B6B4F",
    "partial": "8A8F98",
    "value": "23354D",
    "target": "0B6B4F",
    "limit": "8A8F98",
    "text": "1D232B",
    "quiet": "5B6470",
}
_KINDS = {
    Drawn.STACKED: XL_CHART_TYPE.BAR_STACKED,
    Drawn.BARS: XL_CHART_TYPE.COLUMN_CLUSTERED,
    Drawn.LINES: XL_CHART_TYPE.LINE_MARKERS,
}
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_pptx(pack: Pack, paper: str = "") -> bytes:
    """The bytes of the presentation, 16 : 9; no paper."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    about = deck.core_properties
    about.title, about.author, about.subject = f"Board pack, {pack.title}", _text(pack.company), pack.state
    about.language, about.last_modified_by = "en", ""
    about.created = about.modified = pack.at.replace(tzinfo=None, microsecond=0)
    found = slides(pack)
    for place, one in enumerate(found, 1):
        _Sheet(deck, one).write(f"{pack.title} · {pack.state} · {pack.mark} · {place} of {len(found)}")
    file = io.BytesIO()
    deck.save(file)
    return _without_clock(file.getvalue())


class _Sheet:
    """One slide, written from its top to its foot."""

    def __init__(self, deck: Any, slide: Slide) -> None:
        self.slide = slide
        self.made = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
        self.top = 1.75

    def write(self, foot: str) -> None:
        """All of it; ``foot`` stands at its foot."""
        self._title()
        for text in self.slide.about:
            self._paragraph(text)
        if self.slide.chart:
            self._chart(self.slide.chart)
        if self.slide.table:
            self._table(self.slide.table)
        self._box(foot, HEIGHT - 0.45, 0.3, 10, "quiet")
        self.made.notes_slide.notes_text_frame.text = _text(self.slide.notes)

    def _title(self) -> None:
        title = self.made.shapes.title
        title.left, title.top, title.width, title.height = (
            *(Inches(_LEFT), Inches(0.4)),
            *(Inches(_BREADTH), Inches(1.2)),
        )
        frame = title.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
        frame.text = _text(self.slide.title)
        size = 26 if len(self.slide.title) < 110 else 20
        for paragraph in frame.paragraphs:
            paragraph.alignment = 1
            for run in paragraph.runs:
                run.font.size, run.font.bold = Pt(size), True
                run.font.color.rgb = _colour("text")

    def _paragraph(self, text: str) -> None:
        lines = 1 + len(text) // 120
        self._box(text, self.top, 0.34 * lines, 15, "text")
        self.top += 0.34 * lines + 0.06

    def _box(self, text: str, top: float, height: float, size: int, look: str) -> None:
        box = self.made.shapes.add_textbox(Inches(_LEFT), Inches(top), Inches(_BREADTH), Inches(height))
        box.text_frame.word_wrap = True
        box.text_frame.text = _text(text)
        for paragraph in box.text_frame.paragraphs:
            for run in paragraph.runs:
                run.font.size = Pt(size)
                run.font.color.rgb = _colour(look)

    def _chart(self, chart: Chart) -> None:
        data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
        data.categories = [_text(one) for one in chart.categories]
        for line in chart.lines:
            data.add_series(_text(line.name), line.values)
        room = HEIGHT - self.top - 0.6
        placed = (Inches(_LEFT), Inches(self.top), Inches(_BREADTH), Inches(room))
        frame = self.made.shapes.add_chart(_KINDS[chart.drawn], *placed, data)
        _described(frame, chart.text)
        drawn = frame.chart
        drawn.has_title = False
        drawn.has_legend, drawn.legend.position = True, XL_LEGEND_POSITION.BOTTOM
        drawn.legend.include_in_layout, drawn.font.size = False, Pt(13)
        for series, line in zip(drawn.plots[0].series, chart.lines, strict=True):
            _look(series, line, chart.drawn)
        if chart.drawn == Drawn.STACKED:
            drawn.plots[0].overlap, drawn.plots[0].gap_width = 100, 60
            drawn.category_axis.reverse_order = True
            drawn.value_axis.visible = False
        drawn.value_axis.has_major_gridlines = chart.drawn != Drawn.STACKED
        if chart.drawn == Drawn.LINES:
            drawn.value_axis.minimum_scale, drawn.value_axis.maximum_scale = _around(chart)
        drawn.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW

    def _table(self, table: Table) -> None:
        rows = (table.header, *table.rows)
        placed = (Inches(_LEFT), Inches(self.top), Inches(_BREADTH), Inches(0.42 * len(rows)))
        frame = self.made.shapes.add_table(len(rows), len(table.header), *placed)
        _described(frame, f"{self.slide.title} A table of {len(table.rows)} rows: {', '.join(table.header)}.")
        for column, share in zip(frame.table.columns, table.widths, strict=True):
            column.width = Emu(int(Inches(_BREADTH) * share / sum(table.widths)))
        for place, row in enumerate(rows):
            for cell, text in zip(frame.table.rows[place].cells, row, strict=True):
                cell.text = _text(text)
                for paragraph in cell.text_frame.paragraphs:
                    for run in paragraph.runs:
                        run.font.size = Pt(13)
        for cell in frame.table.rows[0].cells:
            cell.fill.solid()
            cell.fill.fore_color.rgb = _colour("value")


def _look(series: Any, line: Line, drawn: Drawn) -> None:
    """A series in its colour; bars say their numbers, limits and targets are lines without marks."""
    if drawn != Drawn.LINES:
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _colour(line.look)
        labels = series.data_labels
        labels.show_value, labels.number_format, labels.number_format_is_linked = True, "#,##0.#;−#,##0.#;", False
        labels.font.size = Pt(12)
        if drawn == Drawn.STACKED:
            labels.font.color.rgb = _colour("paper")
        return
    series.smooth = False
    series.format.line.color.rgb = _colour(line.look)
    series.format.line.width = Pt(2.5 if line.look == "value" else 1.25)
    if line.look != "value":
        series.marker.style = XL_MARKER_STYLE.NONE
        series.format.line.dash_style = MSO_LINE.DASH if line.look == "target" else MSO_LINE.ROUND_DOT


def _around(chart: Chart) -> tuple[float, float]:
    """The part of the axis that the months and their lines take, with a margin: a chart of points needs no zero."""
    values = [value for line in chart.lines for value in line.values if value is not None]
    low, high = min(values), max(values)
    margin = (high - low) / 8 or abs(high) / 10 or 1.0
    return low - margin, high + margin


def _described(frame: Any, text: str) -> None:
    """The text for those who do not see a chart or a table."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", _text(text))


def _colour(look: str) -> Any:
    return RGBColor.from_string(_COLOURS[look])  # type: ignore[no-untyped-call]


def _text(value: str) -> str:
    """A text as XML can hold it."""
    return _UNWRITABLE.sub("", value)


def _without_clock(content: bytes) -> bytes:
    """The same parts in an archive without the moment of writing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            new.writestr(zipfile.ZipInfo(one.filename, _EPOCH), old.read(one.filename), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
