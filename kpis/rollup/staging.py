"""Facts → staged cells: one part of a run at a time, set-based, safe to repeat.

The facts are grouped in SQL by KPI and by the tier that each customer had on the last day of the
fact's month. Only the groups come back to Python, a few per KPI.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.company import company, day_of
from core.outages import outage_of
from core.periods import Month, Period
from kpis.choices import RunState
from kpis.formulas.values import Components
from kpis.models import RollupRun, RunPart, StagedCell, TierActual
from kpis.rollup.distinct import distinct_groups
from kpis.rollup.reading import (
    MEMBERSHIPS,
    Groups,
    computed_columns,
    join_sum,
    listed,
    planned_for_many_rows,
    sum_sql,
    tiers_of_month_sql,
)
from kpis.rollup.writing import insert_rows
from kpis.rules.actual import newest_month

logger = logging.getLogger(__name__)

_LONGEST = 500  # characters of a reason
_COLUMNS = ("part_id", "kpi_id", "tier_id", "numerator", "denominator", "facts", "customers", "entered")
_SUMS = """
    SELECT f.kpi_id, b.tier_id, {numerator}, {denominator}, COUNT(*), COUNT(*) FILTER (WHERE f.numerator > 0)
    FROM kpis_fact f
    LEFT JOIN belongs b ON b.customer_id = f.customer_id
    WHERE f.month = {month} AND f.kpi_id IN ({kpis})
    GROUP BY f.kpi_id, b.tier_id
"""


def stage(part: RunPart, period: Period) -> None:
    """Compute a part and keep its cells with the run; a distinct count with all of the run's, in one pass.

    A part that is staged already stays as it is; one of a run that has ended is left alone. A KPI that cannot be
    computed is noted with its part, and the others are kept. Raises what an outage raises: that is nobody's fault.
    """
    with transaction.atomic():
        waiting = RunPart.objects.select_for_update(of=("self",)).filter(staged_at=None, run__state=RunState.RUNNING)
        same = {"run_id": part.run_id, "distinct": True} if part.distinct else {"pk": part.pk}
        locked = list(waiting.filter(**same).order_by("pk"))
        if locked:
            failed = _keep_cells(locked, period, newest_of(part.run))
            now = timezone.now()
            RunPart.objects.filter(pk__in=[one.pk for one in locked]).update(staged_at=now, failed=failed)
            # A run that was overtaken meanwhile leaves nothing behind: its staged cells are gone already.
            running = RollupRun.objects.filter(pk=part.run_id, state=RunState.RUNNING)
            if not running.update(heartbeat_at=now, sent_again=0):
                transaction.set_rollback(True)


def newest_of(run: RollupRun) -> Month:
    """The last month that had begun when the run did; to all of a run later ones have no data."""
    return newest_month(day_of(company(), run.started_at))


def _keep_cells(parts: Sequence[RunPart], period: Period, newest: Month) -> dict[int, str]:
    """Compute parts at once; where that fails KPI by KPI. Answers why, for each KPI that could not be."""
    if not _problem(parts, period, newest):
        return {}
    kpis = sorted({kpi for part in parts for kpi in part.kpis})
    alone = {kpi: [_only(part, kpi) for part in parts if kpi in part.kpis] for kpi in kpis}
    return {kpi: why for kpi in kpis if (why := _problem(alone[kpi], period, newest))}


def _only(part: RunPart, kpi: int) -> RunPart:
    """The share of one KPI in a part."""
    return RunPart(pk=part.pk, run_id=part.run_id, period=part.period, distinct=part.distinct, kpis=[kpi])


def _problem(parts: Sequence[RunPart], period: Period, newest: Month) -> str:
    """Compute parts and keep their cells; why nothing of them was kept, or empty. Raises what an outage raises."""
    try:
        with transaction.atomic():
            insert_rows(StagedCell, _COLUMNS, _computed(parts, period, newest))
    except Exception as error:
        if outage_of(error):
            raise
        logger.warning("Rollup %s: %s cannot be computed", parts[0].run_id, parts[0].period, exc_info=True)
        return told(error)
    return ""


def told(error: Exception) -> str:
    """An error as a run keeps it: its kind and its words, in a line."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}"[:_LONGEST] if words else type(error).__name__


def _computed(parts: Sequence[RunPart], period: Period, newest: Month) -> Iterable[tuple[object, ...]]:
    """Rows of staged cells, those of a month that has not begun being none."""
    if parts[0].distinct:
        groups = distinct_groups(parts, period.calendar, newest)
    else:
        groups = {part: month_groups(period.first, part.kpis) if period.first <= newest else {} for part in parts}
    return (cell for part in parts for cell in _cells(part, groups[part]))


def _cells(part: RunPart, groups: Groups) -> Iterable[tuple[object, ...]]:
    """Rows of staged cells."""
    return [
        (part.pk, kpi, tier, str(cell.numerator), str(cell.denominator), cell.facts, cell.customers, cell.entered)
        for (kpi, tier), cell in groups.items()
    ]


def month_groups(month: Month, kpis: Sequence[int], memberships: str = MEMBERSHIPS) -> Groups:
    """Components of one month by KPI and tier; all customers are the sum of the groups, for in a
    month every fact, and so every customer, counts in one tier.
    """
    untiered, everyone = computed_columns()
    groups: Groups = defaultdict(Components)
    for kpi, tier, parts in _sums(month, kpis, memberships):
        groups[kpi, tier or untiered] += parts
        groups[kpi, everyone] += parts
    for row in TierActual.objects.filter(month=month, kpi_id__in=kpis):
        denominator = int((row.denominator or 0) * 10_000)
        groups[row.kpi_id, row.tier_id] += Components(int(row.numerator * 10_000), denominator, 1, 0, entered=True)
    return groups


def _sums(month: Month, kpis: Sequence[int], memberships: str) -> Iterable[tuple[int, int | None, Components]]:
    query = tiers_of_month_sql(month, memberships) + _SUMS.format(
        numerator=sum_sql("f.numerator"), denominator=sum_sql("f.denominator"), month=month, kpis=listed(kpis)
    )
    with planned_for_many_rows() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    for kpi, tier, n1, n2, d1, d2, facts, customers in rows:
        yield kpi, tier, Components(join_sum(n1, n2), join_sum(d1, d2), facts, customers)
