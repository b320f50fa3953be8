"""The lives of customers: joined, then left and returned in turn, at most once a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby, islice

from customers.choices import LifecycleKind
from customers.models import LifecycleEvent

Life = Iterable[tuple[date, str]]

_CHUNK = 1_000
_AFTER: dict[str | None, frozenset[str]] = {
    None: frozenset({LifecycleKind.JOINED.value}),
    LifecycleKind.JOINED.value: frozenset({LifecycleKind.LEFT.value}),
    LifecycleKind.LEFT.value: frozenset({LifecycleKind.RETURNED.value}),
    LifecycleKind.RETURNED.value: frozenset({LifecycleKind.LEFT.value}),
}


def first_illegal(life: Life) -> tuple[date, str, str] | None:
    """Of a customer's events in their order the first that cannot follow the one before: day, kind and why."""
    previous = None
    for on, kind in life:
        if kind not in _AFTER[previous]:
            after = f"after “{previous}”" if previous else "as the first event"
            return on, kind, f"“{kind}” cannot stand {after}; legal are joined, then left and returned in turn"
        previous = kind
    return None


def illegal_events(customers: Iterable[str]) -> Iterator[tuple[str, date, str, str]]:
    """Of each of these customers as they are stored the first event that cannot follow, with the reason."""
    names = iter(sorted(customers))
    while chunk := list(islice(names, _CHUNK)):
        events = (
            LifecycleEvent.objects.filter(customer__external_id__in=chunk)
            .order_by("customer__external_id", "on")
            .values_list("customer__external_id", "on", "kind")
        )
        for customer, life in groupby(events, key=lambda event: event[0]):
            if found := first_illegal((on, kind) for _, on, kind in life):
                yield customer, *found
