"""What may happen to a customer: joined, then left and returned in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby, islice

from customers.choices import LifecycleKind
from customers.models import LifecycleEvent

_CHUNK = 1_000


def illegal_events(customers: Iterable[str]) -> Iterator[tuple[str, date, str, str]]:
    """Of each of these customers the first event that cannot follow the one before it, with the reason."""
    names = iter(sorted(customers))
    while chunk := list(islice(names, _CHUNK)):
        events = (
            LifecycleEvent.objects.filter(customer__external_id__in=chunk)
            .order_by("customer__external_id", "on")
            .values_list("customer__external_id", "on", "kind")
        )
        for customer, life in groupby(events, key=lambda event: event[0]):
            yield from _first_illegal(customer, [(on, kind) for _, on, kind in life])


def _first_illegal(customer: str, life: list[tuple[date, str]]) -> Iterator[tuple[str, date, str, str]]:
    previous = None
    for on, kind in life:
        if kind not in _AFTER[previous]:
            after = f"after “{previous}”" if previous else "as the first event"
            yield customer, on, kind, f"“{kind}” cannot stand {after}; legal are joined, then left and returned in turn"
            return
        previous = kind


_AFTER: dict[str | None, frozenset[str]] = {
    None: frozenset({LifecycleKind.JOINED.value}),
    LifecycleKind.JOINED.value: frozenset({LifecycleKind.LEFT.value}),
    LifecycleKind.LEFT.value: frozenset({LifecycleKind.RETURNED.value}),
    LifecycleKind.RETURNED.value: frozenset({LifecycleKind.LEFT.value}),
}
