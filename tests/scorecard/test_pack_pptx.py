"""The pack as slides: one message each, native charts with their numbers, alternative texts, and where it is from."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from pptx import Presentation

from accounts.models import User
from core.sentences import plain
from scorecard.models import Edition
from scorecard.reports.pack import Pack
from scorecard.reports.pptx import write_pptx
from scorecard.reports.slides import MOST, Drawn, slides
from tests.scorecard.test_pack import closed, pack  # noqa: F401  the small company's closed quarter


@pytest.fixture
def deck(pack: Pack) -> Any:  # noqa: F811
    return Presentation(BytesIO(write_pptx(pack)))


def titles(deck: Any) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in deck.slides]


def test_each_slide_has_a_message_as_its_title_and_the_answer_comes_first(deck: Any, pack: Pack) -> None:  # noqa: F811
    assert titles(deck)[0] == plain(pack.headline)
    assert titles(deck) == [one.title for one in slides(pack)]
    assert len(titles(deck)) <= MOST
    assert all(re.search(r"[.:,] ?|\d", title) for title in titles(deck))


def test_charts_are_native_and_their_sheets_hold_the_numbers(deck: Any, pack: Pack) -> None:  # noqa: F811
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    drawn = [one.chart for one in slides(pack) if one.chart]
    assert len(charts) == len(drawn) > 0
    for chart, meant in zip(charts, drawn, strict=True):
        assert [tuple(series.values) for series in chart.plots[0].series] == [line.values for line in meant.lines]
        sheet = openpyxl.load_workbook(BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
        assert sheet is not None
        assert [cell.value for cell in sheet["B"]][1:] == list(meant.lines[0].values)
    stacked = next(one for one in drawn if one.drawn == Drawn.STACKED)
    assert [line.values for line in stacked.lines] == [
        tuple(float(getattr(tier, name)) for tier in pack.tiers if tier.judged) for name in ("missed", "near", "met")
    ]


def test_what_is_seen_is_said_and_notes_name_cells_and_edition(deck: Any, closed: Edition) -> None:  # noqa: F811
    for slide in deck.slides:
        assert closed.digest in slide.notes_slide.notes_text_frame.text
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert len(shape._element.nvGraphicFramePr.cNvPr.get("descr")) > 20
    assert f"{closed.digest[:12]} · 1 of" in "".join(
        shape.text_frame.text for shape in deck.slides[0].shapes if shape.has_text_frame
    )


def test_the_same_values_give_the_same_parts(pack: Pack) -> None:  # noqa: F811
    first, second = (_parts(write_pptx(pack)) for _ in range(2))
    assert first == second


def _parts(content: bytes) -> dict[str, bytes]:
    """But for the charts' workbooks, which are archives with a clock of their own."""
    with zipfile.ZipFile(BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist() if not name.endswith(".xlsx")}


def test_who_may_not_read_customers_finds_none_on_the_slides(closed: Edition, everyone: dict[str, User]) -> None:  # noqa: F811
    from scorecard.reports.composing import compose_pack
    from tests.scorecard.test_pack import Q3

    content = write_pptx(compose_pack(Q3, closed, everyone["owner"]))
    assert not any(b"Acme" in part for part in _parts(content).values())
