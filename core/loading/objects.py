"""Rows that a program gives as JSON objects, as the same table that a file is."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NoReturn

from core.formatting import number
from core.loading.cells import Due, SheetCell, Shown
from core.loading.columns import Column
from core.loading.limits import LONGEST_NUMBER, MOST_NAMES
from core.loading.table import BadRow, FileProblem, Table
from core.texts import NO_OBJECT

FIRST_LINE = 2  # of the rows, as in a file whose first line names the columns
_LONG = 60  # signs of what a message shows


class Absent(str):
    """A cell that its row does not have: what is stored stays. It reads like an empty one where nothing asks."""


ABSENT: Final = Absent()


class Number(str):
    """A number as it was written in JSON, digit for digit."""


def read_list(text: str) -> list[Any]:
    """The rows of a JSON list, numbers as they are written. Raises FileProblem with what the text is not."""
    found = _read(text)
    if not isinstance(found, list):
        raise FileProblem("is no list of rows")
    return found


def read_lines(text: str) -> Iterator[Any]:
    """The rows of NDJSON, a row a line; blank lines are none. What is no JSON stands there as a bad row."""
    return (_line(line) for line in text.split("\n") if line.strip())


def _line(text: str) -> Any:
    try:
        return _read(text)
    except FileProblem as problem:
        return BadRow(str(problem))


def _read(text: str) -> Any:
    try:
        return json.loads(
            text, parse_int=Number, parse_float=Number, parse_constant=_no_number, object_pairs_hook=_once_each
        )
    except RecursionError as error:
        raise FileProblem("has lists and objects too deep within each other") from error
    except ValueError as error:
        raise FileProblem(f"is no JSON: {error}") from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field stands twice in one object")
    return found


def table_of(rows: Sequence[Any], columns: Sequence[Column]) -> Table:
    """The rows as a table: of the columns of the kind those that any row has or that must be there, then others.

    A field that a row lacks is ``ABSENT``, null is an empty cell, and what is no object is a bad row. Raises
    FileProblem for more names than any kind has columns.
    """
    named: dict[str, int] = {}
    for line, row in enumerate(rows, start=FIRST_LINE):
        if isinstance(row, dict) and not row.keys() <= named.keys():
            for name in row:
                named.setdefault(name, line)
    if len(named) > MOST_NAMES:
        raise FileProblem(f"has {number(len(named))} names of fields; at most {MOST_NAMES} are read")
    shown = [column for column in columns if not column.hidden]
    known = {column.name for column in shown}
    header = [column.name for column in shown if column.name in named or not column.optional]
    header += [name for name in named if name not in known]
    texts = {column.name for column in shown if column.type.due is Due.TEXT}
    cells = ((line, _cells(row, header, texts)) for line, row in enumerate(rows, start=FIRST_LINE))
    return Table(tuple(header), cells, 0, int, partial=True, first=named)


def _cells(row: Any, header: Sequence[str], texts: Collection[str]) -> list[str]:
    if isinstance(row, BadRow):
        return row
    if not isinstance(row, dict):
        return BadRow(NO_OBJECT)
    values = ((name, row.get(name, ABSENT)) for name in header)
    return [value if type(value) is str else cell_of(value, name in texts) for name, value in values]


def cell_of(value: Any, text_is_due: bool = False) -> str:
    """The cell of a JSON value. Where a text is due a number is none: its digits may mean more than their sum."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return SheetCell("true" if value else "false", Shown.BOOLEAN, "")
    if isinstance(value, Number | int | float):
        return SheetCell(str(value), Shown.UNQUOTED, "") if text_is_due else _plain(str(value))
    if isinstance(value, str):
        return value
    return SheetCell(json.dumps(value, default=str)[:_LONG], Shown.NESTED, "")  # a text within may be none


def _plain(text: str) -> str:
    """A number without an exponent and without zeros that say nothing; one that nothing here has stays as it is."""
    if len(text) > LONGEST_NUMBER:
        return text
    if "e" in text.lower():
        text = _without_exponent(text)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text.lower() else text


def _without_exponent(text: str) -> str:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return text
    return f"{number:f}" if abs(number.adjusted()) < LONGEST_NUMBER else text
