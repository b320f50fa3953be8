"""Staged cells → month cells → period cells, visible at once.

Called in one transaction under the rollup lock: a reader sees all of a run or nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts.services import company
from core.periods import FiscalCalendar, Kind, Month, Period, parse_month, shift
from customers.choices import TierScope
from customers.models import TierTouch
from kpis.choices import RunState, TimeMethod
from kpis.models import Kpi, MonthCell, PeriodCell, RolledSlice, RollupRun, SliceTouch, StagedCell
from kpis.rollup.merging import CELL_COLUMNS, CellStore, period_cells, window
from kpis.rollup.writing import insert_rows
from kpis.versions import VersionBook

_TO_MONTH_CELLS = """
    INSERT INTO kpis_monthcell (kpi_id, tier_id, month, numerator, denominator, facts, customers, entered)
    SELECT c.kpi_id, c.tier_id, CAST(REPLACE(p.period, '-', '') AS integer),
           c.numerator, c.denominator, c.facts, c.customers, c.entered
    FROM kpis_stagedcell c JOIN kpis_runpart p ON p.id = c.part_id
    WHERE p.run_id = %s AND NOT p."distinct"
"""


def publish(run: RollupRun) -> None:
    """Swap the run's cells in, compute the periods they belong to, and clear its marks.

    A run that is no longer running (failed, or published by another worker) changes nothing. Runs
    that began earlier and are still at it have been overtaken: this one saw their marks as well.
    """
    running = RollupRun.objects.filter(state=RunState.RUNNING)
    if running.filter(pk=run.pk).update(state=RunState.DONE, finished_at=timezone.now()):
        running.filter(pk__lt=run.pk).update(state=RunState.SUPERSEDED, finished_at=timezone.now())
        slices = _publish_months(run)
        cells = _publish_periods(run, slices)
        SliceTouch.objects.filter(pk__in=run.slice_touches).delete()
        TierTouch.objects.filter(pk__in=run.tier_touches).delete()
        StagedCell.objects.exclude(part__run__state=RunState.RUNNING).delete()
        RollupRun.objects.filter(pk=run.pk).update(cells=cells)


def _publish_months(run: RollupRun) -> set[tuple[int, Month]]:
    slices: set[tuple[int, Month]] = set()
    for part in run.parts.filter(distinct=False):
        month = parse_month(part.period)
        MonthCell.objects.filter(month=month, kpi_id__in=part.kpis).delete()
        slices |= {(kpi, month) for kpi in part.kpis}
    if slices:
        with connection.cursor() as cursor:
            cursor.execute(_TO_MONTH_CELLS, [run.pk])
        _note_slices(run, slices)
    return slices


def _note_slices(run: RollupRun, slices: set[tuple[int, Month]]) -> None:
    """When each slice was rolled up, and the number of its facts."""
    own = StagedCell.objects.filter(part__run=run, part__distinct=False).exclude(tier__scope=TierScope.ALL)
    counted = own.values_list("kpi_id", "part__period").annotate(n=Sum("facts"))
    facts = {(kpi, parse_month(period)): number for kpi, period, number in counted}
    now = timezone.now()
    RolledSlice.objects.bulk_create(
        [
            RolledSlice(kpi_id=kpi, month=month, facts=facts.get((kpi, month), 0), computed_at=now)
            for kpi, month in sorted(slices)
        ],
        update_conflicts=True,
        unique_fields=["kpi", "month"],
        update_fields=["facts", "computed_at"],
    )


def _publish_periods(run: RollupRun, slices: set[tuple[int, Month]]) -> int:
    """Compute the cells of every period that a slice belongs to. Returns how many were written."""
    if not slices:
        return 0
    kpis = list(Kpi.objects.all())
    versions = VersionBook.read(kpis)
    calendar = company().calendar
    periods = _affected(kpis, versions, slices, calendar)
    store = CellStore.read(_wanted(periods, versions, calendar), _distinct_counts(run), versions)
    together: dict[frozenset[str], list[int]] = defaultdict(list)
    for kpi, codes in periods.items():
        together[frozenset(codes)].append(kpi.pk)
    for of_both, ids in together.items():
        PeriodCell.objects.filter(period__in=of_both, kpi_id__in=ids).delete()
    cells = (
        cell for kpi, codes in periods.items() for code in sorted(codes) for cell in period_cells(kpi, code, store)
    )
    return insert_rows(PeriodCell, CELL_COLUMNS, cells)


def _affected(
    kpis: Iterable[Kpi], versions: VersionBook, slices: Iterable[tuple[int, Month]], calendar: FiscalCalendar
) -> dict[Kpi, set[str]]:
    """For each KPI the codes of the periods that its touched months belong to, in any of its versions."""
    months: dict[int, set[Month]] = defaultdict(set)
    for source, month in slices:
        months[source].add(month)
    affected: dict[Kpi, set[str]] = {}
    for kpi in kpis:
        touched, codes = months.get(kpi.source_id, set()), set[str]()
        methods = {meant.time_method for meant in versions.all_of(kpi)}
        if TimeMethod.TTM in methods:
            codes |= {calendar.period(Kind.MONTH, shift(m, later)).code for m in touched for later in range(12)}
        if methods - {TimeMethod.TTM}:
            codes |= {calendar.period(kind, m).code for m in touched for kind in Kind}
        if codes:
            affected[kpi] = codes
    return affected


def _wanted(
    periods: Mapping[Kpi, Iterable[str]], versions: VersionBook, calendar: FiscalCalendar
) -> dict[int, set[Month]]:
    """The months behind the periods, by the KPI that owns the facts."""
    wanted: dict[int, set[Month]] = defaultdict(set)
    for kpi, codes in periods.items():
        for period in (Period.parse(code, calendar) for code in codes):
            wanted[kpi.source_id].update(window(versions.at(kpi, period.last), period))
    return wanted


def _distinct_counts(run: RollupRun) -> dict[tuple[str, int, int], int]:
    """Different customers by (period, KPI that owns the facts, tier)."""
    found = StagedCell.objects.filter(part__run=run, part__distinct=True)
    rows = found.values_list("part__period", "kpi_id", "tier_id", "customers")
    return {(period, kpi, tier): customers for period, kpi, tier, customers in rows}
