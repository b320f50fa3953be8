"""From a file's cells to rows for the stage of events: each cell is one look-up of a text that was seen before.

Some hundred rows are looked up column by column; where one of these cannot be, they are read one by one, and what is
wrong is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from accounts.loads import LoadJob
from core.loading import Column, RowError
from core.loading.cells import Due, SheetCell
from core.loading.columns import far_off
from core.loading.objects import ABSENT
from core.loading.rows import header_names, note_bad_row
from core.numbers import parse_scaled
from kpis.loads.staging import StagedRow, escaping, null_text

_FileRow = tuple[int, list[str]]
_BATCH = 200
_REMEMBERED = 100_000
LACKING = "is missing, and there is no such row yet to keep it of"


class _Cells(dict[str, str | None]):
    """A column's cells as the stage takes them, by their text; an empty one of a column that may be so is its null."""

    def __init__(self, column: Column, number: Callable[[str], str], today: date) -> None:
        self.column, self.number, self.today = column, number, today
        self.far: dict[str, str] = {}  # days that were met since somebody asked, with what to warn of
        self.null, self.escape = null_text(), escaping()

    def __missing__(self, text: str) -> str | None:
        if len(self) > _REMEMBERED:
            self.clear()
        clean = self.clean(text)
        if clean and self.column.type.day and (reason := far_off(self.column.type.day(clean), self.today)):
            self.far[text] = reason
        found = self[text] = self._staged(clean)
        return found

    def clean(self, text: str) -> str:
        """The canonical text. Raises ValueError with the reason."""
        as_text = self.column.type.numeric and not isinstance(text, SheetCell)
        return self.column.clean(self.number(text) if as_text else text)

    def _staged(self, text: str) -> str | None:
        if not text and self.column.null:
            return self.null
        if self.column.type.due is Due.NUMBER:
            return str(parse_scaled(text))
        if self.column.type.due is Due.BOOLEAN:
            return "1" if text == "true" else "0"
        return self.escape(text)


class EventReader:
    """Reads a table of a kind of events into rows for its stage: the line, then the columns of the header."""

    def __init__(self, job: LoadJob, columns: Sequence[Column]) -> None:
        by_name = {column.name: column for column in columns}
        self.job = job
        self.columns = [by_name[name] for name in header_names(job.table)]
        self.cells = [_Cells(column, job.table.number, job.today) for column in self.columns]

    def batches(self) -> Iterator[list[StagedRow]]:
        """The rows of the file, some at a time."""
        for batch in self.job.ticking_batches(self.job.table.rows, _BATCH):
            try:
                rows = self._at_once(batch)
            except ValueError:
                rows = list(self._one_by_one(batch))
            for at, cells in enumerate(self.cells):
                if cells.far:
                    self._warn_of_far_days(batch, at, cells)
            yield rows

    def _warn_of_far_days(self, batch: list[_FileRow], at: int, cells: _Cells) -> None:
        """Each day that lies far from today at the first row that has it."""
        name = self.columns[at].name
        for line, row in batch:
            text = row[at] if len(row) == len(self.columns) else ""
            if text in cells.far and (name, text) not in self.job.far:
                self.job.far.add((name, text))
                self.job.report.warnings.append(RowError(line, name, text, cells.far[text]))
        cells.far.clear()

    def _at_once(self, batch: list[_FileRow]) -> list[StagedRow]:
        """The quick way, column by column. Raises ValueError where any cell is bad."""
        lines, rows = zip(*batch, strict=True)
        found = [
            map(cells.__getitem__, column) for cells, column in zip(self.cells, zip(*rows, strict=True), strict=True)
        ]
        return list(zip(map(str, lines), *found, strict=True))

    def _one_by_one(self, batch: list[_FileRow]) -> Iterator[StagedRow]:
        """The slow way: the good rows; notes what is wrong with the others."""
        for line, row in batch:
            if len(row) != len(self.columns):
                note_bad_row(line, row, len(self.columns), self.job.errors)
                continue
            count = self.job.errors.count
            staged = [self._cell(line, at, text) for at, text in enumerate(row)]
            if self.job.errors.count == count:
                yield (str(line), *staged)

    def _cell(self, line: int, at: int, text: str) -> str | None:
        column = self.columns[at]
        if text is ABSENT and not (column.optional or column.blank or column.key):
            self.job.errors.add(line, column.name, "", LACKING)
            return None
        try:
            return self.cells[at][text]
        except ValueError as error:
            self.job.errors.add(line, column.name, text, str(error))
            return None
