"""Writing a table to a CSV or XLSX file, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from core.loading.columns import Column, Record
from core.loading.files import FileProblem
from core.sheets import csv_lines, workbook, write_cell

_SHEET_ROWS = 1_048_576
_EXACT_DIGITS = 15  # of a spreadsheet's number


def write_table(path: Path, columns: Sequence[Column], records: Iterable[Record]) -> int:
    """Write the records under a header; ``.xlsx`` makes a workbook, anything else CSV.

    Answers the number of rows. Raises FileProblem where the file cannot be written.
    """
    shown = [column for column in columns if not column.hidden]
    write = _write_workbook if path.suffix.lower() == ".xlsx" else _write_csv
    try:
        return write(path, shown, records)
    except OSError as error:
        raise FileProblem(f"{path} cannot be written: {error.strerror or error}") from error


def _write_csv(path: Path, columns: list[Column], records: Iterable[Record]) -> int:
    names = [column.name for column in columns]
    lines = csv_lines(chain([names], ([record[name] for name in names] for record in records)))
    number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(next(lines))
        for line in lines:
            file.write(line)
            number += 1
    return number


def _write_workbook(path: Path, columns: list[Column], records: Iterable[Record]) -> int:
    number = 0
    with workbook(path, lean=True) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.name for column in columns], book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for number, record in enumerate(records, 1):
            if number >= _SHEET_ROWS:
                raise FileProblem("There are more rows than a worksheet holds; export to a .csv file")
            for position, column in enumerate(columns):
                write_cell(sheet, number, position, _of_type(column, record[column.name]))
    return number


def _of_type(column: Column, text: str) -> str | float:
    """As a number where that keeps every digit, else as text."""
    exact = column.type.numeric and text and sum(character.isdigit() for character in text) <= _EXACT_DIGITS
    return float(text) if exact else text
