"""From a table's cells to typed rows, noting every bad one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.loading.cells import SheetCell
from core.loading.columns import Column, Record
from core.loading.objects import ABSENT
from core.loading.report import RowErrors
from core.loading.table import BadRow, Table


@dataclass(slots=True)
class Row:
    """A row: where it stood, what names it, and its cells in the file's columns; not ``whole`` where one of them
    cannot be read and is left out.
    """

    line: int
    key: tuple[str, ...]
    record: Record
    whole: bool = True


def header_names(table: Table) -> list[str]:
    """The header's column names, in lower case and without blanks around them."""
    return [str(name).strip().lower() for name in table.header]


def header_is_good(table: Table, columns: Sequence[Column], errors: RowErrors) -> bool:
    """Whether the file has the columns that it must have, each once, and no other; notes what is wrong."""
    names = header_names(table)
    known = [column.name for column in columns if not column.hidden]
    if not any(names):
        errors.add(1, "", "", f"the file is empty; its first line must name the columns: {', '.join(known)}")
        return False
    _note_missing(names, columns, errors)
    _note_strange(names, known, table.first, errors)
    return not errors


def _note_missing(names: list[str], columns: Sequence[Column], errors: RowErrors) -> None:
    for column in columns:
        if not (column.optional or column.hidden) and column.name not in names:
            errors.add(1, column.name, "", "the column is missing")


def _note_strange(names: list[str], known: list[str], first: Mapping[str, int], errors: RowErrors) -> None:
    seen = set[str]()
    for name in names:
        if name in seen:
            errors.add(1, name, "", "the column stands there twice")
        elif name not in known:
            errors.add(first.get(name, 1), name, "", f"is no column of this kind of file, which has {', '.join(known)}")
        seen.add(name)


def read_rows(table: Table, columns: Sequence[Column], errors: RowErrors) -> Iterator[Row]:
    """The rows, whole or not; notes each cell that cannot be read, and rows that are none."""
    by_name = {column.name: column for column in columns}
    present = [by_name[name] for name in header_names(table)]
    keys = [column.name for column in columns if column.key]
    for line, cells in table.rows:
        before = errors.count
        record = _read(line, cells, present, errors, table.number)
        if record is not None:
            yield Row(line, tuple(record.get(name, "") for name in keys), record, errors.count == before)


def note_bad_row(line: int, cells: list[str], width: int, errors: RowErrors) -> None:
    """Say why a row has not as many cells as the header has names."""
    if isinstance(cells, BadRow):
        errors.add(line, cells.column, cells.value, cells.problem)
    else:
        errors.add(line, "", "", f"has {len(cells)} cells where the header has {width}")


def _read(
    line: int, cells: list[str], present: list[Column], errors: RowErrors, number: Callable[[str], str]
) -> Record | None:
    if len(cells) != len(present):
        note_bad_row(line, cells, len(present), errors)
        return None
    record: Record = {}
    for column, cell in zip(present, cells, strict=True):
        if cell is ABSENT and not column.key:
            continue
        try:
            as_text = column.type.numeric and not isinstance(cell, SheetCell)
            record[column.name] = column.clean(number(cell) if as_text else cell)
        except ValueError as error:
            errors.add(line, column.name, cell, str(error))
    return record
