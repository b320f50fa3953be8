"""How KPIs stand now: the cells of the latest period, and the last twelve months of all customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from accounts.company import today_of
from accounts.models import Company
from core.periods import Month, Period, months_between, shift
from customers.choices import TierScope
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.freshness import latest_period
from kpis.reading.matrix import Cell, MatrixBuilder, shown_month
from kpis.reading.trends import month_views

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class LatestValues:
    """Of one KPI: as it is meant in the period, its cells, and its values by month; None where there is none.

    Months in which it was counted in another unit have no value: they cannot be drawn on one line.
    """

    meant: Kpi
    cells: tuple[Cell, ...]
    trend: tuple[Fraction | None, ...]


@dataclass(frozen=True, slots=True)
class Latest:
    """The period, the months of the trends, and the values by the id of their KPI."""

    period: Period
    months: tuple[Month, ...]
    values: Mapping[int, LatestValues]


def latest_values(found: Company, kpis: Sequence[Kpi]) -> Latest:
    """How these KPIs stand: the same few queries whatever their number; nothing for no KPIs."""
    period, today = latest_period(found), today_of(found)
    months = months_between(shift(shown_month(period, today), 1 - _MONTHS), shown_month(period, today))
    if not kpis:
        return Latest(period, months, {})
    builder = MatrixBuilder(period, today, kpis)
    everyone = next(tier for tier in builder.tiers if tier.scope == TierScope.ALL)
    library = [*builder.meant.values()]
    views = month_views(kpis, months, library, VersionBook.read(library), [everyone.pk])
    values = {}
    for row in builder.build().rows:
        points = [(view.meant[row.kpi.pk], view.actuals.get((row.kpi.pk, everyone.pk))) for view in views.values()]
        trend = tuple(point.number if point and _alike(meant, row.kpi) else None for meant, point in points)
        values[row.kpi.pk] = LatestValues(row.kpi, row.cells, trend)
    return Latest(period, months, values)


def _alike(one: Kpi, other: Kpi) -> bool:
    return (one.unit, one.currency) == (other.unit, other.currency)
