"""Reading a table from a CSV or XLSX file, row by row, without trusting it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")
_SHEET_ROWS = 1_048_576

# An XLSX of a full worksheet stays far below these; openpyxl holds the shared texts in memory.
_MAX_UNPACKED = 1_000 * 2**20
_MAX_SHARED_TEXTS = 100 * 2**20
_MAX_PART_IN_MEMORY = 20 * 2**20
_MAX_RATIO = 150


class FileProblem(Exception):
    """A file that cannot be read as a table; the message says what to do."""


class DayCell(str):
    """The text of a worksheet's date cell, so that a month column can take the first of a month."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and its rows with their line numbers (the header is line 1).

    ``position`` tells how many of ``size`` bytes have been read, for a progress bar; both 0 for XLSX.
    """

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]
    size: int
    position: Callable[[], int]


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV or XLSX file by what is in it. Raises FileProblem, also while rows are read."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise FileProblem(f"{path} cannot be read: {error.strerror or error}") from error
    if start == _OLD_EXCEL:
        raise FileProblem(f"{path.name} is an old Excel file (.xls); save it as .xlsx or CSV")
    if start == _ZIP:
        with _worksheet(path) as table:
            yield table
        return
    if path.suffix.lower() in {".xlsx", ".xlsm"} and start:
        raise FileProblem(f"{path.name} is named like an Excel workbook and is none; save it again as .xlsx or CSV")
    if start[:2] in _WIDE_TEXT:
        raise FileProblem(f"{path.name} is not UTF-8 but UTF-16; save it as “CSV UTF-8”")
    with _csv(path) as table:
        yield table


@contextmanager
def _csv(path: Path) -> Iterator[Table]:
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        rows = _csv_rows(path, csv.reader(file, strict=True))
        header = next(rows, (1, []))[1]
        yield Table(tuple(header), rows, path.stat().st_size, raw.tell)


def _csv_rows(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not wholly empty, with the line that each begins on."""
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise FileProblem(_why_not_utf8(path)) from error
    except csv.Error as error:
        raise FileProblem(f"{path.name}, line {line}: not readable as CSV ({error})") from error


def _why_not_utf8(path: Path) -> str:
    """Name the first line that is not UTF-8; the reader decodes in blocks and cannot tell."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f"{path.name} is not UTF-8 (line {number}); save it as “CSV UTF-8”"
    return f"{path.name} is not UTF-8; save it as “CSV UTF-8”"


@contextmanager
def _worksheet(path: Path) -> Iterator[Table]:
    """The first worksheet of a workbook; formulas give the values that were saved with them."""
    import openpyxl

    _refuse_bomb(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parts raise for a broken workbook
        raise FileProblem(f"{path.name} is not a readable Excel workbook ({error})") from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = _sheet_rows(path, sheet)
        header = next(rows, (1, []))[1]
        while header and not header[-1]:
            header.pop()
        yield Table(tuple(header), _padded(rows, len(header)), 0, int)
    finally:
        book.close()


def _refuse_bomb(path: Path) -> None:
    """Refuse a workbook that would unpack to more than any real one, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileProblem(f"{path.name} is not a readable Excel workbook ({error})") from error
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise FileProblem(f"{path.name} is a ZIP archive and no Excel workbook")
    if any(_is_too_large(part) for part in parts) or sum(part.file_size for part in parts) > _MAX_UNPACKED:
        raise FileProblem(f"{path.name} would unpack to far more than a worksheet holds; split it, or save it as CSV")


def _is_too_large(part: zipfile.ZipInfo) -> bool:
    if part.filename.startswith("xl/worksheets/"):
        packed_well = part.file_size > _MAX_RATIO * max(part.compress_size, 1)
        return packed_well and part.file_size > _MAX_PART_IN_MEMORY
    limit = _MAX_SHARED_TEXTS if part.filename == "xl/sharedStrings.xml" else _MAX_PART_IN_MEMORY
    return part.file_size > limit


def _sheet_rows(path: Path, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
            if line > _SHEET_ROWS:
                raise FileProblem(f"{path.name} claims more rows than a worksheet has; save it as CSV")
            if any(value is not None for value in values):
                yield line, [_cell_text(value) for value in values]
    except FileProblem:
        raise
    except Exception as error:  # as above: a broken worksheet shows only when it is read
        raise FileProblem(f"{path.name} is not a readable Excel workbook ({error})") from error


def _padded(rows: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    """A worksheet leaves empty cells at a row's end out, or has formatted ones beyond the header."""
    for line, row in rows:
        while len(row) > width and not row[-1]:
            row.pop()
        yield line, row + [""] * (width - len(row))


def _cell_text(value: object) -> str:
    """The text that the cell would have in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Excel keeps binary fractions and shows 15 digits: 0.1 + 0.2 is meant as 0.3
        return f"{Decimal(format(value, '.15g')):f}"
    if isinstance(value, datetime) and value.time() == time():
        return DayCell(value.date().isoformat())
    if isinstance(value, date) and not isinstance(value, datetime):
        return DayCell(value.isoformat())
    return str(value)
