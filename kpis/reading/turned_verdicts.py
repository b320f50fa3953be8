"""Which verdicts of ended periods are others: by another band, or since targets end with the version of their KPI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Subquery

from accounts.company import company
from core.periods import FiscalCalendar, Kind, Month, Period, month_of, months_between, shift
from customers.models import Tier
from kpis.choices import Direction, Per, Status
from kpis.formulas.values import Goal, status
from kpis.models import Kpi, RolledSlice, Target
from kpis.models.versions import VersionBook
from kpis.reading.goals import band_of
from kpis.reading.matrix import Cell, MatrixBuilder
from kpis.rules.target import TargetCells, ends_before

_VERDICTS = frozenset({Status.MET, Status.NEAR, Status.MISSED})
# Since this migration a target is for one version of its KPI.
_UPGRADE = {"app": "kpis", "name__endswith": "_versions_have_unit_and_band"}


@dataclass(frozen=True, slots=True)
class Turned:
    """A verdict of an ended period, and what it is instead."""

    kpi: Kpi
    period: Period
    tier: Tier
    before: Status
    after: Status


def turned_by_band(old: Kpi, new: Kpi, today: date) -> list[Turned]:
    """The verdicts of ended periods that the band of ``new`` turns, latest first; empty where it is that of ``old``.

    Both are the KPI's row: an absolute band is of the latest version alone.
    """
    if band_of(old) == band_of(new):
        return []

    def judged(kpi: Kpi, cell: Cell) -> Status:
        actual, meant = cell.actual, new if kpi.since == old.since else kpi
        if actual is None or cell.status not in _VERDICTS:
            return cell.status
        return status(actual, Goal(cell.target, cell.low, cell.high), Direction(kpi.direction), band_of(meant))

    first = RolledSlice.objects.filter(kpi=old.source_id, facts__gt=0).order_by("month").first()
    first_of_formula = RolledSlice.objects.filter(facts__gt=0).order_by("month").first() if old.calculated else None
    found = first_of_formula or first
    return list(_turned(old, max(Month(found.month), old.since), today, judged)) if found else []


def _turned(kpi: Kpi, first: Month, today: date, judged: Callable[[Kpi, Cell], Status]) -> Iterator[Turned]:
    for period in ended_periods(company().calendar, first, today):
        for row in MatrixBuilder(period, today, [kpi], compared=False, charted=False).build().rows:
            for cell in row.cells:
                if (after := judged(row.kpi, cell)) != cell.status:
                    yield Turned(row.kpi, period, cell.tier, cell.status, after)


def ended_periods(calendar: FiscalCalendar, first: Month, today: date) -> list[Period]:
    """The months, quarters and years that have ended and whose last month is not before the first one, latest first."""
    last = shift(month_of(today), -1)
    months = months_between(first, last) if first <= last else ()
    found = dict.fromkeys(calendar.period(kind, month) for month in reversed(months) for kind in Kind)
    return [period for period in found if period.last <= last]


# -- since targets end with their version


def turned_by_upgrade(today: date) -> list[Turned]:
    """The verdicts of ended periods that approved targets from before the upgrade gave, and give no longer.

    They ran over a change of their KPI's meaning. Empty in a database that was made later, and where the same
    numbers were approved anew.
    """
    applied = MigrationRecorder.Migration.objects.filter(**_UPGRADE).values("applied")[:1]
    changed = list(Kpi.objects.filter(versions__at__lt=Subquery(applied)).distinct())
    if not changed:
        return []
    found, calendar = list[Turned](), company().calendar
    for kpi, first in _run_over(changed, applied, calendar):
        for period in ended_periods(calendar, first, today):
            old = MatrixBuilder(period, today, [kpi], beyond_versions=True)
            new = MatrixBuilder(period, today, [kpi])
            found += _differences(period, old, new)
    return found


def _differences(period: Period, old: MatrixBuilder, new: MatrixBuilder) -> Iterator[Turned]:
    for kpi in old.kpis:
        for tier in old.tiers:
            before, after = old.cell(kpi, tier), new.cell(kpi, tier)
            if before.status != after.status or before.pace != after.pace:
                yield Turned(kpi, period, tier, before.status, after.status)


def _run_over(changed: list[Kpi], applied: Any, calendar: FiscalCalendar) -> Iterator[tuple[Kpi, Month]]:
    """The KPIs with targets from before the upgrade that run over a change, and the first such month."""
    book = VersionBook.read(changed)
    for kpi in changed:
        rows = Target.objects.approved().filter(kpi=kpi, created_at__lt=Subquery(applied)).select_related("tier")
        cells = (TargetCells(row.tier.code, Month(row.from_month), Per(row.per), row.until_month) for row in rows)
        if over := [month for one in cells if (month := ends_before(kpi, one, calendar, book))]:
            yield kpi, min(over)
