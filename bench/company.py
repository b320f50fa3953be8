"""The company that is measured: made inside the database, the same on each, by arithmetic instead of chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import product

from django.db import connection

from bench.sizes import MONTHS, Size
from core.periods import Month, first_day
from customers.models import Tier
from kpis.choices import CustomerMethod, Direction, Indicator, Per, TargetState, TimeMethod, Unit
from kpis.models import Kpi, SliceTouch, Target

TIERS = 5
KPIS = 24

_CUSTOMERS = """
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {customers})
    INSERT INTO customers_customer (external_id, folded_id, name, folded_name, region, is_key_account)
    SELECT 'C' || (1000000 + i), 'c' || (1000000 + i), 'Customer ' || i, 'customer ' || i, '', i % 100 = 0 FROM n
"""
# All but every 33rd customer is in a tier from the beginning; every third moves once, some to no tier.
_FIRST_TIERS = """
    INSERT INTO customers_tiermembership (customer_id, starts_on, tier_id)
    SELECT id, {day}, {first} + id % {tiers} FROM customers_customer WHERE id % 33 <> 0
"""
_MOVES = """
    INSERT INTO customers_tiermembership (customer_id, starts_on, tier_id)
    SELECT id, {day}, CASE WHEN id % 20 = 0 THEN NULL ELSE {first} + id / 7 % {tiers} END
    FROM customers_customer WHERE id % 36 = {number}
"""
# A sixth of the customers, others each month and KPI; every eleventh fact is zero.
_FACTS = """
    SELECT {month}, k.id, c.id,
           CASE WHEN (c.id + k.id + {month}) % 11 = 0 THEN 0 ELSE (c.id * c.id % 9973 + 1) * 1234 + k.id * 100 END,
           CASE WHEN k.customer_method = 'ratio' THEN (c.id % 97 + 1) * 10000 END,
           0
    FROM kpis_kpi k CROSS JOIN customers_customer c
    WHERE k.facts_of_id IS NULL AND (c.id * 7919 + k.id * 104729 + {month} * 1299) % 1000003 % {customers} < {slice}
    ORDER BY k.id, c.id
"""


def execute(statement: str) -> None:
    """One statement, committed."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def day(of: date) -> str:
    """A day in the database's SQL."""
    return f"{'DATE ' if connection.vendor == 'postgresql' else ''}'{of.isoformat()}'"


def found(size: Size) -> None:
    """Tiers, customers that move, KPIs of all methods with targets: everything but the facts."""
    tiers = Tier.objects.bulk_create([Tier(code=f"T{n}", name=f"Tier {n}", rank=n) for n in range(1, TIERS + 1)])
    execute(_CUSTOMERS.format(customers=size.customers))
    execute(_FIRST_TIERS.format(day=day(date(2000, 1, 1)), first=tiers[0].pk, tiers=TIERS))
    for number in range(12):
        moved = day(first_day(MONTHS[2 * number]))
        execute(_MOVES.format(day=moved, first=tiers[0].pk, tiers=TIERS, number=number))
    set_targets(add_kpis(KPIS))
    settle()


def add_kpis(number: int, *, facts_of: Sequence[Kpi] = ()) -> list[Kpi]:
    """KPIs of every customer method with every time method, again and again."""
    start, methods = Kpi.objects.count(), list(product(CustomerMethod.values, TimeMethod.values))
    made = [
        Kpi(
            code=f"kpi_{start + n}",
            name=f"Measure number {start + n}",
            indicator=Indicator.LEADING if n % 2 else Indicator.TRAILING,
            unit=Unit.PERCENT if methods[n % 20][0] == CustomerMethod.RATIO else Unit.NUMBER,
            direction=Direction.HIGHER if n % 3 else Direction.LOWER,
            customer_method=methods[n % 20][0],
            time_method=methods[n % 20][1],
            facts_of=facts_of[n % 20] if facts_of else None,
            position=start + n,
        )
        for n in range(number)
    ]
    return Kpi.objects.bulk_create(made)


def set_targets(kpis: Sequence[Kpi]) -> None:
    """An approved target per month of each KPI in each tier and for all customers."""
    Target.objects.bulk_create(
        Target(kpi=kpi, tier=tier, from_month=MONTHS[0], per=Per.MONTH, state=TargetState.APPROVED, value=1_000 * n)
        for kpi in kpis
        for n, tier in enumerate(Tier.objects.exclude(code="untiered"), 1)
    )


def facts_sql(month: Month, size: Size) -> str:
    """The facts of one month as a query."""
    return _FACTS.format(month=month, customers=size.customers, slice=size.slice)


def measure(months: Sequence[Month], size: Size) -> None:
    """Write the facts of these months, one after the other, as loads do."""
    for month in months:
        execute(
            "INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)"
            + facts_sql(month, size)
        )
    settle()


def settle() -> None:
    """What PostgreSQL does by itself in a quiet minute."""
    execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


def touch(months: Sequence[Month], kpis: Sequence[Kpi] | None = None) -> None:
    """Mark the slices of these months, all KPIs where none are given."""
    found = Kpi.objects.filter(facts_of=None) if kpis is None else kpis
    SliceTouch.objects.bulk_create(SliceTouch(kpi=kpi, month=month) for kpi in found for month in months)
