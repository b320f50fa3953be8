"""The kinds of files in words: their columns, a sample, an export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from accounts.loads.describing import example_of
from accounts.loads.doors import kinds_for
from accounts.models import User
from core.formatting import sentence_list
from core.loading import Column, Record
from core.loading.cells import Due
from core.loading.limits import LONGEST_NUMBER
from core.registry import LoadKind

_WORDS = {
    Due.NUMBER: "a number",
    Due.DATE: "a day, such as 2011-09-30",
    Due.MONTH: "a month, such as 2011-09",
    Due.BOOLEAN: "true or false",
}
_SAMPLE_ROWS = 3


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column: what stands in it, and whether it must be there."""

    name: str
    holds: str
    must: str


@dataclass(frozen=True, slots=True)
class ShownKind:
    """A kind of file with its columns; ``names_a_row`` are those that tell its rows apart."""

    name: str
    title: str
    columns: tuple[ShownColumn, ...]
    names_a_row: str


def shown_kinds(user: User) -> list[ShownKind]:
    """The kinds that a person brings files of, in the order in which they can be loaded."""
    return [show_kind(kind) for kind in kinds_for(user).values()]


def show_kind(kind: LoadKind) -> ShownKind:
    """One kind in words."""
    columns = columns_of(kind)
    keys = sentence_list(column.name for column in columns if column.key)
    return ShownKind(
        kind.name, kind.title, tuple(ShownColumn(one.name, _holds(one), _must(one)) for one in columns), keys
    )


def columns_of(kind: LoadKind) -> list[Column]:
    """Those that stand in a file."""
    return [column for column in kind.columns if not column.hidden]


def _holds(column: Column) -> str:
    if column.reference:
        mail = column.reference.field == "email"
        return f"a {column.reference.what}, by e-mail address" if mail else f"a {column.reference.what} that is known"
    if column.type.words:
        return f"one of {', '.join(column.type.words)}"
    if column.type.due in _WORDS:
        return _WORDS[column.type.due]
    most = column.type.longest
    return f"text, up to {most:,} characters" if most > LONGEST_NUMBER else "text"


def _must(column: Column) -> str:
    if column.key:
        return "must be there, names the row"
    if column.optional:
        return "may be left out; what is stored stays"
    empty = f"; empty means {column.default}" if column.default else "; may be empty"
    return f"must be there{empty if column.blank else ''}"


def sample_rows(kind: LoadKind) -> list[list[str]]:
    """The first stored rows, which change nothing when they are loaded; where there are none, an invented one."""
    rows = list(islice(export_rows(kind), _SAMPLE_ROWS))
    return rows or [[_as_text(example_of(column)) for column in columns_of(kind)]]


def _as_text(value: object) -> str:
    return "true" if value is True else str(value)


def export_rows(kind: LoadKind) -> Iterator[list[str]]:
    """All stored rows, streamed, so that loading them changes nothing."""
    names = [column.name for column in columns_of(kind)]
    return (_cells(record, names) for record in kind.export())


def _cells(record: Record, names: list[str]) -> list[str]:
    return [record[name] for name in names]
