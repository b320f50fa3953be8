"""The last thing that changed of a customer, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from accounts.reading.last_changes import LastChange, last_entry
from customers.models import Customer, LifecycleEvent, TierMembership

_THINGS = {
    "customers.customer": "The customer",
    "customers.tiermembership": "A tier",
    "customers.lifecycleevent": "An event",
}


def last_change(
    row: Customer, memberships: Iterable[TierMembership], events: Iterable[LifecycleEvent]
) -> LastChange | None:
    """The latest entry of it, its tiers and its events; None where there is none. One query."""
    about = Q(object_type="customers.customer", object_id=str(row.pk))
    about |= Q(object_type="customers.tiermembership", object_id__in=[str(one.pk) for one in memberships])
    about |= Q(object_type="customers.lifecycleevent", object_id__in=[str(one.pk) for one in events])
    return last_entry(about, _THINGS)
