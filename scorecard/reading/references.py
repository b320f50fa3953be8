"""The values of cells that a text names: as the page of each cell shows them, and frozen for an edition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from core.formatting import Style
from core.numbers import rounded_text
from core.periods import Period
from core.reader import PLAIN, written_for
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix, MatrixBuilder
from kpis.wording import style_of
from scorecard.reading.matrix_json import exact_text
from scorecard.rules.references import references_in, with_values


def cell_style(kpi: Kpi, cell: Cell, currency: str) -> Style:
    """How a cell's value is written: with more decimals where it would read like a target that it does not equal."""
    return style_of(kpi, currency).told_apart(cell.actual, (cell.target, cell.low, cell.high))


@dataclass(frozen=True, slots=True)
class CellValue:
    """The value of a cell and how it is written; None where the cell has none."""

    value: Fraction | None
    style: Style

    @property
    def shown(self) -> str:
        """``85.9 %``, in the reader's signs; – where there is none."""
        return self.style.full(self.value)

    def frozen(self, name: str) -> dict[str, Any]:
        """As an edition keeps it: ``value`` as the matrix has it, ``rounded`` with the decimals that are shown (of the
        exact value: to round ``value`` once more could tell another number), and ``shown``, in the plain signs.
        """
        style = self.style
        with written_for(lambda: PLAIN):
            shown = self.shown
        return {
            "reference": name,
            "value": exact_text(self.value),
            "rounded": None if self.value is None else rounded_text(self.value, style.decimals),
            "unit": style.unit,
            "currency": style.currency if style.unit == "currency" else None,
            "shown": shown,
        }


class CellBook:
    """The cells of a period by their names, ``renewal_rate@gold``, as they stand live."""

    def __init__(self, found: Mapping[str, tuple[Kpi, Cell]], currency: str) -> None:
        self._found, self._currency = found, currency

    @classmethod
    def of(cls, matrix: Matrix, currency: str) -> CellBook:
        """All cells of a matrix. No queries."""
        pairs = ((row.kpi, cell) for row in matrix.rows for cell in row.cells)
        return cls({cell_name(kpi, cell): (kpi, cell) for kpi, cell in pairs}, currency)

    @classmethod
    def of_texts(cls, texts: Iterable[str], period: Period, today: date, currency: str) -> CellBook:
        """Those that texts name, and the other cells of the same KPIs; no query where they name none."""
        codes = {name.rpartition("@")[0] for text in texts for name in references_in(text)}
        kpis = list(Kpi.objects.filter(code__in=codes).in_matrix_order()) if codes else []
        if not kpis:
            return cls({}, currency)
        return cls.of(MatrixBuilder(period, today, kpis).build(), currency)

    @property
    def names(self) -> list[str]:
        """The names of all cells, in the order of the matrix."""
        return list(self._found)

    def value(self, name: str) -> CellValue | None:
        """The value of a cell; None where there is no such cell."""
        if name not in self._found:
            return None
        kpi, cell = self._found[name]
        return CellValue(cell.actual, cell_style(kpi, cell, self._currency))

    def reads(self, text: str) -> str:
        """The text with the values in place; a reference to a cell that is not there any more stands as written."""
        return with_values(text, lambda name: found.shown if (found := self.value(name)) else f"[[{name}]]")

    def frozen(self, text: str) -> tuple[str, dict[str, Any]]:
        """A text as an edition keeps it: as it reads in the plain signs; and as it was written, with what it names."""
        values = [(name, self.value(name)) for name in references_in(text)]
        with written_for(lambda: PLAIN):
            reads = self.reads(text)
        return reads, {"written": text, "references": [one.frozen(name) for name, one in values if one is not None]}


def cell_name(kpi: Kpi, cell: Cell) -> str:
    """``renewal_rate@gold``."""
    return f"{kpi.code}@{cell.tier.code}"


def frozen_reads(text: Mapping[str, Any]) -> str:
    """A text of an edition with its frozen values, in the reader's signs."""
    known = {one["reference"]: _shown(one) for one in text["references"]}
    return with_values(text["written"], lambda name: known.get(name, f"[[{name}]]"))


def _shown(one: Mapping[str, Any]) -> str:
    digits = one["rounded"]
    if digits is None:
        return str(one["shown"])
    decimals = len(digits.partition(".")[2])
    return Style(one["unit"], one["currency"] or "", decimals).full(Fraction(digits))
