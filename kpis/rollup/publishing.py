"""Staged cells → month cells → period cells, visible at once.

Called in one transaction under the rollup lock: a reader sees all of a run or nothing of it. A KPI's month that could
not be computed is left out: its cells, and those of all periods that it belongs to, stay as they were (a quarter of new
and old months would be of no time at all), and its mark stays, so that every run tries it again until it can.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.company import company
from core.periods import FiscalCalendar, Kind, Month, Period, month_code, shift, stored_month, year_is_kept
from customers.choices import TierScope
from customers.models import TierTouch
from kpis.choices import RunState
from kpis.models import Kpi, MonthCell, PeriodCell, RolledSlice, RollupRun, RunPart, SignalTouch, SliceTouch, StagedCell
from kpis.models.versions import VersionBook
from kpis.rollup.failures import Failures, Unmergeable, in_words, slices_of, staged_failures, with_unmergeable
from kpis.rollup.merging import CELL_COLUMNS, CellRow, CellStore, period_cells, window
from kpis.rollup.signals import publish_signals
from kpis.rollup.staging import newest_of
from kpis.rollup.writing import insert_rows
from kpis.services.touches import Slice, touch_slices

logger = logging.getLogger(__name__)

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
    A run of which nothing could be computed has failed, and overtakes none.
    """
    running = RollupRun.objects.filter(state=RunState.RUNNING)
    if running.filter(pk=run.pk).update(state=RunState.DONE, finished_at=timezone.now()):
        parts = list(run.parts.order_by("distinct", "pk"))
        slices = slices_of(parts)
        cells, failures = _swap_all_that_can_be(run, parts, slices)
        publish_signals(_first_touched(run, slices - failures.keys()), newest_of(run))
        if slices and len(failures) == len(slices):
            state = RunState.FAILED
        else:
            state = RunState.PARTIAL if failures else RunState.DONE
            running.filter(pk__lt=run.pk).update(state=RunState.SUPERSEDED, finished_at=timezone.now())
            _settle_marks(run, failures)
        StagedCell.objects.exclude(part__run__state=RunState.RUNNING).delete()
        RollupRun.objects.filter(pk=run.pk).update(cells=cells, state=state, error=in_words(failures))


def _first_touched(run: RollupRun, slices: set[Slice]) -> dict[int, Month]:
    """From which month on the chart of each KPI is another: by its cells, or by a mark of its own."""
    marks = SignalTouch.objects.filter(pk__in=run.signal_touches).values_list("kpi_id", "month")
    touched: dict[int, Month] = {}
    for kpi, month in (*slices, *marks):
        touched[kpi] = min(Month(month), touched.get(kpi, Month(month)))
    return touched


def _swap_all_that_can_be(run: RollupRun, parts: Sequence[RunPart], slices: set[Slice]) -> tuple[int, Failures]:
    """The number of period cells written, and what was left out; each KPI that fails here is, and all begins anew."""
    failures = staged_failures(parts, slices)
    while True:
        try:
            with transaction.atomic():
                good = slices - failures.keys()
                _publish_months(run, parts, good)
                return _publish_periods(run, good, failures), failures
        except Unmergeable as refused:
            logger.warning("Rollup %s: %s", run.pk, refused, exc_info=True)
            failures = with_unmergeable(failures, slices, refused)


def _settle_marks(run: RollupRun, failures: Failures) -> None:
    """The marks that the run saw go, but for those of slices that failed; one that came by a move gets its own."""
    seen = SliceTouch.objects.filter(pk__in=run.slice_touches)
    owners = seen.values_list("pk", "kpi__facts_of_id", "kpi_id", "month") if failures else ()
    kept = {pk: (source or kpi, month) for pk, source, kpi, month in owners if (source or kpi, month) in failures}
    seen.exclude(pk__in=kept).delete()
    if missing := failures.keys() - set(kept.values()):
        touch_slices(missing)
    TierTouch.objects.filter(pk__in=run.tier_touches).delete()
    SignalTouch.objects.filter(pk__in=run.signal_touches).delete()


def _publish_months(run: RollupRun, parts: Iterable[RunPart], slices: set[Slice]) -> None:
    if not slices:
        return
    kpis_of: dict[Month, set[int]] = defaultdict(set)
    for kpi, month in slices:
        kpis_of[month].add(kpi)
    for part in (one for one in parts if not one.distinct):
        kpis = kpis_of[stored_month(part.period)]
        MonthCell.objects.filter(month=stored_month(part.period), kpi_id__in=kpis).delete()
        if left_out := set(part.kpis) - kpis:
            StagedCell.objects.filter(part=part, kpi_id__in=left_out).delete()
    with connection.cursor() as cursor:
        cursor.execute(_TO_MONTH_CELLS, [run.pk])
    _note_slices(run, slices)
    _forget_early(slices, newest_of(run))


