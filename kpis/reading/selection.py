"""Which rows of a matrix are shown, and in which order: chosen from the one Matrix, no query more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from customers.choices import TierScope
from kpis.choices import Beyond, MatrixOrder, Status
from kpis.formulas.values import Distance, Goal, bands_away
from kpis.models import Kpi
from kpis.reading.goals import band_of
from kpis.reading.matrix import Cell, Matrix, Row

_UNJUDGED = (-1, Fraction(0))


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for of a matrix: codes, empty or None for all of them.

    ``counted`` are the columns whose cells are chosen from, counted and ordered by (``counted_columns``). ``edition``
    is the one that is asked for of a closed period, or ``live``; empty for its latest.
    """

    status: Status | None = None
    beyond: Beyond | None = None
    tier: str = ""
    department: str = ""
    order: MatrixOrder = MatrixOrder.DEFINED
    counted: frozenset[str] = frozenset()
    edition: str = ""

    def chooses(self, cell: Cell) -> bool:
        """Whether a cell counts."""
        return cell.tier.code in self.counted


@dataclass(frozen=True, slots=True)
class Selected:
    """``of_department`` are the rows that counts are of, ``rows`` those that are shown, in their order."""

    of_department: tuple[Row, ...]
    rows: tuple[Row, ...]


def counted_columns(matrix: Matrix, tier: str = "") -> frozenset[str]:
    """The columns that count: the tier asked for, else the tiers, for all customers hold the same facts again; all
    columns where no tier has a verdict of its own and all customers have.
    """
    judged = {cell.tier.scope for row in matrix.rows for cell in row.cells if cell.status.is_verdict}
    scopes = {TierScope.TIER} if TierScope.TIER in judged or not judged else set(TierScope)
    return frozenset([tier]) if tier else frozenset(one.code for one in matrix.tiers if one.scope in scopes)


def select(matrix: Matrix, selection: Selection) -> Selected:
    """The rows of the department; of these, those with a chosen cell of the status and of what goes beyond the noise;
    in the order asked for.

    Leading rows stay before trailing ones whatever the order.
    """
    found = tuple(row for row in matrix.rows if not selection.department or _department(row) == selection.department)
    kept = [row for row in found if _has(row, selection)]
    return Selected(found, tuple(in_order(kept, selection)))


def in_order(rows: Sequence[Row], selection: Selection) -> Iterable[Row]:
    """The rows as defined; worst first, equal ones as defined; or by their departments' names, without one last."""
    if selection.order == MatrixOrder.WORST:
        worst = {row.kpi.pk: worst_distance(row, selection) for row in rows}
        return sorted(rows, key=lambda row: (row.kpi.indicator, *(-part for part in worst[row.kpi.pk])))
    if selection.order == MatrixOrder.DEPARTMENT:
        return sorted(rows, key=lambda row: (row.kpi.indicator, row.kpi.department is None, department_name(row.kpi)))
    return rows


def worst_distance(row: Row, selection: Selection) -> Distance:
    """The largest distance from target, in near bands, of the row's chosen cells; least without a verdict."""
    return max((_distance(row.kpi, cell) for cell in row.cells if selection.chooses(cell)), default=_UNJUDGED)


def department_name(kpi: Kpi) -> str:
    """The name of the KPI's department; empty without one."""
    return kpi.department.name if kpi.department else ""


def _distance(kpi: Kpi, cell: Cell) -> Distance:
    if cell.actual is None or not cell.status.is_verdict:
        return _UNJUDGED
    return bands_away(cell.actual, Goal(cell.target, cell.low, cell.high), kpi.direction, band_of(kpi))


def _has(row: Row, selection: Selection) -> bool:
    asked, beyond = selection.status, selection.beyond
    if not (asked or beyond):
        return True
    return any(
        (asked is None or cell.status == asked) and (beyond is None or beyond in cell.beyond)
        for cell in row.cells
        if selection.chooses(cell)
    )


def _department(row: Row) -> str:
    return row.kpi.department.code if row.kpi.department else ""
