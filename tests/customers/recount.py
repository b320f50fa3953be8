"""The whole identity of growth recounted: the book's changes from states alone, beside those of the flows' queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby, pairwise
from typing import Any

from core.periods import Month, month_of, months_between
from customers.models import LifecycleEvent, TierMembership
from customers.reading.growth import ON_THE_BOOK, SIGNS, Flows, count_events, count_moves

_AT_ONCE = 12
_OFF = -1  # not on the book; an id of no tier

# How many more are in a tier (None: untiered) at the end of a month than of the one before.
Steps = Counter[tuple[Month, int | None]]


def breaches(today: date) -> dict[tuple[Month, int | None], int]:
    """By month and tier, how many more the flows make than the book changes by."""
    first = LifecycleEvent.objects.order_by("on").values_list("on", flat=True).first()
    if first is None or first > today:
        return {}
    book, flows = steps_of_the_book(today), _steps_of_flows(months_between(month_of(first), month_of(today)), today)
    return {key: flows[key] - book[key] for key in book.keys() | flows.keys() if book[key] != flows[key]}


def steps_of_the_book(today: date) -> Steps:
    """Counted from states alone: the last event and the last membership up to each month's end (or today)."""
    steps: Steps = Counter()
    tiers = _by_customer(TierMembership, "starts_on", "tier_id", today)
    homes: tuple[int, Mapping[Month, Any]] = (_OFF, {})
    for customer, kinds in _by_customer(LifecycleEvent, "on", "kind", today):
        while homes[0] < customer:
            homes = next(tiers, (1 << 63, {}))
        _step(steps, kinds, homes[1] if homes[0] == customer else {})
    return steps


def _step(steps: Steps, kinds: Mapping[Month, str], tiers: Mapping[Month, int | None]) -> None:
    """Add one customer's way through the tiers, in which it counts while it is on the book."""
    way: list[int | None] = [_OFF]
    months = sorted({*kinds, *tiers})
    on, tier = False, None
    for month in months:
        if month in kinds:
            on = kinds[month] in ON_THE_BOOK
        tier = tiers.get(month, tier)
        way.append(tier if on else _OFF)
    for month, (before, after) in zip(months, pairwise(way), strict=True):
        if before != after:
            if before != _OFF:
                steps[month, before] -= 1
            if after != _OFF:
                steps[month, after] += 1


def _by_customer(model: Any, day: str, value: str, today: date) -> Iterator[tuple[int, dict[Month, Any]]]:
    """Of each customer the last value in each month that has any."""
    rows = model.objects.filter(**{f"{day}__lte": today}).order_by("customer_id", day)
    found = rows.values_list("customer_id", day, value).iterator(chunk_size=20_000)
    for customer, own in groupby(found, key=lambda row: row[0]):
        yield customer, {month_of(on): what for _, on, what in own}


def _steps_of_flows(months: tuple[Month, ...], today: date) -> Steps:
    """Counted from events and moves, some months at a time."""
    steps: Steps = Counter()
    for place in range(0, len(months), _AT_ONCE):
        some = months[place : place + _AT_ONCE]
        flows: Flows = count_events(some, today) + count_moves(some, today)
        for (month, at, flow), number in flows.items():
            steps[month, at] += SIGNS[flow] * number
    return steps
