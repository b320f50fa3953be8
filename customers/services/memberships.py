"""Moves of many customers at once: written and taken back by the database, in as many statements for one as for all.

What a load of the same rows would write is written: the memberships, what was replaced (``LoadChange``), and the marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.loads.taking import UndoRefused
from accounts.models import Load
from core.loading import Counts
from core.staging import fill
from customers.services.touches import touch_staged

_OBJECT = {"postgresql": "jsonb_build_object", "sqlite": "json_object"}
_TEXT = {"postgresql": "({column} ->> '{name}')", "sqlite": "json_extract({column}, '$.{name}')"}
_DAY = {"postgresql": "CAST({text} AS date)", "sqlite": "{text}"}

_MOVING = """
    CREATE TEMPORARY TABLE customers_moved (customer_id bigint, tier_id bigint, starts_on date DEFAULT '{day}')
"""
_LEAVE_ALONE = """
    DELETE FROM customers_moved WHERE EXISTS (
        SELECT 1 FROM customers_tiermembership m
        WHERE m.customer_id = customers_moved.customer_id AND m.starts_on = %(day)s
          AND m.tier_id = customers_moved.tier_id)
"""
_KEPT = """
    INSERT INTO accounts_loadchange (load_id, kind, "key", change, before, after)
    SELECT %(load)s, 'tier_memberships', c.external_id || ' | ' || %(text)s,
           CASE WHEN m.id IS NULL THEN 'created' ELSE 'updated' END,
           CASE WHEN m.id IS NOT NULL THEN
               {object}('customer', c.external_id, 'starts_on', %(text)s, 'tier', COALESCE(was.code, '')) END,
           {object}('customer', c.external_id, 'starts_on', %(text)s, 'tier', t.code)
    FROM customers_moved n
    JOIN customers_customer c ON c.id = n.customer_id
    JOIN customers_tier t ON t.id = n.tier_id
    LEFT JOIN customers_tiermembership m ON m.customer_id = n.customer_id AND m.starts_on = %(day)s
    LEFT JOIN customers_tier was ON was.id = m.tier_id
    ORDER BY c.external_id
"""
_CHANGE = """
    UPDATE customers_tiermembership AS m SET tier_id = n.tier_id FROM customers_moved n
    WHERE n.customer_id = m.customer_id AND m.starts_on = %(day)s
"""
_CREATE = """
    INSERT INTO customers_tiermembership (customer_id, starts_on, tier_id)
    SELECT n.customer_id, %(day)s, n.tier_id FROM customers_moved n
    WHERE NOT EXISTS (SELECT 1 FROM customers_tiermembership m
                      WHERE m.customer_id = n.customer_id AND m.starts_on = %(day)s)
    ORDER BY n.customer_id
"""
# Each row that a load wrote beside what is stored now, and what it said before.
_WRITTEN = """
    CREATE TEMPORARY TABLE customers_moved AS
    SELECT l.id, l."key", l.change, c.id AS customer_id, {day} AS starts_on, m.id AS membership_id,
           was.id AS tier_id,
           CASE WHEN m.id IS NULL OR COALESCE(t.code, '') <> {tier} THEN 1 ELSE 0 END AS differs,
           CASE WHEN COALESCE({tier_before}, '') <> '' AND was.id IS NULL THEN 1 ELSE 0 END AS lost
    FROM accounts_loadchange l
    LEFT JOIN customers_customer c ON c.external_id = {customer}
    LEFT JOIN customers_tiermembership m ON m.customer_id = c.id AND m.starts_on = {day}
    LEFT JOIN customers_tier t ON t.id = m.tier_id
    LEFT JOIN customers_tier was ON was.code = {tier_before}
    WHERE l.load_id = %s
"""
_CHANGED_SINCE = 'SELECT "key" FROM customers_moved WHERE differs = 1 ORDER BY id DESC LIMIT 1'
_LOST = 'SELECT "key" FROM customers_moved WHERE lost = 1 ORDER BY id DESC LIMIT 1'
_DELETE_BACK = """
    DELETE FROM customers_tiermembership
    WHERE id IN (SELECT membership_id FROM customers_moved WHERE change = 'created')
"""
_CHANGE_BACK = """
    UPDATE customers_tiermembership AS m SET tier_id = n.tier_id FROM customers_moved n
    WHERE n.membership_id = m.id AND n.change = 'updated'
"""


def move_customers(*, load: Load, moves: Iterable[tuple[int, int]], day: date) -> Counts:
    """Have customers (by id) in tiers (by id) from a day on, as rows of a load; what was said of that very day is
    replaced. Each customer is named once. Call it in the transaction of the load; answers what became of the rows.
    """
    values: dict[str, Any] = {"load": load.pk, "day": day, "text": day.isoformat()}
    with _staged(_MOVING.format(day=day)) as cursor:
        read = fill(cursor, "customers_moved", ("customer_id", "tier_id"), moves)
        _settle(cursor)
        cursor.execute(_LEAVE_ALONE, values)
        unchanged = cursor.rowcount
        cursor.execute(_KEPT.format(object=_OBJECT[connection.vendor]), values)
        cursor.execute(_CHANGE, values)
        updated = cursor.rowcount
        cursor.execute(_CREATE, values)
        touch_staged("customers_moved")
    return Counts(read=read, created=read - updated - unchanged, updated=updated, unchanged=unchanged)


def move_back(*, load: Load) -> None:
    """Return each membership that a load wrote to what it was before, and mark its months. Call it in a transaction.

    Raises UndoRefused where one was changed since, or where the tier that it said before is gone.
    """
    with _staged(_written(), [load.pk]) as cursor:
        _settle(cursor)
        refused = f"Load {load.pk} cannot be taken back"
        if name := _first(cursor, _CHANGED_SINCE):
            raise UndoRefused(f"{refused}: {name} has been changed since by hand. Nothing was changed")
        if name := _first(cursor, _LOST):
            raise UndoRefused(f"{refused}: the tier that {name} replaced is gone. Nothing was changed")
        cursor.execute(_DELETE_BACK)
        cursor.execute(_CHANGE_BACK)
        touch_staged("customers_moved")


@contextmanager
def _staged(create: str, params: Iterable[Any] = ()) -> Iterator[CursorWrapper]:
    """The temporary table of what is moved, gone afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS customers_moved")
        cursor.execute(create, list(params))
        yield cursor
        cursor.execute("DROP TABLE customers_moved")


def _settle(cursor: CursorWrapper) -> None:
    """What the planner has to know of a table that was filled just now."""
    cursor.execute("CREATE INDEX customers_moved_key ON customers_moved (customer_id)")
    cursor.execute("ANALYZE customers_moved")


def _written() -> str:
    """The statement that looks at what a load wrote, as this database reads JSON."""

    def text(column: str, name: str) -> str:
        return _TEXT[connection.vendor].format(column=f"l.{column}", name=name)

    return _WRITTEN.format(
        customer=text("after", "customer"),
        day=_DAY[connection.vendor].format(text=text("after", "starts_on")),
        tier=text("after", "tier"),
        tier_before=text("before", "tier"),
    )


def _first(cursor: CursorWrapper, query: str) -> str:
    """The first text that a query finds; empty where it finds nothing."""
    cursor.execute(query)
    found = cursor.fetchone()
    return str(found[0]) if found else ""
