"""The limits of a rollup: what the database itself needs for the same, in plain SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from bench.company import day, execute
from core.periods import Month, last_day, shift
from kpis.choices import CustomerMethod, TimeMethod
from kpis.models import Kpi

_TABLE = """
    CREATE TABLE bench_cell (kpi_id bigint, tier_id bigint, month integer,
                             numerator numeric, denominator numeric, facts bigint, customers bigint)
"""
# Who was in which tier on the last day of the month.
_TIER_MAP = {
    "postgresql": """SELECT DISTINCT ON (customer_id) customer_id, tier_id FROM customers_tiermembership
                     WHERE starts_on <= {day} ORDER BY customer_id, starts_on DESC""",
    "sqlite": """SELECT customer_id, tier_id, MAX(starts_on) FROM customers_tiermembership
                 WHERE starts_on <= {day} GROUP BY customer_id""",
}
_MONTH = """
    INSERT INTO bench_cell
    SELECT f.kpi_id, b.tier_id, f.month, SUM(f.numerator), SUM(f.denominator), COUNT(*),
           SUM(CASE WHEN f.numerator > 0 THEN 1 ELSE 0 END)
    FROM kpis_fact f LEFT JOIN ({tier_map}) b ON b.customer_id = f.customer_id
    WHERE f.month = {month} AND f.kpi_id IN ({kpis})
    GROUP BY f.kpi_id, b.tier_id, f.month
"""
_DISTINCT = """
    INSERT INTO bench_cell (kpi_id, tier_id, month, customers)
    SELECT f.kpi_id, b.tier_id, {last}, COUNT(DISTINCT f.customer_id)
    FROM kpis_fact f LEFT JOIN ({tier_maps}) b ON b.customer_id = f.customer_id AND b.month = f.month
    WHERE f.month IN ({months}) AND f.kpi_id IN ({kpis}) AND f.numerator > 0
    GROUP BY f.kpi_id, b.tier_id
    UNION ALL
    SELECT f.kpi_id, NULL, {last}, COUNT(DISTINCT f.customer_id)
    FROM kpis_fact f WHERE f.month IN ({months}) AND f.kpi_id IN ({kpis}) AND f.numerator > 0
    GROUP BY f.kpi_id
"""

Window = tuple[TimeMethod, tuple[Month, ...]]


def make_table() -> None:
    """Where the limits write."""
    execute("DROP TABLE IF EXISTS bench_cell")
    execute(_TABLE)


def group_month(month: Month, kpis: Iterable[Kpi]) -> None:
    """One month by KPI and tier."""
    ids = ", ".join(str(kpi.pk) for kpi in kpis)
    execute(_MONTH.format(tier_map=_tier_map(month), month=month, kpis=ids))


def count_distinct(months: Sequence[Month], kpis: Iterable[Kpi]) -> None:
    """Different customers over several months by KPI and tier, and of all customers."""
    maps = " UNION ALL ".join(f"SELECT {month} AS month, m.* FROM ({_tier_map(month)}) m" for month in months)  # noqa: S608
    ids, listed = ", ".join(str(kpi.pk) for kpi in kpis), ", ".join(map(str, months))
    execute(_DISTINCT.format(tier_maps=maps, months=listed, last=months[-1], kpis=ids))


def counted_longer(kpis: Iterable[Kpi]) -> list[Kpi]:
    """Those whose quarters, years or trailing twelve months count different customers."""
    longer = {TimeMethod.POOL, TimeMethod.TTM}
    return [k for k in kpis if k.customer_method == CustomerMethod.DISTINCT and k.time_method in longer]


def windows_of(months: Iterable[Month]) -> list[Window]:
    """The quarters and years, and the trailing twelve months, that some months belong to."""
    touched, found = set(months), set[Window]()
    for month in touched:
        for length in (3, 12):
            first = shift(month, -((month % 100 - 1) % length))
            found.add((TimeMethod.POOL, tuple(shift(first, later) for later in range(length))))
        for later in range(12):
            found.add((TimeMethod.TTM, tuple(shift(month, later - back) for back in range(11, -1, -1))))
    return sorted(found)


def on_two_connections(pieces: Iterable[Callable[[], None]]) -> None:
    """Each piece once, two at a time; one after the other where the database has a single writer."""
    with ThreadPoolExecutor(1 if connection.vendor == "sqlite" else 2) as pool:
        list(pool.map(lambda piece: piece(), pieces))


def _tier_map(month: Month) -> str:
    return _TIER_MAP[connection.vendor].format(day=day(last_day(month)))
