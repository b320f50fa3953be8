"""Narratives of a period: of which cells they are asked for, what was written, and what an edition keeps of it.

They are asked for where a number really got worse, and where a process misses its target by itself and nothing that
runs serves it. The rest is noise, about which a machine's sentence is enough.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from core.auditing import key_of
from core.formatting import target_words
from core.periods import Period
from customers.choices import TierScope
from initiatives.reading.running_initiatives import CellServing, read_cell_serving
from kpis.choices import Signal
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Matrix
from kpis.wording import rule_words
from scorecard.models import Narrative
from scorecard.reading.matrix_json import moment
from scorecard.reading.references import CellBook, cell_name, cell_style


class Why(StrEnum):
    """Why a narrative is asked for."""

    WORSE = "worse"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cell of which a narrative is asked for, and why; the first reason is a signal's, where there are two."""

    kpi: Kpi
    cell: Cell
    why: tuple[Why, ...]

    @property
    def name(self) -> str:
        """``renewal_rate@gold``."""
        return cell_name(self.kpi, self.cell)

    def words(self, currency: str) -> str:
        """``20.3 %, at most 14 %: September 2026 lies outside the limits of what it does by itself``."""
        cell, style = self.cell, cell_style(self.kpi, self.cell, currency)
        aim = target_words(style, self.kpi.direction, cell.target, cell.low, cell.high)
        return f"{style.full(cell.actual)}, {aim}: {' and '.join(self._reasons())}"

    def _reasons(self) -> Iterator[str]:
        if Why.WORSE in self.why:
            cell = self.cell
            told = rule_words(cell.rule, cell.signal_month) if cell.rule and cell.signal_month else ""
            yield told or "it really got worse"
        if Why.GAP in self.why:
            yield "it will go on missing its target, and nothing that runs serves it"


def wanted_of(matrix: Matrix, serving: CellServing | None = None, *, today: date) -> list[Wanted]:
    """The cells of a matrix of which a narrative is asked for, in its order.

    All customers are the tiers' facts again: that column is asked about where no tier of the KPI is. One query where
    there is a capability gap and ``serving`` was not read before, else none.
    """
    gaps = any(cell.is_gap for row in matrix.rows for cell in row.cells)
    served = serving or (read_cell_serving(today) if gaps else None)
    return [one for row in matrix.rows for one in _of_row(row.kpi, row.cells, served)]


def _of_row(kpi: Kpi, cells: Iterable[Cell], served: CellServing | None) -> list[Wanted]:
    found = [one for cell in cells if (one := wanted(kpi, cell, served))]
    own = [one for one in found if one.cell.tier.scope != TierScope.ALL]
    return own or found


def wanted(kpi: Kpi, cell: Cell, served: CellServing | None) -> Wanted | None:
    """Whether a cell by itself asks for a narrative; None where it doesn't."""
    worse = (Why.WORSE,) if cell.signal == Signal.WORSE else ()
    unserved = cell.is_gap and served is not None and not served.of(kpi.pk, cell.tier).running
    why = (*worse, Why.GAP) if unserved else worse
    return Wanted(kpi, cell, why) if why else None


def narratives_of(period: Period) -> list[Narrative]:
    """What was written of a period's cells, in the order of the matrix. One query."""
    rows = Narrative.objects.filter(period=period.code).select_related("kpi", "tier", "by", "owner")
    return list(rows.order_by("kpi__indicator", "kpi__position", "kpi__pk", "tier__scope", "tier__rank", "pk"))


def narrated(period: Period) -> dict[int, dict[int, Narrative]]:
    """The same by KPI and tier."""
    found: dict[int, dict[int, Narrative]] = defaultdict(dict)
    for row in narratives_of(period):
        found[row.kpi_id][row.tier_id] = row
    return found


def frozen_narratives(matrix: Matrix, currency: str) -> list[dict[str, Any]]:
    """The period's narratives as an edition keeps them; whether an action is done by now is not of the period."""
    book = CellBook.of(matrix, currency)
    return [_frozen(row, book) for row in narratives_of(matrix.period)]


def _frozen(row: Narrative, book: CellBook) -> dict[str, Any]:
    reads, source = book.frozen(row.analysis)
    action = {"text": row.action, "owner": key_of(row.owner), "due": row.due.isoformat() if row.due else None}
    return {
        "kpi": row.kpi.code,
        "tier": row.tier.code,
        "name": row.kpi.name,
        "column": row.tier.name,
        "analysis": reads,
        **source,
        "action": action if row.action else None,
        "by": key_of(row.by),
        "at": moment(row.at),
        "version": row.revision,
    }
