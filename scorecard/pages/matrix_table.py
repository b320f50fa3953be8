"""The matrix as a table: groups, rows, and the links that choose them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from core.editions import Served, carrying
from core.formatting import counted, months_words, period_name
from core.periods import Period
from core.sentences import Sentence
from customers.models import Tier
from initiatives.reading.running_initiatives import CellServing
from kpis.choices import Indicator, MatrixOrder, Status
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix, Row
from kpis.reading.selection import Selection, department_name, select
from kpis.wording import style_of
from scorecard.pages.composite import ShownComposite, show_composites
from scorecard.pages.matrix import UNMET, ShownCell, share_of, show_cell, show_served
from scorecard.pages.selection import Controls, beyond_counts, controls, kept_choices, said_columns
from scorecard.pages.verdict import Verdict, beyond_noise, verdict

MANY = 9
ONE_LINE = 33  # letters of a name and its marks that the column of names takes at a desk
_MEANING = {
    Indicator.LEADING: "signs of what is coming",
    Indicator.TRAILING: "what has come of it",
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A KPI and its cells in the order of the columns.

    ``share`` marks the months with data of most of its cells (``⅔``; empty for all of them), ``months`` says it;
    ``thin`` are its months that look incomplete, in sentences.
    """

    kpi: Kpi
    url: str
    unit: str
    owner: str
    cells: tuple[ShownCell, ...]
    share: str = ""
    months: str = ""
    thin: tuple[str, ...] = ()

    @property
    def is_long(self) -> bool:
        """Whether its name needs smaller letters, to stand in two lines of a row with its marks beside it."""
        marks = (self.unit, self.share, "thin" if self.thin else "")
        return sum(len(one) + 1 for one in (self.kpi.name, *marks) if one) > ONE_LINE


@dataclass(frozen=True, slots=True)
class Group:
    """Leading or trailing rows, or those of them that a department has."""

    label: str
    meaning: str
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many cells have a status."""

    status: Status
    number: int


@dataclass(frozen=True, slots=True)
class ShownMatrix:
    """All that the matrix page shows of the cells. ``hidden`` counts the KPIs that filters leave out; ``since`` is what
    changes are told against.
    """

    tiers: tuple[Tier, ...]
    groups: tuple[Group, ...]
    controls: Controls
    verdict: Verdict
    beyond: Sentence
    paces: tuple[Count, ...]
    shown: int
    hidden: int
    since: str
    to_date: bool
    composites: tuple[ShownComposite | None, ...] = ()

    @property
    def look(self) -> str:
        """The classes of the table: how it folds, by the number of its columns, and whether the period runs."""
        columns = len(self.tiers)
        width = "few" if columns <= 5 else "more" if columns == 6 else "many" if columns <= MANY else "many wide"
        signalled = " signalled" if self.controls.beyond else ""
        return f"{width}{' running' if self.to_date else ''}{signalled}"

    @property
    def is_wide(self) -> bool:
        """Whether the columns are too many for a desk's width and scroll beside the names."""
        return len(self.tiers) > MANY

    @property
    def total(self) -> int:
        """KPIs of the matrix, hidden ones included."""
        return self.shown + self.hidden


def show_matrix(
    matrix: Matrix,
    currency: str,
    selection: Selection,
    *,
    here: str = "",
    view: str = "",
    serving: CellServing | None = None,
    before: Matrix | None = None,
    served: Served | None = None,
) -> ShownMatrix:
    """The matrix as a page shows it, with the links that choose what it shows.

    Verdict and counts are of the department's cells; a status then leaves out rows, never cells. With ``serving`` each
    cell that is near or missed says how many initiatives serve it; ``before`` is the matrix that composites are
    compared with, ``served`` says whose values these are, and cells lead to the same.
    """
    selected = select(matrix, selection)
    chosen = (cell for row in selected.of_department for cell in row.cells if selection.chooses(cell))
    paces = Counter(cell.pace for cell in chosen if cell.pace)
    return ShownMatrix(
        tiers=matrix.tiers,
        groups=tuple(_groups(selected.rows, matrix, currency, selection, serving, Roots.of(matrix.period, served))),
        controls=controls(matrix, selected, selection, here, view),
        verdict=verdict(
            *said_columns(matrix.tiers, selected.of_department, selection),
            to_date=matrix.to_date,
            base=kept_choices(selection, view),
        ),
        beyond=beyond_noise(
            beyond_counts(selected.of_department, selection),
            kept_choices(selection, view) | ({"tier": selection.tier} if selection.tier else {}),
        ),
        paces=tuple(Count(status, paces[status]) for status in Status if paces[status]),
        shown=len(selected.rows),
        hidden=len(matrix.rows) - len(selected.rows),
        since=period_name(matrix.period.previous),
        to_date=matrix.to_date,
        composites=show_composites(matrix, before),
    )


