"""Facts → staged cells: one part of a run at a time, set-based, safe to repeat.

The facts are grouped in SQL by KPI and by the tier that each customer had on the last day of the
fact's month. Only the groups come back to Python, a few per KPI.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from core.periods import Kind, Month, Period, last_day, months_between, shift
from customers.models import Tier
from kpis.choices import RunState
from kpis.formulas import Components
from kpis.models import RollupRun, RunPart, StagedCell, TierActual

# SQLite adds in 64 bits and refuses more, so sums go in two halves that Python joins;
# PostgreSQL adds bigints exactly as they are.
_HALF = 10**9

_TIER_OF_MONTH = """
    WITH months (month, last_day) AS (VALUES {months}),
    spans AS (
        SELECT customer_id, tier_id, starts_on,
               LEAD(starts_on) OVER (PARTITION BY customer_id ORDER BY starts_on) AS next_on
        FROM customers_tiermembership
    ),
    belongs AS (
        SELECT months.month, spans.customer_id, spans.tier_id
        FROM months
        JOIN spans ON spans.starts_on <= months.last_day
                  AND (spans.next_on IS NULL OR spans.next_on > months.last_day)
    )
"""

_SUMS = """
    SELECT f.kpi_id, b.tier_id, {numerator}, {denominator}, COUNT(*), SUM(CASE WHEN f.numerator > 0 THEN 1 ELSE 0 END)
    FROM kpis_fact f
    LEFT JOIN belongs b ON b.customer_id = f.customer_id AND b.month = f.month
    WHERE f.month = {month} AND f.kpi_id IN ({kpis})
    GROUP BY f.kpi_id, b.tier_id
"""

_DISTINCT = """
    SELECT f.kpi_id, b.tier_id, COUNT(DISTINCT f.customer_id)
    FROM kpis_fact f
    LEFT JOIN belongs b ON b.customer_id = f.customer_id AND b.month = f.month
    WHERE f.month BETWEEN {first} AND {last} AND f.kpi_id IN ({kpis}) AND f.numerator > 0
    GROUP BY f.kpi_id, b.tier_id
"""

_DISTINCT_OF_ALL = """
    SELECT kpi_id, COUNT(DISTINCT customer_id)
    FROM kpis_fact
    WHERE month BETWEEN {first} AND {last} AND kpi_id IN ({kpis}) AND numerator > 0
    GROUP BY kpi_id
"""

Groups = dict[tuple[int, int], Components]


def tier_map_sql(months: Iterable[Month]) -> str:
    """The common table ``belongs (month, customer_id, tier_id)``: each customer's tier on the last
    day of each month. Customers without a tier that day are absent, or there without one.
    """
    quoted = "DATE '{}'" if connection.vendor == "postgresql" else "'{}'"
    values = ", ".join(f"({month}, {quoted.format(last_day(month).isoformat())})" for month in months)
    return _TIER_OF_MONTH.format(months=values)


@contextmanager
def planned_for_many_rows() -> Iterator[CursorWrapper]:
    """A cursor for a query over many facts.

    PostgreSQL is told to hash rather than to loop, for on tables that it has not analysed yet (a
    first load) it expects a handful of rows; and to do it in memory. On SQLite there is nothing to
    tell, and a transaction would keep writers waiting.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
        yield cursor


def sum_sql(column: str) -> str:
    """Columns that add up a bigint column exactly: one on PostgreSQL, two halves on SQLite."""
    if connection.vendor == "postgresql":
        return f"COALESCE(SUM({column}), 0), 0"
    return f"COALESCE(SUM({column} / {_HALF}), 0), COALESCE(SUM({column} % {_HALF}), 0)"


def join_sum(first: int, second: int) -> int:
    """The sum from the two columns of ``sum_sql``."""
    return int(first) if connection.vendor == "postgresql" else int(first) * _HALF + int(second)


def window_of(part: RunPart, period: Period) -> tuple[Month, ...]:
    """The months that a part reads: the period's own, or the twelve that end with its month."""
    if part.distinct and period.kind is Kind.MONTH:
        return months_between(shift(period.last, -11), period.last)
    return period.months


def stage(part: RunPart, period: Period) -> None:
    """Compute a part and keep its cells with the run.

    A part that is staged already stays as it is; one of a run that has ended is left alone.
    """
    with transaction.atomic():
        waiting = RunPart.objects.select_for_update(of=("self",)).filter(staged_at=None)
        locked = waiting.filter(pk=part.pk, run__state=RunState.RUNNING).first()
        if locked is not None:
            groups = _distinct_groups(locked, period) if locked.distinct else _month_groups(locked, period)
            StagedCell.objects.bulk_create(_cells(locked, groups), batch_size=2000)
            now = timezone.now()
            RunPart.objects.filter(pk=locked.pk).update(staged_at=now)
            RollupRun.objects.filter(pk=locked.run_id).update(heartbeat_at=now)


def _cells(part: RunPart, groups: Groups) -> list[StagedCell]:
    return [
        StagedCell(
            part=part,
            kpi_id=kpi,
            tier_id=tier,
            numerator=cell.numerator,
            denominator=cell.denominator,
            facts=cell.facts,
            customers=cell.customers,
            entered=cell.entered,
        )
        for (kpi, tier), cell in groups.items()
    ]


def _month_groups(part: RunPart, period: Period) -> Groups:
    """Components of one month by KPI and tier; all customers are the sum of the groups, for in a
    month every fact, and so every customer, counts in one tier.
    """
    untiered, everyone = Tier.objects.untiered().pk, Tier.objects.all_customers().pk
    groups: Groups = defaultdict(Components)
    for kpi, tier, parts in _sums(period.first, part.kpis):
        groups[kpi, tier or untiered] += parts
        groups[kpi, everyone] += parts
    for row in TierActual.objects.filter(month=period.first, kpi_id__in=part.kpis):
        denominator = int((row.denominator or 0) * 10_000)
        groups[row.kpi_id, row.tier_id] += Components(int(row.numerator * 10_000), denominator, 1, 0, entered=True)
    return groups


def _sums(month: Month, kpis: Sequence[int]) -> Iterable[tuple[int, int | None, Components]]:
    query = tier_map_sql([month]) + _SUMS.format(
        numerator=sum_sql("f.numerator"), denominator=sum_sql("f.denominator"), month=month, kpis=_ids(kpis)
    )
    with planned_for_many_rows() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    for kpi, tier, n1, n2, d1, d2, facts, customers in rows:
        yield kpi, tier, Components(join_sum(n1, n2), join_sum(d1, d2), facts, customers)


def _distinct_groups(part: RunPart, period: Period) -> Groups:
    """Different customers with a fact above 0, by KPI and tier, over the months of the window."""
    untiered, everyone = Tier.objects.untiered().pk, Tier.objects.all_customers().pk
    months = window_of(part, period)
    bounds = {"first": months[0], "last": months[-1], "kpis": _ids(part.kpis)}
    with planned_for_many_rows() as cursor:
        cursor.execute(tier_map_sql(months) + _DISTINCT.format(**bounds))
        groups: Groups = {(kpi, tier or untiered): Components(customers=n) for kpi, tier, n in cursor.fetchall()}
        cursor.execute(_DISTINCT_OF_ALL.format(**bounds))
        groups.update({(kpi, everyone): Components(customers=n) for kpi, n in cursor.fetchall()})
    return groups


def _ids(kpis: Sequence[int]) -> str:
    """Whole numbers for an IN list; int() keeps anything else out of the SQL."""
    return ", ".join(str(int(kpi)) for kpi in kpis)
