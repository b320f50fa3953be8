"""What a load works with while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from accounts.company import today
from accounts.models import Load, User
from core.keys import LookAlikes, unknown_words
from core.loading import Column, Counts, LoadReport, Record, RowError, RowErrors, Table
from core.loading.columns import far_off
from core.loading.rows import Row, header_names
from core.writes import Problem

Key = tuple[str, ...]


class LoadRefused(Exception):
    """A load that cannot begin: an unknown kind, or a person who may not approve."""


class UndoRefused(Exception):
    """A load that cannot be taken back; the message names the rows that stand in the way."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row as it was and as it becomes, in the file's columns; None where it is not there."""

    line: int
    key: Key
    before: Record | None
    after: Record | None

    @property
    def name(self) -> str:
        """How the row is named in records and messages."""
        return " | ".join(self.key)

    def reversed(self) -> Change:
        """The change that takes this one back."""
        return Change(self.line, self.key, self.after, self.before)

    def differs(self, column: str) -> bool:
        """Whether that column was or becomes something else."""
        return (self.before or {}).get(column) != (self.after or {}).get(column)


def _as_it_is(table: Table) -> Table:
    return table


def _unseen(load: Load) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks on while a file is taken in.

    ``table`` may leave rows out, ``changed`` is called in the transaction once the rows are written and none was bad,
    of a dry run as well, and ``kept`` at the end of one that is kept. What they raise undoes all of it. ``progress``
    is told now and then how many of how many bytes were read; 0 of 0 of a workbook.
    """

    table: Callable[[Table], Table] = _as_it_is
    changed: Callable[[Load], None] = _unseen
    kept: Callable[[Load], None] = _unseen
    progress: Callable[[int, int], None] | None = None


NOBODY = Onlooker()


@dataclass(slots=True)
class LoadJob:
    """One load under way. ``load`` is saved when the transaction begins.

    ``by`` and ``approved_by`` are None where nobody signed in or approves. ``today`` is the company's day when it
    began. ``by_call`` says that its rows came by a call of the API, where each is what a single call may be.
    """

    table: Table
    report: LoadReport
    load: Load
    by: User | None = None
    approved_by: User | None = None
    by_call: bool = False
    onlooker: Onlooker = NOBODY
    today: date = field(default_factory=today)
    seen: dict[Key, tuple[int, int]] = field(default_factory=dict)
    far: set[tuple[str, str]] = field(default_factory=set)
    alike: dict[str, LookAlikes] = field(default_factory=dict)
    # whatever the kind keeps from its first pass to its transaction
    kept: object = None

    @property
    def errors(self) -> RowErrors:
        """Where bad rows are noted."""
        return self.report.errors

    @property
    def counts(self) -> Counts:
        """Where rows are counted."""
        return self.report.counts

    @property
    def present(self) -> frozenset[str]:
        """The columns that the file has."""
        return frozenset(header_names(self.table))

    def warn(self, row: Row, column: str, reason: str) -> None:
        """Note something that may be a slip and is taken in all the same."""
        self.report.warnings.append(RowError(row.line, column, row.record.get(column, ""), reason))

    def warn_of_far_days(self, row: Row, columns: Iterable[Column]) -> None:
        """Note dates that lie far from today; each once, however many rows have it."""
        for column in columns:
            text = row.record.get(column.name, "")
            if not text or column.type.day is None or (column.name, text) in self.far:
                continue
            if reason := far_off(column.type.day(text), self.today):
                self.far.add((column.name, text))
                self.warn(row, column.name, reason)

    def refuse(self, row: Row, column: str, reason: str) -> None:
        """Note a bad cell of a row that could be read."""
        self.errors.add(row.line, column, row.record.get(column, ""), reason)

    def refuse_all(self, row: Row, problems: Iterable[Problem]) -> None:
        """Note what the rules of the kind find wrong with a row, each at its column."""
        for column, reason in problems:
            self.refuse(row, column, reason)

    def refuse_unknown(self, row: Row, column: Column) -> None:
        """Note a cell that names nothing, and what it was probably meant to name."""
        reference = column.reference
        assert reference is not None  # noqa: S101 - for the type checker
        text = row.record[column.name]
        if reference.why and (known_why := reference.why(text)):
            self.refuse(row, column.name, known_why)
            return
        if column.name not in self.alike:
            known = reference.model.objects.values_list(reference.field, flat=True)
            self.alike[column.name] = LookAlikes(known.iterator)
        meant = self.alike[column.name].of(text)
        self.refuse(row, column.name, unknown_words(reference.what, meant))

    def ticking(self, rows: Iterator[Any], every: int = 5_000) -> Iterator[Any]:
        """The rows, counted as read, telling the progress now and then."""
        return (row for batch in self.ticking_batches(rows, 1, every) for row in batch)

    def ticking_batches(self, rows: Iterator[Any], size: int, every: int = 5_000) -> Iterator[list[Any]]:
        """The same, some rows at a time."""
        while batch := list(islice(rows, size)):
            self.counts.read += len(batch)
            progress = self.onlooker.progress
            if progress and self.counts.read % every < len(batch):
                progress(self.table.position(), self.table.size)
            yield batch
