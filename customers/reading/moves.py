"""What memberships that were written move: which customers, in which months, from which tier to which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise

from core.periods import Month, month_of, shift
from core.registry import Move, effects_of_moves
from customers.models import TierMembership

# A membership by its customer and first day, with the tier that it said before; ABSENT where it was not there.
ABSENT = -1
Before = Mapping[tuple[int, date], int | None]
_LAST = Month(999912)
_CHUNK = 500


def effects_of(old: TierMembership | None, new: TierMembership | None, today: date) -> list[str]:
    """How many ended periods and cells a membership moves that was written, as sentences; ``old`` is how it stood.

    Empty where no ended period is touched.
    """
    rows = [row for row in (old, new) if row is not None]
    before: dict[tuple[int, date], int | None] = {(row.customer_id, row.starts_on): ABSENT for row in rows}
    if old is not None:
        before[old.customer_id, old.starts_on] = old.tier_id
    return [f"{words}." for words in effects_of_moves(moves_since(before), today)]


def moves_since(before: Before) -> Iterator[Move]:
    """The months in which customers count in another tier than before these memberships were written."""
    changed: dict[int, dict[date, int | None]] = defaultdict(dict)
    for (customer, day), tier in before.items():
        changed[customer][day] = tier
    ids = sorted(changed)
    for place in range(0, len(ids), _CHUNK):
        now = _memberships(ids[place : place + _CHUNK])
        for customer in ids[place : place + _CHUNK]:
            yield from moves_between(customer, now[customer] | changed[customer], now[customer])


def moves_if(customer: int, day: date, tier: int | None) -> list[Move]:
    """The months in which a customer would count in another tier if it were in that one (None: none) from a day on."""
    now = _memberships([customer])[customer]
    return list(moves_between(customer, now, now | {day: tier}))


def moves_without(row: TierMembership) -> list[Move]:
    """The months in which a customer would count in another tier if this membership had never been."""
    now = _memberships([row.customer_id])[row.customer_id]
    return list(moves_between(row.customer_id, now, now | {row.starts_on: ABSENT}))


def _memberships(customers: Iterable[int]) -> dict[int, dict[date, int | None]]:
    """The memberships of some customers as they are now, by their first day."""
    found: dict[int, dict[date, int | None]] = defaultdict(dict)
    rows = TierMembership.objects.filter(customer__in=list(customers)).order_by()
    for customer, day, tier in rows.values_list("customer_id", "starts_on", "tier_id"):
        found[customer][day] = tier
    return found


def moves_between(customer: int, then: Mapping[date, int | None], now: Mapping[date, int | None]) -> Iterator[Move]:
    """Where two lives of a customer differ, month by month."""
    old, new = _by_month(then), _by_month(now)
    steps = sorted({*old, *new})
    was: int | None = None
    is_now: int | None = None
    for first, following in pairwise([*steps, _LAST]):
        was, is_now = old.get(first, was), new.get(first, is_now)
        if was != is_now:
            yield Move(customer, first, shift(following, -1), was, is_now)


def _by_month(life: Mapping[date, int | None]) -> dict[Month, int | None]:
    """From which month on a customer is in which tier: that of the month's last day."""
    return {month_of(day): life[day] for day in sorted(life) if life[day] != ABSENT}
