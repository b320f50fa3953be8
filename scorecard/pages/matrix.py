"""The matrix page: rows and cells as they are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from core.formatting import (
    Change,
    Goal,
    Style,
    change,
    counted,
    goal,
    month_name,
    months_words,
    number,
    target_words,
)
from customers.models import Tier
from initiatives.reading.served import CellServing
from kpis.choices import Indicator, Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix, Row
from kpis.wording import style_of
from scorecard.pages.verdict import Verdict, all_counts, of_tiers, tally, verdict


@dataclass(frozen=True, slots=True)
class Served:
    """How many initiatives serve a missed cell: ``2, one late``, ``none``; and the list of them."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as the table and the heatmap write it.

    ``value`` (empty for none) and ``goal`` are without the unit, which the row names. What is said of
    the cell at length is worked out when asked for: the table needs none of it.
    """

    cell: Cell
    direction: str
    style: Style
    url: str
    value: str
    goal: Goal | None
    change: Change | None
    notes: tuple[str, ...]
    served: Served | None = None

    @property
    def tier(self) -> Tier:
        """Its column."""
        return self.cell.tier

    @property
    def status(self) -> Status:
        """The verdict."""
        return self.cell.status

    @property
    def pace(self) -> Status | None:
        """How the ended months stand, for a part of a whole."""
        return self.cell.pace

    @property
    def full(self) -> str:
        """The actual with its unit."""
        return self.style.full(self.cell.actual)

    @property
    def target(self) -> str:
        """The target in words, with its unit."""
        return target_words(self.style, self.direction, self.cell.target, self.cell.low, self.cell.high)

    @property
    def variance(self) -> str:
        """Actual less target with its sign; empty where there is none."""
        return "" if self.cell.variance is None else signed(self.style, self.cell.variance)

    @property
    def attainment(self) -> str:
        """How much of the target was attained; empty where that says nothing."""
        return "" if self.cell.attainment is None else f"{number(self.cell.attainment * 100, 1)} %"

    @property
    def months(self) -> str:
        """``2 of 3 months with data``; where they must be marked complete, ``confirmed``."""
        words = months_words(self.cell.months_with_data, self.cell.months_expected)
        return f"{words} {'confirmed' if self.cell.provisional else 'with data'}"

    @property
    def facts(self) -> str:
        """``2,451 facts``."""
        return counted(self.cell.facts, "fact")


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A KPI, its unit, its cells in the order of the columns, and its months that look incomplete, in sentences."""

    kpi: Kpi
    unit: str
    cells: tuple[ShownCell, ...]
    thin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Leading or trailing rows."""

    indicator: Indicator
    meaning: str
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many cells have a status."""

    status: Status
    number: int


@dataclass(frozen=True, slots=True)
class ShownMatrix:
    """All that the matrix page shows of the cells. ``hidden`` counts the KPIs that filters leave out."""

    tiers: tuple[Tier, ...]
    groups: tuple[Group, ...]
    counts: tuple[Count, ...]
    verdict: Verdict
    paces: tuple[Count, ...]
    shown: int
    hidden: int

    @property
    def is_wide(self) -> bool:
        """Whether the columns are too many for a desk's width and scroll beside the names."""
        return len(self.tiers) > 9

    @property
    def total(self) -> int:
        """KPIs of the matrix, hidden ones included."""
        return self.shown + self.hidden


_MEANING = {
    Indicator.LEADING: "signs of what is coming",
    Indicator.TRAILING: "what has come of it",
}


def show_matrix(
    matrix: Matrix,
    currency: str,
    *,
    department: str = "",
    only_missed: bool = False,
    serving: CellServing | None = None,
) -> ShownMatrix:
    """The matrix as a page shows it.

    Verdict and counts are of the department's cells in the tiers; ``only_missed`` then leaves out rows, never cells.
    With ``serving`` each missed cell says how many initiatives serve it.
    """
    of_department = [row for row in matrix.rows if not department or _department(row.kpi) == department]
    kept = [row for row in of_department if not only_missed or has_missed([row])]
    counts = all_counts(of_tiers(tally(matrix.tiers, of_department)))
    paces = Counter(cell.pace for row in of_department for cell in row.cells if cell.pace)
    return ShownMatrix(
        tiers=matrix.tiers,
        groups=tuple(_groups(kept, matrix, currency, serving)),
        counts=tuple(Count(status, counts[status]) for status in Status if counts[status]),
        verdict=verdict(
            matrix.tiers,
            of_department,
            to_date=matrix.to_date,
            base={"department": department} if department else {},
        ),
        paces=tuple(Count(status, paces[status]) for status in Status if paces[status]),
        shown=len(kept),
        hidden=len(matrix.rows) - len(kept),
    )


