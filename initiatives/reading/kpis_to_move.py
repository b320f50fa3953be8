"""The KPIs that an initiative should move: their cells now, and as they were when it started.

Both are of whole quarters: the newest that has ended and has data, and the last that had ended when work
began. A link without a tier is one to each tier of the initiative, or to all customers where it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Company
from core.periods import Kind, Month, Period, month_of
from customers.models import Tier
from initiatives.models import InitiativeKpi
from initiatives.reading.standings import Standing
from kpis.choices import Status
from kpis.models import Kpi
from kpis.reading.freshness import latest_quarter, months_with_data
from kpis.reading.matrix import Cell, MatrixBuilder

# By KPI and tier: the KPI as it means in the period, and its cell.
Cells = Mapping[tuple[int, int], tuple[Kpi, Cell]]


@dataclass(frozen=True, slots=True)
class Moved:
    """A cell that the initiative should move. ``then`` is None where it has not started, or has no such quarter.

    ``kpi`` is as it means now, ``kpi_then`` as it meant then.
    """

    kpi: Kpi
    tier: Tier
    now: Cell | None
    then: Cell | None
    kpi_then: Kpi

    @property
    def comparable(self) -> bool:
        """Whether both are whole values of one meaning: a part is not compared with a whole, nor across versions."""
        if self.kpi.since != self.kpi_then.since:
            return False
        both = [cell for cell in (self.now, self.then) if cell is not None and cell.actual is not None]
        return len(both) == 2 and all(cell.status != Status.PARTIAL for cell in both)


@dataclass(frozen=True, slots=True)
class Moves:
    """All of them; ``now`` and ``then`` are the quarters, None where nothing was rolled up, or not begun."""

    now: Period | None
    then: Period | None
    cells: tuple[Moved, ...]


def read_moves(standing: Standing, company: Company, today: date) -> Moves | None:
    """What the initiative should move; None where it names no KPI. A constant number of queries."""
    pairs = list(_pairs(standing, month_of(today)))
    if not pairs:
        return None
    months = months_with_data()
    now = latest_quarter(company.calendar, months, today) if months else None
    start = _began(standing)
    then = company.calendar.period(Kind.QUARTER, month_of(start)).previous if start else None
    kpis = list({kpi.pk: kpi for kpi, _ in pairs}.values())
    cells_now, cells_then = (_cells(period, today, kpis) for period in (now, then if then != now else None))
    if then == now:
        cells_then = cells_now
    return Moves(now, then, tuple(_moved(kpi, tier, cells_now, cells_then) for kpi, tier in pairs))


def _moved(kpi: Kpi, tier: Tier, cells_now: Cells, cells_then: Cells) -> Moved:
    meant, now = cells_now.get((kpi.pk, tier.pk), (kpi, None))
    meant_then, then = cells_then.get((kpi.pk, tier.pk), (meant, None))
    return Moved(meant, tier, now, then, meant_then)


def _began(standing: Standing) -> date | None:
    """The day on which work began; None where it did not."""
    plan = standing.plan
    return plan.start if standing.running or plan.started_on or plan.finished_on else None


def _pairs(standing: Standing, month: Month) -> Iterable[tuple[Kpi, Tier]]:
    """KPI and tier of each cell, once, in the order of the matrix."""
    links = InitiativeKpi.objects.filter(initiative=standing.initiative).select_related("kpi__department", "tier")
    own = [tier for tier in standing.initiative.tiers.all() if tier.stands_in(month)]
    wide = own or [Tier.objects.all_customers()]
    found = {
        (link.kpi_id, tier.pk): (link.kpi, tier) for link in links for tier in ([link.tier] if link.tier else wide)
    }
    return sorted(found.values(), key=lambda pair: (pair[0].indicator, pair[0].position, pair[1].rank))


def _cells(period: Period | None, today: date, kpis: Sequence[Kpi]) -> Cells:
    if period is None:
        return {}
    built = MatrixBuilder(period, today, kpis).build()
    return {(row.kpi.pk, cell.tier.pk): (row.kpi, cell) for row in built.rows for cell in row.cells}
