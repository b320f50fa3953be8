"""The marks of events that came or went, from which facts are derived again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from kpis.choices import EventKind
from kpis.models import EVENT_MODELS

# More customers than that, and the month's mark is of everybody: it is quicker derived whole than one by one.
MOST_CUSTOMERS = 1_000

# {among}: a condition over the events ``e``; {month}: that of a day. What an event says of others' months is
# marked with it: a contact counts where its issue is solved, and an issue says whose its contacts are.
_DAYS_OF_CUSTOMER = """
    SELECT '{kind}' AS kind, e.customer_id, {month} AS month FROM {table} e WHERE {day} IS NOT NULL AND {among}"""
_CONTACTS_OF_ISSUES = """
    SELECT 'contacts' AS kind, e.customer_id, {month} AS month
    FROM kpis_issue e JOIN kpis_contact k ON k.issue_id = e.id WHERE {among}"""
_DAYS_OF_CONTACTS = """
    SELECT '{kind}' AS kind, i.customer_id, {month} AS month FROM kpis_contact e JOIN kpis_issue i ON i.id = e.issue_id
    WHERE {day} IS NOT NULL AND {among}"""
# {found}: kinds, customers and months. Parameters: of these, then twice the moment and MOST_CUSTOMERS
_MARK = """
    WITH found AS (SELECT DISTINCT kind, customer_id, month FROM ({found}) AS every),
         counted AS (SELECT kind, month, count(*) AS customers FROM found GROUP BY kind, month)
    INSERT INTO kpis_eventtouch (kind, customer_id, month, created_at)
    SELECT f.kind, f.customer_id, f.month, %s FROM found f JOIN counted c ON c.kind = f.kind AND c.month = f.month
    WHERE c.customers <= %s
    UNION ALL SELECT kind, NULL, month, %s FROM counted WHERE customers > %s"""


def touch_events(kind: EventKind, among: str, params: Sequence[Any] = ()) -> None:
    """Mark the months of the events of a kind that a condition over ``e`` finds, as they are now.

    Call it in the transaction that changes them, before and after the change: an event that comes has no before, one
    that goes no after. ``among`` is a constant of the code, its values are ``params``.
    """
    queries = list(_queries(kind, among))
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK.format(found=" UNION ALL ".join(queries)),
            [*list(params) * len(queries), now, MOST_CUSTOMERS, now, MOST_CUSTOMERS],
        )


def _queries(kind: EventKind, among: str) -> Iterator[str]:
    if kind == EventKind.CONTACTS:
        for of, day in ((EventKind.CONTACTS, 'e."on"'), (EventKind.ISSUES, "i.solved_on")):
            yield _DAYS_OF_CONTACTS.format(kind=of.value, day=day, month=month_in_sql(day), among=among)
        return
    model = EVENT_MODELS[kind]
    for day in (f'e."{name}"' for name in model.days):
        table = model._meta.db_table
        yield _DAYS_OF_CUSTOMER.format(kind=kind.value, table=table, day=day, month=month_in_sql(day), among=among)
    if kind == EventKind.ISSUES:
        yield _CONTACTS_OF_ISSUES.format(month=month_in_sql('k."on"'), among=among)


def month_in_sql(day: str) -> str:
    """The month of a day, as the columns of months keep it."""
    if connection.vendor == "postgresql":
        return f"(extract(year FROM {day}) * 100 + extract(month FROM {day}))::integer"
    return f"CAST(substr({day}, 1, 4) || substr({day}, 6, 2) AS integer)"
