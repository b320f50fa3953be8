"""Reading CSV: comma, semicolon or tab, with the habits of whatever wrote it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from core.formatting import number
from core.loading import limits
from core.loading.table import FileProblem, Table, named_columns

_SEPARATORS = (",", ";", "\t")
_PLAIN = {",", ""}  # what divides where a comma marks no decimals; a workbook's texts have nothing between them
_NAMED = re.compile(r'"?sep=([^\w"])"?', re.IGNORECASE)
_LOOKED_AT = 2**20

_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_DIGITS = re.compile(r"[+-]?[\d.,]+", re.ASCII)
_ONE_DOT = re.compile(r"[+-]?\d+\.\d{3}", re.ASCII)


@contextmanager
def open_csv(path: Path, decimal: str = "") -> Iterator[Table]:
    """Open a CSV file. ``decimal`` is the sign of decimals that somebody named, empty where nobody did."""
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        lines = _Lines(path, file)
        separator = lines.separator()
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=separator != "\t", strict=True)
        rows = _rows(path, reader, lines)
        header = next(rows, (1, []))[1]
        names, rows = named_columns(header, rows)
        limits.refuse_names(path.name, len(names))
        number = partial(number_of, separator=separator, decimal=decimal)
        yield Table(names, rows, path.stat().st_size, raw.tell, number=number)


def number_of(text: str, *, separator: str, decimal: str) -> str:
    """A number as a file writes it, with a point for its decimals.

    Where semicolons or tabs divide, ``45.000`` and ``45,5`` may come from a spreadsheet that writes decimals with a
    comma: unless ``decimal`` says which sign it is, ValueError asks. Anything that is no number stays as it is.
    """
    text = text.strip()
    if decimal == ",":
        if _GROUPED.fullmatch(text) or _COMMA.fullmatch(text):
            return text.replace(".", "").replace(",", ".")
        if "." in text and text.replace(".", "").lstrip("+-").isdigit():
            raise ValueError(f"“{text}” has a point that divides no thousands, where a comma marks the decimals")
    elif not decimal and separator not in _PLAIN and (_ONE_DOT.fullmatch(text) or _has_comma(text)):
        raise ValueError(
            f"“{text}” may be two numbers: say whether a comma or a point marks the decimals "
            "(“Decimals” on the page, --decimal on the command line), or write 45000 and 45.5"
        )
    elif not decimal and _GROUPED.fullmatch(text) and text.count(".") > 1:
        raise ValueError(
            f"“{text}” has points between thousands: say that a comma marks the decimals "
            "(“Decimals” on the page, --decimal on the command line), or write 45000"
        )
    return text


def _has_comma(text: str) -> bool:
    return "," in text and _DIGITS.fullmatch(text) is not None


class _Lines:
    """The lines of a file, none longer than it may be; ``room`` is what the row that they make may still take."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path, self.file, self.number = path, file, 0
        self.room = limits.LONGEST_LINE
        self.waiting: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.waiting.pop() if self.waiting else self.file.readline(self.room)
        if not line:
            raise StopIteration
        self.number += 1
        self.room -= len(line)
        if self.room <= 0:
            raise FileProblem(
                f"{self.path.name}, line {self.number}: the row has more than {number(limits.LONGEST_LINE)} characters"
            )
        return line

    def separator(self) -> str:
        """That which divides most names of the first line that has any; one that the file names by ``sep=``."""
        try:
            line = self.file.readline(self.room)
            if named := _NAMED.fullmatch(line.rstrip("\r\n")):
                self.number += 1
                return named[1]
            blank = [line]
            while line and not line.strip("\r\n \t,;"):
                line = self.file.readline(self.room)
                blank.append(line)
        except UnicodeDecodeError as error:
            raise FileProblem(why_not_utf8(self.path)) from error
        self.waiting = blank[::-1]
        return max(_SEPARATORS, key=lambda one: _names(line, one))


def _names(line: str, separator: str) -> int:
    """How many names a line has by a separator; 0 where it cannot be read so."""
    try:
        return len(next(csv.reader([line], delimiter=separator, skipinitialspace=True), []))
    except csv.Error:
        return 0


def _rows(path: Path, reader: Iterator[list[str]], lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    """Rows with content, with the line that each begins on."""
    line = lines.number + 1
    try:
        for row in reader:
            if row and (row[0].strip() or any(cell.strip() for cell in row)):
                if len(row) > limits.WIDEST:
                    limits.refuse_width(path.name, line, len(row))
                yield line, row
            line = lines.number + 1
            lines.room = limits.LONGEST_LINE
    except UnicodeDecodeError as error:
        raise FileProblem(why_not_utf8(path)) from error
    except csv.Error as error:
        raise FileProblem(f"{path.name}, line {line}: not readable as CSV ({error})") from error


def why_not_utf8(path: Path) -> str:
    """Name the first line that is not UTF-8; the reader decodes in blocks and cannot tell."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        while block := file.read(_LOOKED_AT):
            try:
                line += decoder.decode(block).count("\n")
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                return f"{path.name} is not UTF-8 (line {line}); save it as “CSV UTF-8”"
    return f"{path.name} is not UTF-8; save it as “CSV UTF-8”"
