"""The last changes of a customer, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from accounts.reading.last_changes import LastChange, last_entries
from customers.models import Customer, LifecycleEvent, TierMembership

_THINGS = {
    "customers.customer": "The customer",
    "customers.tiermembership": "A tier",
    "customers.lifecycleevent": "An event",
}


def last_changes(
    row: Customer, memberships: Iterable[TierMembership], events: Iterable[LifecycleEvent]
) -> list[LastChange]:
    """The latest entries of it, its tiers and its events; none where there are none. One query."""
    about = Q(object_type="customers.customer", object_id=str(row.pk))
    about |= Q(object_type="customers.tiermembership", object_id__in=[str(one.pk) for one in memberships])
    about |= Q(object_type="customers.lifecycleevent", object_id__in=[str(one.pk) for one in events])
    return last_entries(about, _THINGS)
