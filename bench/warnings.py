"""Warnings replayed as a worker does: twelve leading KPIs and one for value, of each customer two facts in three
months, 24 month ends of the record with what they look back on; then with nothing changed.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from time import process_time

from django.db import connection
from django.utils import timezone

from bench.company import execute, settle
from bench.sizes import Size
from bench.table import Row, measured, told, within
from core.periods import Month, last_day, months_between
from kpis.choices import CustomerMethod, Direction, Indicator, TimeMethod, Unit
from kpis.models import Kpi, RolledSlice, ValueKpis
from kpis.reading.replay import replay_warnings
from kpis.reading.warnings import how_it_stands, looked_at

KPIS = 12
MONTHS = months_between(Month(202207), Month(202512))  # six after the last month end, 24, and 12 before the first
MOST, MOST_UNCHANGED, MOST_MEMORY = 120, 50, 700
_FACTS = """
    INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)
    SELECT {month}, {kpi}, c.id, (c.id * 7919 + {kpi} * 104729 + {month} * 1299) % 9973 * 100, {below}, 0
    FROM customers_customer c WHERE (c.id + {kpi} + {month}) % 3 < 2 ORDER BY c.id
"""


def rows(size: Size) -> Iterator[Row]:
    """The replay by the clock and in processor time of the worker, its memory, and the look that finds nothing."""
    facts = _begin()
    looked = looked_at(last_day(MONTHS[-1]).replace(year=2026))
    words = f"{size.customers:,} customers × {KPIS} KPIs, {facts:,} facts, 24 month ends"
    before = process_time()
    took = measured(lambda: replay_warnings(looked, [MONTHS[-1]]), 1)
    yield within(f"warnings replayed: {words}", took, MOST, "s")
    yield told("its processor time, the database's apart", f"{process_time() - before:.3g} s")
    yield within("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, MOST_MEMORY, "MB")
    unchanged = measured(lambda: how_it_stands(looked), 20)
    yield within("nothing changed: the look that finds so", unchanged * 1000, MOST_UNCHANGED)


def _begin() -> int:
    """KPIs of three methods with their facts; how many."""
    methods = (CustomerMethod.SUM, CustomerMethod.MEAN, CustomerMethod.RATIO)
    kpis = [_kpi(number, Indicator.LEADING, methods[number % 3]) for number in range(KPIS)]
    value = _kpi(KPIS, Indicator.TRAILING, CustomerMethod.SUM)
    ValueKpis.objects.filter(pk=1).update(revenue=value)
    for kpi in (*kpis, value):
        below = "(c.id % 97 + 1) * 10000" if kpi.customer_method == CustomerMethod.RATIO else "NULL"
        for month in MONTHS:
            execute(_FACTS.format(month=int(month), kpi=kpi.pk, below=below))
    settle()
    now = timezone.now()
    RolledSlice.objects.bulk_create(
        RolledSlice(kpi=kpi, month=month, facts=1, computed_at=now) for kpi in (*kpis, value) for month in MONTHS
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM kpis_fact WHERE kpi_id >= %s", [kpis[0].pk])
        return int(cursor.fetchone()[0])


def _kpi(number: int, indicator: Indicator, method: CustomerMethod) -> Kpi:
    return Kpi.objects.create(
        code=f"warned_{number}",
        name=f"Sign {number}",
        indicator=indicator,
        unit=Unit.NUMBER,
        direction=Direction.HIGHER if indicator == Indicator.TRAILING or number % 2 else Direction.LOWER,
        customer_method=method,
        time_method=TimeMethod.SUM if method == CustomerMethod.SUM else TimeMethod.POOL,
        position=1_000 + number,
    )
