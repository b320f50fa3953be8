"""Reading a table from a CSV or XLSX file, row by row, without trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from core.loading import limits
from core.loading.delimited import number_of, open_csv
from core.loading.kinds import is_workbook, refuse_other_kinds
from core.loading.table import AS_IT_IS, BadRow, FileProblem, Reading, Table, named_columns, without_remarks
from core.loading.workbook import Sheet, Workbook, open_workbook
from core.loading.worksheet import has_rows, rows_of

__all__ = ["AS_IT_IS", "FileProblem", "Reading", "Table", "open_table", "sheets_of"]


@contextmanager
def open_table(path: Path, reading: Reading = AS_IT_IS) -> Iterator[Table]:
    """Open a CSV or XLSX file by what is in it. Raises FileProblem, also while rows are read."""
    sheet, decimal = reading.sheet, reading.decimal
    refuse_other_kinds(path)
    if is_workbook(path):
        with open_workbook(path) as book:
            yield without_remarks(_table(book, _only(book, sheet), decimal))
    elif sheet:
        raise FileProblem(f"{path.name} is no workbook, and has no worksheet “{sheet}”")
    else:
        with open_csv(path, decimal) as table:
            yield without_remarks(table)


def sheets_of(path: Path) -> list[str]:
    """The visible worksheets of a workbook that have rows; none of a CSV file, nor of one that is unreadable."""
    try:
        refuse_other_kinds(path)
        if not is_workbook(path):
            return []
        with open_workbook(path) as book:
            return [sheet.name for sheet in book.sheets if sheet.visible and has_rows(book, sheet)]
    except FileProblem:
        return []


def _only(book: Workbook, name: str) -> Sheet:
    """The worksheet to read: the one that is named, or the first visible one where no other has rows; of a board pack
    that of its targets.
    """
    chosen = book.chosen(name)
    if name or book.is_pack:
        return chosen
    others = [one for one in book.sheets if one.visible and one is not chosen and has_rows(book, one)]
    if others:
        names = ", ".join(f"“{one.name}”" for one in others[:20])
        raise FileProblem(
            f"{book.path.name}: beside “{chosen.name}” other visible worksheets have rows ({names}); say which one is "
            "meant (“Worksheet” on the page, --sheet on the command line), or hide the others"
        )
    return chosen


def _table(book: Workbook, sheet: Sheet, decimal: str) -> Table:
    rows = rows_of(book, sheet)
    header = next(rows, (1, []))[1]
    names, rows = named_columns(header, rows)
    limits.refuse_names(book.path.name, len(names))
    number = partial(number_of, separator="", decimal=decimal)
    padded = ((line, row if len(row) >= len(names) else _padded(row, len(names))) for line, row in rows)
    return Table(names, padded, 0, int, sheet=sheet.name, number=number)


def _padded(row: list[str], width: int) -> list[str]:
    """A worksheet leaves empty cells at a row's end out."""
    return row if isinstance(row, BadRow) else row + [""] * (width - len(row))
