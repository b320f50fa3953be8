"""Narratives in the matrix: what a cell's card says of them where the pointer or the focus opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from initiatives.reading.running_initiatives import CellServing
from kpis.choices import Signal
from kpis.reading.matrix import Cell, Matrix
from scorecard.pages.matrix_table import Group, ShownMatrix, ShownRow
from scorecard.reading.narratives import narratives_of, wanted_of
from scorecard.reading.references import CellBook, cell_name

_LONGEST = 240  # characters that a card has room for; the cell's page has all of them
ASKED = "A narrative is asked for, and nobody has written it yet."


def with_stories(
    shown: ShownMatrix, matrix: Matrix, currency: str, today: date, serving: CellServing | None
) -> ShownMatrix:
    """The matrix with what was written of its cells, and where something is asked for. One query, and none of
    a period in which nothing got worse and no process misses its target by itself.
    """
    if not any(_is_told(cell) for row in matrix.rows for cell in row.cells):
        return shown
    book = CellBook.of(matrix, currency)
    stories = {one.name: ASKED for one in wanted_of(matrix, serving, today=today)}
    for row in narratives_of(matrix.period):
        stories[f"{row.kpi.code}@{row.tier.code}"] = f"{row.by} wrote: “{_short(book.reads(row.analysis))}”"
    return replace(shown, groups=tuple(_group(group, stories) for group in shown.groups))


def _is_told(cell: Cell) -> bool:
    return cell.signal == Signal.WORSE or cell.is_gap


def _group(group: Group, stories: Mapping[str, str]) -> Group:
    return replace(group, rows=tuple(_row(row, stories) for row in group.rows))


def _row(row: ShownRow, stories: Mapping[str, str]) -> ShownRow:
    told = [stories.get(cell_name(row.kpi, one.cell), "") for one in row.cells]
    if not any(told):
        return row
    cells = (replace(one, story=story) if story else one for one, story in zip(row.cells, told, strict=True))
    return replace(row, cells=tuple(cells))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
