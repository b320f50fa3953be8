"""What every reading of the facts by tier shares: the tier map, exact sums, and how it is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.periods import Month, last_day
from customers.choices import TierScope
from customers.models import Tier
from kpis.formulas.values import Components

# SQLite adds in 64 bits and refuses more, so sums go in two halves that Python joins;
# PostgreSQL adds bigints exactly as they are.
_HALF = 10**9

_TIER_OF_MONTH = """
    WITH months (month, last_day) AS (VALUES {months}),
    spans AS (
        SELECT customer_id, tier_id, starts_on,
               LEAD(starts_on) OVER (PARTITION BY customer_id ORDER BY starts_on) AS next_on
        FROM {memberships}
    ),
    belongs AS (
        SELECT months.month, spans.customer_id, spans.tier_id
        FROM months
        JOIN spans ON spans.starts_on <= months.last_day
                  AND (spans.next_on IS NULL OR spans.next_on > months.last_day)
    )
"""

# The same for one month, which PostgreSQL takes half as long for.
_TIERS_OF_ONE_MONTH = """
    WITH belongs AS (
        SELECT DISTINCT ON (customer_id) {month} AS month, customer_id, tier_id
        FROM {memberships} WHERE starts_on <= DATE '{day}'
        ORDER BY customer_id, starts_on DESC
    )
"""

# The tier of a fact ``f`` on the last day of its month in ``months``, from the index of memberships.
_LOOKED_UP = """(SELECT m.tier_id FROM {memberships} m
    WHERE m.customer_id = f.customer_id AND m.starts_on <= months.last_day
    ORDER BY m.starts_on DESC LIMIT 1)"""
# The table of memberships; a pro forma reading has one of its own with the same columns.
MEMBERSHIPS = "customers_tiermembership"
_TIER_JOINED = """LEFT JOIN spans ON spans.customer_id = f.customer_id AND spans.starts_on <= months.last_day
    AND (spans.next_on IS NULL OR spans.next_on > months.last_day)"""

_FOR_MANY_ROWS = """
    SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0
"""

Groups = dict[tuple[int, int], Components]


def computed_columns() -> tuple[int, int]:
    """The ids of the columns ``untiered`` and ``all``."""
    found = dict(Tier.objects.exclude(scope=TierScope.TIER).values_list("scope", "pk"))
    return found[TierScope.UNTIERED], found[TierScope.ALL]


def tier_map_sql(months: Iterable[Month], memberships: str = MEMBERSHIPS) -> str:
    """Common tables: ``months (month, last_day)``; ``spans (customer_id, tier_id, starts_on, next_on)``, each
    membership with the day on which the next one begins; and of both ``belongs (month, customer_id, tier_id)``,
    each customer's tier on the last day of each month. Customers without a tier that day are absent, or there
    without one.
    """
    values = ", ".join(f"({month}, {day_sql(last_day(month))})" for month in months)
    return _TIER_OF_MONTH.format(months=values, memberships=memberships)


def day_sql(day: date) -> str:
    """A day in the database's own SQL."""
    return f"{'DATE ' if connection.vendor == 'postgresql' else ''}'{day.isoformat()}'"


def tier_of_fact_sql(memberships: str = MEMBERSHIPS) -> tuple[str, str]:
    """The tier of each of many facts ``f`` beside ``months``: an expression, and what has to be joined for it.

    PostgreSQL joins all memberships at once; SQLite, which would look through all of them for each fact, takes
    their index.
    """
    if connection.vendor == "postgresql":
        return "spans.tier_id", _TIER_JOINED
    return _LOOKED_UP.format(memberships=memberships), ""


def tiers_of_month_sql(month: Month, memberships: str = MEMBERSHIPS) -> str:
    """``belongs`` for one month."""
    if connection.vendor != "postgresql":
        return tier_map_sql([month], memberships)
    return _TIERS_OF_ONE_MONTH.format(month=month, day=last_day(month).isoformat(), memberships=memberships)


@contextmanager
def planned_for_many_rows() -> Iterator[CursorWrapper]:
    """A cursor for a query over many facts.

    PostgreSQL is told to hash rather than to loop, for on tables that it has not analysed yet (a
    first load) it expects a handful of rows; and to do it in memory. It is kept from spreading one
    query over several processes: each would sort the whole tier map again, and the workers share
    the months already. On SQLite there is nothing to tell, and a transaction would keep writers waiting.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_FOR_MANY_ROWS)
        yield cursor


def sum_sql(column: str) -> str:
    """Columns that add up a bigint column exactly: one on PostgreSQL, two halves on SQLite."""
    if connection.vendor == "postgresql":
        return f"COALESCE(SUM({column}), 0), 0"
    return f"COALESCE(SUM({column} / {_HALF}), 0), COALESCE(SUM({column} % {_HALF}), 0)"


def join_sum(first: int, second: int) -> int:
    """The sum from the two columns of ``sum_sql``."""
    return int(first) if connection.vendor == "postgresql" else int(first) * _HALF + int(second)


def listed(numbers: Iterable[int]) -> str:
    """Whole numbers for an IN list; int() keeps anything else out of the SQL."""
    return ", ".join(str(int(number)) for number in numbers)
