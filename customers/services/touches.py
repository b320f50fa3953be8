"""The marks that moves of customers leave for the rollup."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import connection

from core.periods import Month, month_of, shift
from customers.models import TierMembership, TierTouch

Span = tuple[Month, Month | None]

# Earlier than any fact: the tables keep months from the year 1000 on.
FIRST_MONTH = Month(100001)

# The first days of a table's memberships, each with that of the customer's next one.
_FOLLOWING = """
    SELECT DISTINCT n.starts_on, (SELECT MIN(m.starts_on) FROM customers_tiermembership m
                                  WHERE m.customer_id = n.customer_id AND m.starts_on > n.starts_on)
    FROM {table} n
"""


def touch_months(spans: Iterable[Span]) -> None:
    """Mark spans of months whose tier map changed, in as few marks as say the same.

    A span without an end holds until further notice. Call it in the transaction that moves.
    """
    TierTouch.objects.bulk_create([TierTouch(first_month=first, last_month=last) for first, last in merged(spans)])


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same months in disjoint spans that do not adjoin, in order."""
    joined: list[Span] = []
    for first, last in sorted(set(spans), key=lambda span: span[0]):
        if joined and _reaches(joined[-1][1], first):
            start, end = joined[-1]
            joined[-1] = (start, None if end is None or last is None else max(end, last))
        else:
            joined.append((first, last))
    return joined


def _reaches(end: Month | None, first: Month) -> bool:
    return end is None or first <= shift(end, 1)


def touch_moves(moves: Iterable[tuple[int, date]]) -> None:
    """Mark the months that memberships (customer id, first day) stand for, as memberships now are.

    A membership stands from the month of its first day up to the month before the next one's: the
    tier of a month is that of its last day.
    """
    moves = list(moves)
    starts: dict[int, list[date]] = defaultdict(list)
    rows = TierMembership.objects.filter(customer_id__in={customer for customer, _ in moves})
    for customer, day in rows.order_by("starts_on").values_list("customer_id", "starts_on"):
        starts[customer].append(day)
    following = ((day, starts[customer][bisect_right(starts[customer], day) :]) for customer, day in moves)
    _touch_spans((day, after[0] if after else None) for day, after in following)


def touch_staged(table: str) -> None:
    """The same of all customers and first days of a table, such as a temporary one: the database looks them up."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWING.format(table=table))
        found = cursor.fetchall()
    _touch_spans((_as_day(day), _as_day(after) if after else None) for day, after in found)


def _touch_spans(moves: Iterable[tuple[date, date | None]]) -> None:
    """Mark memberships by their first day and that of the next one."""
    touch_months(span for day, following in moves if (span := _span(day, following)) is not None)


def _span(day: date, following: date | None) -> Span | None:
    """The months of the membership that begins that day; None where the next begins in the same month."""
    first = month_of(day)
    last = shift(month_of(following), -1) if following else None
    return None if last is not None and last < first else (first, last)


def _as_day(found: date | str) -> date:
    """A day as the database gives it: SQLite as text."""
    return found if isinstance(found, date) else date.fromisoformat(found)
