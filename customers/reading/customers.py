"""Customers as they stand on a day: their tier, whether they are on the book, and what there is of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from core.formatting import counted
from core.records import customer_parts
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.growth import ON_THE_BOOK


@dataclass(frozen=True, slots=True)
class Standing:
    """How a customer stands at the end of a day. ``tier`` is None for none; ``event`` is the last one, None without."""

    tier: Tier | None = None
    event: LifecycleEvent | None = None

    @property
    def on_the_book(self) -> bool:
        """Whether the last event was joined or returned."""
        return self.event is not None and self.event.kind in ON_THE_BOOK


@dataclass(frozen=True, slots=True)
class Use:
    """How much there is of a customer: ``3 initiatives``."""

    count: int
    noun: str

    @property
    def words(self) -> str:
        """``3 initiatives``."""
        return counted(self.count, self.noun)


def standings_of(customers: Collection[int], day: date) -> dict[int, Standing]:
    """How these customers, by id, stand at the end of a day: two queries, however many. Each is there."""
    tiers: dict[int, Tier | None] = {}
    rows = TierMembership.objects.filter(customer__in=customers, starts_on__lte=day).select_related("tier")
    for row in rows.order_by("starts_on"):
        tiers[row.customer_id] = row.tier
    last: dict[int, LifecycleEvent] = {}
    for event in LifecycleEvent.objects.filter(customer__in=customers, on__lte=day).order_by("on"):
        last[event.customer_id] = event
    return {one: Standing(tiers.get(one), last.get(one)) for one in customers}


def uses_of(customer: Customer) -> list[Use]:
    """What there is of a customer, part by part; empty where it could go without a trace."""
    found = (Use(part.count(customer), part.noun) for part in customer_parts())
    return [use for use in found if use.count]
