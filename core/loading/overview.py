"""What is seen of a table in passing, while its rows are taken in: so that people see how the file was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from core.loading.cells import Due, SheetCell, Shown
from core.loading.columns import Column
from core.loading.rows import header_names
from core.loading.table import Table
from core.numbers import parse_scaled

_EXAMPLES = 3
_LONGEST = 40  # characters of an example
_LOOKED_AT = 1_000  # rows whose cells may be examples
_REMEMBERED = 100_000


@dataclass(slots=True)
class Largest:
    """The number furthest from zero: in ten-thousandths, with its column, its line and what names its row."""

    scaled: int
    column: str
    line: int
    row: str


@dataclass(slots=True)
class Overview:
    """Counts and examples of a table's rows by its kind's columns; nothing of a row that has another width.

    ``rows`` and ``blank`` count rows by their KPI, where the kind has one (``by``); ``months`` are those of the
    column that names rows by month, as they stand there.
    """

    columns: Sequence[Column]
    examples: dict[str, list[str]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    blank: Counter[str] = field(default_factory=Counter)
    months: set[str] = field(default_factory=set)
    largest: Largest | None = None
    header: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def by(self) -> Column | None:
        """The column of the KPI that a row is about."""
        return next((column for column in self.columns if column.name == "kpi" and column.key), None)

    def watch(self, table: Table) -> Table:
        """The table, whose rows are looked at as they pass."""
        self.header, self.left_out = table.header, table.left_out
        return replace(table, rows=self._passing(table))

    def _passing(self, table: Table) -> Iterator[tuple[int, list[str]]]:
        names = header_names(table)
        look = _Look(self, names, table)
        width = len(names)
        for line, cells in table.rows:
            if len(cells) == width:
                look.at(line, cells)
            yield line, cells


class _Look:
    """Looks at rows by the places of their columns."""

    def __init__(self, overview: Overview, names: list[str], table: Table) -> None:
        known = {column.name: column for column in overview.columns}
        self.overview, self.number = overview, table.number
        self.places = [(names.index(name), known[name]) for name in dict.fromkeys(names) if name in known]
        self.keys = [place for place, column in self.places if column.key]
        self.numeric = [(place, column) for place, column in self.places if column.type.numeric]
        by = overview.by
        self.kpi = names.index("kpi") if by and "kpi" in names else None
        self.amount = names.index("numerator") if "numerator" in names else None
        months = [place for place, column in self.places if column.key and column.type.due is Due.MONTH]
        self.month = months[0] if months else None
        self.lacking = dict(self.places)
        self.numbers: dict[str, int] = {}
        self.most = self.count = 0

    def at(self, line: int, cells: list[str]) -> None:
        """One row."""
        seen = self.overview
        self.count += 1
        if self.lacking and self.count <= _LOOKED_AT:
            self._gather(cells)
        if self.kpi is not None:
            kpi = str(cells[self.kpi]).strip()
            seen.rows[kpi] += 1
            if self.amount is not None and not cells[self.amount].strip():
                seen.blank[kpi] += 1
        if self.month is not None:
            seen.months.add(str(cells[self.month]).strip())
        for place, column in self.numeric:
            self._measure(line, cells, place, column)

    def _gather(self, cells: list[str]) -> None:
        """Examples of the columns that still lack some."""
        for place, column in list(self.lacking.items()):
            text = str(cells[place]).strip()
            found = self.overview.examples.setdefault(column.name, [])
            if text and text[:_LONGEST] not in found:
                found.append(text[:_LONGEST])
                if len(found) == _EXAMPLES:
                    del self.lacking[place]

    def _measure(self, line: int, cells: list[str], place: int, column: Column) -> None:
        cell = cells[place]
        if not cell or (isinstance(cell, SheetCell) and cell.kind is Shown.PERCENT):
            return
        scaled = self.numbers.get(cell)
        if scaled is None:
            scaled = self._read(cell)
        if abs(scaled) > self.most:
            self.most = abs(scaled)
            row = " | ".join(str(cells[key]).strip() for key in self.keys)
            self.overview.largest = Largest(scaled, column.name, line, row)

    def _read(self, cell: str) -> int:
        """The number, 0 where it is none."""
        if len(self.numbers) > _REMEMBERED:
            self.numbers.clear()
        scaled = 0
        with suppress(ValueError):
            scaled = parse_scaled(cell if isinstance(cell, SheetCell) else self.number(cell))
        self.numbers[cell] = scaled
        return scaled