def _forget_early(slices: set[Slice], newest: Month) -> None:
    """What was rolled up of months that have not begun is gone now; their marks wait for the month."""
    early = {one for one in slices if one[1] > newest}
    if early:
        RolledSlice.objects.filter(month__gt=newest, kpi__in={kpi for kpi, _ in early}).delete()
        touch_slices(early)


def _note_slices(run: RollupRun, slices: set[Slice]) -> None:
    """When each slice was rolled up, and the number of its facts."""
    own = StagedCell.objects.filter(part__run=run, part__distinct=False).exclude(tier__scope=TierScope.ALL)
    counted = own.values_list("kpi_id", "part__period").annotate(n=Sum("facts"))
    facts = {(kpi, stored_month(period)): number for kpi, period, number in counted}
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


def _publish_periods(run: RollupRun, slices: set[Slice], failures: Failures) -> int:
    """Compute the cells of every period that a slice belongs to, and none that failed. Returns how many there are."""
    if not slices:
        return 0
    kpis, versions = VersionBook.library()
    calendar = company().calendar
    periods = _affected(kpis, versions, slices, calendar)
    for kpi, codes in _affected(kpis, versions, failures, calendar).items():
        periods[kpi] = periods.get(kpi, set()) - codes
    store = CellStore.read(_wanted(periods, versions, calendar), _distinct_counts(run), versions, newest_of(run))
    together: dict[frozenset[str], list[int]] = defaultdict(list)
    for kpi, codes in periods.items():
        together[frozenset(codes)].append(kpi.pk)
    for of_both, ids in together.items():
        PeriodCell.objects.filter(period__in=of_both, kpi_id__in=ids).delete()
    return insert_rows(PeriodCell, CELL_COLUMNS, _cells(periods, store))


def _cells(periods: Mapping[Kpi, Iterable[str]], store: CellStore) -> Iterator[CellRow]:
    """The rows of all period cells. Raises Unmergeable, which names the KPI."""
    for kpi, codes in periods.items():
        try:
            rows = [row for code in sorted(codes) for row in period_cells(kpi, code, store)]
        except Exception as error:
            raise Unmergeable(kpi, error) from error
        yield from rows


def _affected(
    kpis: Iterable[Kpi], versions: VersionBook, slices: Iterable[Slice], calendar: FiscalCalendar
) -> dict[Kpi, set[str]]:
    """For each KPI the codes of the periods that its touched months belong to, in any of its versions."""
    months: dict[int, set[Month]] = defaultdict(set)
    for source, month in slices:
        months[source].add(month)
    affected: dict[Kpi, set[str]] = {}
    for kpi in kpis:
        touched, codes = months.get(kpi.source_id, set()), set[str]()
        windows = {meant.method.counts_window for meant in versions.all_of(kpi)}
        if True in windows:
            codes |= {month_code(month) for m in touched for month in trailing_months(m)}
        if False in windows:
            codes |= {calendar.period(kind, m).code for m in touched if year_is_kept(m // 100) for kind in Kind}
        if codes:
            affected[kpi] = codes
    return affected


def trailing_months(month: Month) -> list[Month]:
    """The twelve months in whose trailing values a month counts; those that nobody can ask for are left out."""
    return [later for n in range(12) if year_is_kept((later := shift(month, n)) // 100)]


def _wanted(
    periods: Mapping[Kpi, Iterable[str]], versions: VersionBook, calendar: FiscalCalendar
) -> dict[int, set[Month]]:
    """The months behind the periods, by the KPI that owns the facts."""
    wanted: dict[int, set[Month]] = defaultdict(set)
    for kpi, codes in periods.items():
        for period in (Period.stored(code, calendar) for code in codes):
            wanted[kpi.source_id].update(window(versions.at(kpi, period.last), period))
    return wanted


def _distinct_counts(run: RollupRun) -> dict[tuple[str, int, int], int]:
    """Different customers by (period, KPI that owns the facts, tier)."""
    found = StagedCell.objects.filter(part__run=run, part__distinct=True)
    rows = found.values_list("part__period", "kpi_id", "tier_id", "customers")
    return {(period, kpi, tier): customers for period, kpi, tier, customers in rows}