def has_unmet(rows: Iterable[Row]) -> bool:
    """Whether a cell of these rows is near or missed."""
    return any(cell.status in UNMET for row in rows for cell in row.cells)


def _groups(
    rows: Sequence[Row],
    matrix: Matrix,
    currency: str,
    selection: Selection,
    serving: CellServing | None,
    roots: Roots,
) -> Iterable[Group]:
    by_department = selection.order == MatrixOrder.DEPARTMENT
    for (indicator, department), own in groupby(rows, lambda row: _group_of(row.kpi, by_department)):
        label = Indicator(indicator).label
        shown = tuple(show_row(row, matrix, currency, roots, serving) for row in own)
        if by_department:
            yield Group(f"{label} · {department or 'no department'}", counted(len(shown), "KPI"), shown)
        else:
            yield Group(label, f"{_MEANING[Indicator(indicator)]} · {counted(len(shown), 'KPI')}", shown)


def _group_of(kpi: Kpi, by_department: bool) -> tuple[str, str]:
    return kpi.indicator, department_name(kpi) if by_department else ""


@dataclass(frozen=True, slots=True)
class Roots:
    """What the addresses of all KPIs and cells of a period begin with, and those of cells end with to show the same
    values: worked out once per page.
    """

    cells: str
    kpis: str
    period: str
    same: str = ""

    @classmethod
    def of(cls, period: Period, served: Served | None = None) -> Roots:
        """Those of a period; ``served`` says whose values the page shows, where its cells lead to the same."""
        cells = reverse("cell", args=[period.code, "K", "T"]).removesuffix("K/T/")
        same = carrying("", served) if served else ""
        return cls(cells, reverse("kpi", args=["K"]).removesuffix("K/"), period.code, same)

    def cell(self, kpi: Kpi, tier: Tier) -> str:
        """The page of a cell."""
        return f"{self.cells}{kpi.code}/{tier.code}/{self.same}"

    def kpi(self, kpi: Kpi) -> str:
        """The page of a KPI, of the period that is shown."""
        return f"{self.kpis}{kpi.code}/?period={self.period}"


def show_row(row: Row, matrix: Matrix, currency: str, roots: Roots, serving: CellServing | None = None) -> ShownRow:
    """A KPI's row, its numbers scaled alike so that columns can be compared."""
    kpi = row.kpi
    values = [value for cell in row.cells for value in (cell.actual, cell.target, cell.high)]
    style = style_of(kpi, currency, values)
    usual = usual_months(row.cells)
    cells = tuple(
        show_cell(
            *(kpi, cell, matrix, style, roots.cell(kpi, cell.tier), usual),
            show_served(kpi, cell, serving, roots.period),
        )
        for cell in row.cells
    )
    thin = sorted({one for cell in row.cells for one in cell.thin})
    return ShownRow(
        kpi=kpi,
        url=roots.kpi(kpi),
        unit=style.label,
        owner=getattr(kpi, "owned_by", None) or "",
        cells=cells,
        share=share_of(*usual) if usual else "",
        months=f"{months_words(*usual)} with data" if usual and usual[0] < usual[1] else "",
        thin=tuple(one.words_in(kpi) for one in thin),
    )


def usual_months(cells: Iterable[Cell]) -> tuple[int, int] | None:
    """The months with data and those expected of most of a row's cells that have a value; None where none has."""
    found = Counter((cell.months_with_data, cell.months_expected) for cell in cells if cell.actual is not None)
    return found.most_common(1)[0][0] if found else None


def is_empty(matrix: Matrix) -> bool:
    """Whether no cell has a value."""
    return all(cell.actual is None for row in matrix.rows for cell in row.cells)
