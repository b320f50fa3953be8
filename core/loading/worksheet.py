"""The rows of a worksheet: each cell as the text that it would have in a CSV file, or as what it is shown as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import IO

from core.formatting import number as said
from core.loading import limits
from core.loading.cells import SheetCell, Shown
from core.loading.formats import NumberFormat, Section, read_format
from core.loading.workbook import Sheet, TextReader, Workbook, unescaped, unreadable_in_a_sentence
from core.loading.xml import Attributes, BrokenXml, Part

_PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})", re.ASCII)
_PLAIN = re.compile(r"-?\d{1,15}", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(.*))?", re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d{1,4})?", re.ASCII)
_GENERAL = read_format("General")
_PARTS = frozenset({"v", "f"})
_LONG, _NONE = 10**15, float("inf")
_FIRST_DAY, _LAST_DAY = 61, 2_958_465  # 1900-03-01, before which spreadsheets disagree, and 9999-12-31
_BASE, _BASE_1904 = date(1899, 12, 30), date(1904, 1, 1)


def rows_of(book: Workbook, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """The rows with content and their numbers. Raises FileProblem."""
    with unreadable_in_a_sentence(book.path), book.open(sheet) as file:
        yield from _SheetReader(book).rows(file)


def has_rows(book: Workbook, sheet: Sheet) -> bool:
    """Whether any cell of the sheet has content; it is read no further than to the first."""
    return next(rows_of(book, sheet), None) is not None


class _SheetReader:
    """Reads a sheet's part: a row is kept until it ends, and then handed on."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.done: list[tuple[int, list[str]]] = []
        self.line = 0
        self.inline = TextReader()
        self.in_cell = self.has_value = self.has_formula = False
        self.value = self.formula = self.into = ""
        self._new_row()
        self._new_cell({})
        self._new_row()

    def rows(self, file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        """The rows with content, some after each piece of the part."""
        part = Part(self.starts, self.ends, self.text)
        for _ in part.pieces(file):
            yield from self.done
            self.done.clear()

    def starts(self, element: str, attributes: Attributes) -> None:
        """A row, a cell, or what stands in a cell."""
        if element == "c":
            self._new_cell(attributes)
            self.in_cell = True
        elif element in _PARTS:
            self.into = element
            self.has_value = self.has_value or element == "v"
            self.has_formula = self.has_formula or element == "f"
        elif element == "row":
            self._begin_row(attributes)
        elif self.in_cell:
            self.inline.starts(element, attributes)

    def text(self, characters: str) -> None:
        """Characters of a value, of a formula, or of a text that stands in the cell itself."""
        if self.into == "v":
            self.value += characters
            self._refuse_length(self.value)
        elif self.into == "f":
            self.formula = (self.formula + characters)[:200]
        elif self.in_cell:
            self.inline.text(characters)

    def ends(self, element: str) -> None:
        """The row or the cell is whole."""
        if element in _PARTS:
            self.into = ""
        elif element == "c":
            self.in_cell = False
            if self.has_value or self.has_formula or self.kind == "inlineStr":
                self._keep()
        elif element == "row":
            if self.cells:
                self.done.append((self.line, self._row()))
            self._new_row()
        elif self.in_cell:
            self.inline.ends(element)

    def _new_row(self) -> None:
        self.cells: dict[int, str] = {}
        self.column = 0
        self.seen = 0

    def _begin_row(self, attributes: Attributes) -> None:
        number = attributes.get("r", "")
        line = int(number) if number.isdigit() and len(number) < 9 else self.line + 1
        if line > limits.LONGEST_SHEET:
            raise BrokenXml(f"it has a row {said(line)}; a worksheet has {said(limits.LONGEST_SHEET)}")
        if line <= self.line:
            raise BrokenXml(f"its row {said(line)} comes after row {said(self.line)}")
        self.line = line

    def _new_cell(self, attributes: Attributes) -> None:
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.value = self.formula = self.into = ""
        self.has_value = self.has_formula = False
        place = attributes.get("r", "")
        self.column = _column(place) if place else self.column + 1
        self.seen += 1
        if self.column > limits.WIDEST or self.seen > limits.WIDEST:
            raise BrokenXml(
                f"its row {said(self.line)} has more than {said(limits.WIDEST)} cells; a worksheet is no wider"
            )

    def _row(self) -> list[str]:
        width = max(self.cells)
        return [self.cells.get(column, "") for column in range(1, width + 1)]

    def _keep(self) -> None:
        text = self._text()
        if text.strip():
            self.cells[self.column] = text

    def _text(self) -> str:
        """The cell's text; a ``SheetCell`` where it is more than a text."""
        if self.has_formula and not (self.value or (self.kind == "str" and self.has_value)):
            return SheetCell(f"={self.formula}", Shown.FORMULA, self.where)
        if self.kind == "s":
            return self.book.texts[int(self.value)]
        if self.kind == "inlineStr":
            text = self.inline.taken()
            self._refuse_length(text)
            return text
        if self.kind == "str":
            return unescaped(self.value)
        if not self.value.strip():
            return ""
        return self._shown(self.value.strip())

    def _shown(self, value: str) -> str:
        """A value that is no text: a number, a date, true or false, an error."""
        if self.kind == "b":
            return SheetCell("TRUE" if value in {"1", "true"} else "FALSE", Shown.BOOLEAN, self.where)
        if self.kind == "e":
            return SheetCell(value, Shown.ERROR, self.where)
        if self.kind == "d":
            return self._iso(value)
        style = int(self.style) if self.style.isdigit() and len(self.style) < 9 else 0
        formats = self.book.formats
        return number_cell(value, formats[style] if style < len(formats) else _GENERAL, self.where, self.book.from_1904)

    def _iso(self, value: str) -> str:
        match = _DAY.fullmatch(value)
        if match is None or (match[2] or "").strip("0:.Z"):
            return SheetCell(value, Shown.TIME, self.where)
        return SheetCell(match[1], Shown.DATE, self.where)

    @property
    def where(self) -> str:
        """The cell's name in the worksheet."""
        return f"{column_name(self.column)}{self.line}"

    def _refuse_length(self, text: str) -> None:
        if len(text) > limits.LONGEST_CELL:
            raise BrokenXml(f"its cell {self.where} has more than {said(limits.LONGEST_CELL)} characters")


def number_cell(value: str, shown_as: NumberFormat, where: str, from_1904: bool = False) -> str:
    """A number by its format: a date, a percentage, or the number in full with its leading zeros."""
    number = float(value) if len(value) <= limits.LONGEST_NUMBER and _NUMBER.fullmatch(value) else _NONE
    if abs(number) >= _NONE:
        return SheetCell(value[: limits.LONGEST_NUMBER], Shown.ERROR, where)
    section = shown_as.of(number)
    if section.kind is Shown.DATE:
        return _day(number, where, from_1904)
    text = value if _PLAIN.fullmatch(value) else in_full(number)
    kind = _kind(section, number, text)
    return SheetCell(text, kind, where, _with_zeros(text, section.zeros) if kind is Shown.NUMBER else "")


def _kind(section: Section, number: float, text: str) -> Shown:
    """What a number is that is shown by a section of its format."""
    if section.kind is not Shown.NUMBER:
        return section.kind
    if abs(number) >= _LONG:
        return Shown.LONG
    rounded = section.decimals is not None and len(text.partition(".")[2]) > section.decimals
    return Shown.ROUNDED if rounded or (section.zeros > 1 and not section.only_zeros) else Shown.NUMBER


def in_full(number: float) -> str:
    """A number with the 15 digits that a spreadsheet keeps: 0.1 + 0.2 is meant as 0.3."""
    text = f"{Decimal(format(number, '.15g')):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def hundredfold(text: str) -> str:
    """92 of 0.92: what a percentage is shown as."""
    found = f"{Decimal(text) * 100:f}"
    return found.rstrip("0").rstrip(".") if "." in found else found


def _with_zeros(text: str, zeros: int) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, below = digits.partition(".")
    return f"{sign}{whole.rjust(zeros, '0')}{point}{below}"


def _day(number: float, where: str, from_1904: bool) -> str:
    """The day of a serial number; one that a spreadsheet shows as ### or with a time of day is none."""
    days = int(number)
    if number != days:
        return SheetCell(in_full(number), Shown.TIME, where)
    if from_1904:
        days += (_BASE_1904 - _BASE).days
    if not _FIRST_DAY <= days <= _LAST_DAY:
        return SheetCell(in_full(number), Shown.ERROR, where)
    return SheetCell((_BASE + timedelta(days=days)).isoformat(), Shown.DATE, where)


def _column(place: str) -> int:
    match = _PLACE.fullmatch(place)
    if match is None:
        raise BrokenXml(f"“{place[:20]}” is no place of a cell")
    number = 0
    for letter in match[1].upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_name(number: int) -> str:
    """A column's letters: 27 is ``AA``."""
    name = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
