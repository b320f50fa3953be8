"""Whether growth adds up in every month and tier: opening + in − out = closing.

For one customer and month both sides differ by its events alone: a move goes out of one tier and into another, and
every event counts in the tier of the month's last day, where the customer then is. So the identity holds for a
month and tier just where each event turns the state that it finds: who comes was off the book, who goes was on it.
That is one look at the events in their order, whatever the database knows of its tables.
``tests/customers/recount.py`` recounts both sides in full, and agrees.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from django.db import connection

from core.formatting import counted, month_name
from core.periods import Month, last_day, month_of
from customers.choices import LifecycleKind, TierScope
from customers.models import GrowthBreach, Tier, TierMembership

# An event that does not turn the state that it finds; more of them than are looked at say nothing more.
_WRONG = """
    SELECT customer_id, "on", kind FROM (
        SELECT customer_id, "on", kind, LAG(kind) OVER (PARTITION BY customer_id ORDER BY "on") AS was
        FROM customers_lifecycleevent WHERE "on" <= %s
    ) AS life
    WHERE CASE WHEN kind = 'left' THEN was IS NULL OR was = 'left' ELSE was IS NOT NULL AND was <> 'left' END
    ORDER BY "on", customer_id LIMIT 10000
"""


class Breach(NamedTuple):
    """A month and tier (by id; None: untiered) in which what came, went and moved makes so many more (or fewer) than
    the book changes by.
    """

    month: Month
    tier: int | None
    too_many: int


def growth_breaches(today: date) -> list[Breach]:
    """Where opening and flows do not lead to closing, in any month up to today; empty where all hold. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG, [today])
        wrong = [(customer, _day(on), kind) for customer, on, kind in cursor.fetchall()]
    homes = _homes({customer for customer, _, _ in wrong}) if wrong else {}
    found: Counter[tuple[Month, int | None]] = Counter()
    for customer, on, kind in wrong:
        month = month_of(on)
        at = _at(homes.get(customer, ()), min(last_day(month), today))
        found[month, at] += -1 if kind == LifecycleKind.LEFT else 1
    by_time = sorted(found, key=lambda key: (key[0], key[1] or 0))
    return [Breach(month, at, found[month, at]) for month, at in by_time if found[month, at]]


def breaches_in_words(breaches: Iterable[Breach]) -> list[str]:
    """A sentence for each: tier, month and by how many."""
    breaches = list(breaches)
    names: dict[int | None, str] = dict(Tier.objects.values_list("pk", "name")) if breaches else {}
    names[None] = TierScope.UNTIERED.label
    return [
        f"{names[one.tier]}, {month_name(one.month)}: what came, went and moved makes "
        f"{counted(abs(one.too_many), 'customer')} {'more' if one.too_many > 0 else 'fewer'} than the book changes by."
        for one in breaches
    ]


def known_breaches() -> list[str]:
    """What the last check found, a sentence each; empty where growth adds up. One query, two where it doesn't."""
    rows = GrowthBreach.objects.order_by("month", "tier")
    return breaches_in_words(Breach(row.month, row.tier_id, row.too_many) for row in rows)


_Homes = list[tuple[date, int | None]]


def _homes(customers: Collection[int]) -> dict[int, _Homes]:
    """The memberships of these customers, in order."""
    found: dict[int, _Homes] = defaultdict(list)
    rows = TierMembership.objects.filter(customer__in=customers).order_by("starts_on")
    for customer, day, tier in rows.values_list("customer_id", "starts_on", "tier_id"):
        found[customer].append((day, tier))
    return found


def _at(homes: Iterable[tuple[date, int | None]], day: date) -> int | None:
    homes = list(homes)
    place = bisect_right([starts for starts, _ in homes], day)
    return homes[place - 1][1] if place else None


def _day(found: date | str) -> date:
    """SQLite gives a day that plain SQL reads as a text."""
    return date.fromisoformat(found) if isinstance(found, str) else found
