"""A table that was opened: its header, and its rows one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace


class FileProblem(Exception):
    """A file that cannot be read as a table; the message says what to do."""


class BadRow(list[str]):
    """A row that is no row of the table: it has no cells, but a reason, and the column that it is about.

    ``raw`` are the cells that stood there, for whoever gives the row back.
    """

    def __init__(self, problem: str, column: str = "", value: str = "", raw: Sequence[str] = ()) -> None:
        super().__init__()
        self.problem, self.column, self.value, self.raw = problem, column, value, raw


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person says of a file: the worksheet that is meant, and the sign of decimals (``,`` or ``.``).

    Both are empty where nobody said so.
    """

    sheet: str = ""
    decimal: str = ""


AS_IT_IS = Reading()


def as_written(text: str) -> str:
    """A number's text where the file has no habits of its own: as it stands."""
    return text


def line_of(line: int) -> str:
    """How people find a row of a file."""
    return f"line {line}"


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and its rows with their line numbers (the header is line 1).

    Columns without a name and without content are left out of both. ``position`` tells how many of ``size`` bytes
    have been read, for a progress bar; both 0 for XLSX. ``sheet`` names the worksheet that is read, empty for CSV.
    ``number`` turns a number as this file writes it into one with a point; it raises ValueError for one that
    cannot be told. ``place`` names a row to people by its line. ``partial``: a row may lack cells (``ABSENT``);
    then ``first`` is the line of the first row that has a name of the header. ``left_out`` are the columns that
    were given with rows that could not be loaded, and say nothing.
    """

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]
    size: int
    position: Callable[[], int]
    sheet: str = ""
    number: Callable[[str], str] = field(default=as_written)
    place: Callable[[int], str] = field(default=line_of)
    partial: bool = False
    first: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def named_columns(
    header: Sequence[str], rows: Iterator[tuple[int, list[str]]]
) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    """The columns that have a name, and the rows' cells in them; content beside them makes a row a ``BadRow``."""
    kept = [position for position, name in enumerate(header) if name.strip()]
    names = tuple(header[position] for position in kept)
    if len(kept) == (kept[-1] + 1 if kept else 0):
        return names, _of_width(rows, len(kept))
    return names, ((line, _picked(row, kept)) for line, row in rows)


def _of_width(rows: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Rows of a header without gaps: nothing is done where they have its width."""
    for line, row in rows:
        if len(row) > width:
            bad = _beyond(row, set(range(width)))
            yield line, row[:width] if bad is None else bad
        else:
            yield line, row


def _picked(row: list[str], kept: Sequence[int]) -> list[str]:
    if (bad := _beyond(row, set(kept))) is not None:
        return bad
    return [row[position] for position in kept if position < len(row)]


def _beyond(row: Sequence[str], kept: set[int]) -> BadRow | None:
    """Content in a column that has no name."""
    for position, cell in enumerate(row):
        if position not in kept and cell.strip():
            nameless = "has content, and the first line gives the column no name"
            return BadRow(nameless, f"column {position + 1}", cell, row)
    return None


# The first two columns of a file of rows that were given back: where each stood, and why it was bad.
REMARKS = ("line", "reason")


def without_remarks(table: Table) -> Table:
    """The table without the remarks of a file that was given back to be corrected."""
    if [name.strip().lower() for name in table.header[:2]] != list(REMARKS):
        return table
    rows = ((line, row if isinstance(row, BadRow) else row[2:]) for line, row in table.rows)
    return replace(table, header=table.header[2:], rows=rows, left_out=table.header[:2])


def without_lines(table: Table, lines: Collection[int]) -> Table:
    """The table without the rows that stand on these lines."""
    if not lines:
        return table
    return replace(table, rows=((line, row) for line, row in table.rows if line not in lines))