def _department(kpi: Kpi) -> str:
    return kpi.department.code if kpi.department else ""


def has_missed(rows: Iterable[Row]) -> bool:
    """Whether a cell of these rows missed its target."""
    return any(cell.status == Status.MISSED for row in rows for cell in row.cells)


def _groups(rows: Sequence[Row], matrix: Matrix, currency: str, serving: CellServing | None) -> Iterable[Group]:
    for indicator, meaning in _MEANING.items():
        shown = tuple(show_row(row, matrix, currency, serving) for row in rows if row.kpi.indicator == indicator)
        if shown:
            yield Group(indicator, meaning, shown)


def show_row(row: Row, matrix: Matrix, currency: str, serving: CellServing | None = None) -> ShownRow:
    """A KPI's row, its numbers scaled alike so that columns can be compared."""
    values = [value for cell in row.cells for value in (cell.actual, cell.target, cell.high)]
    style = style_of(row.kpi, currency, values)
    address = cell_address(matrix.period.code, row.kpi.code)
    cells = tuple(
        show_cell(row.kpi, cell, matrix, style, address + f"{cell.tier.code}/", show_served(row.kpi, cell, serving))
        for cell in row.cells
    )
    thin = sorted({one for cell in row.cells for one in cell.thin})
    return ShownRow(row.kpi, style.label, cells, tuple(one.words_in(row.kpi) for one in thin))


def cell_address(period: str, kpi: str) -> str:
    """The address of a KPI's cells, to which a tier is added: worked out once per row."""
    return reverse("cell", args=[period, kpi, "T"]).removesuffix("T/")


def show_served(kpi: Kpi, cell: Cell, serving: CellServing | None) -> Served | None:
    """How many initiatives serve a missed cell, and where they are listed; None for any other cell."""
    if serving is None or cell.status != Status.MISSED:
        return None
    return Served(serving.of(kpi.pk, cell.tier).words, served_address(kpi, cell.tier))


def served_address(kpi: Kpi, tier: Tier) -> str:
    """The running initiatives that should move a cell."""
    return f"{_register(get_script_prefix())}?{urlencode({'moves': f'{kpi.code}@{tier.code}'})}"


@cache
def _register(prefix: str) -> str:
    """The register's address under the product's own: looked up once, not for each missed cell."""
    return reverse("initiatives")


def show_cell(kpi: Kpi, cell: Cell, matrix: Matrix, style: Style, url: str, served: Served | None = None) -> ShownCell:
    """One cell; where two numbers that differ would read the same, with more decimals."""
    style = style.told_apart(cell.actual, (cell.target, cell.low, cell.high))
    return ShownCell(
        cell=cell,
        direction=kpi.direction,
        style=style,
        url=url,
        value="" if cell.actual is None else style.bare(cell.actual),
        goal=goal(style, kpi.direction, cell.target, cell.low, cell.high),
        change=change(style, kpi.direction, cell.actual, cell.previous),
        notes=tuple(_notes(cell, matrix)),
        served=served,
    )


def signed(style: Style, value: Fraction) -> str:
    """A difference with its sign and unit: ``+€1,234``; of percentages ``+5.9 points``."""
    text = f"{number(value, style.decimals)} points" if style.unit == "percent" else style.full(value)
    return f"+{text}" if value > 0 else text


def _notes(cell: Cell, matrix: Matrix) -> Iterable[str]:
    """Missing months, or those still to be confirmed; a last value that is older than the period's end; thin months."""
    if cell.status == Status.NO_DATA:
        return
    yield from dict.fromkeys(thin.short for thin in cell.thin)
    if cell.provisional:
        yield f"provisional: {months_words(cell.months_with_data, cell.months_expected)} confirmed"
    elif cell.months_with_data < cell.months_expected:
        yield months_words(cell.months_with_data, cell.months_expected)
    elif cell.status == Status.PARTIAL and matrix.to_date:
        yield "to date"
    if cell.last_month and cell.status == Status.PARTIAL and not matrix.to_date and _is_old(cell, matrix):
        yield f"of {month_name(cell.last_month)}"


def _is_old(cell: Cell, matrix: Matrix) -> bool:
    return cell.months_with_data == cell.months_expected and cell.last_month != matrix.period.last


def is_empty(matrix: Matrix) -> bool:
    """Whether no cell has a value."""
    return all(cell.actual is None for row in matrix.rows for cell in row.cells)
