"""The last changes of a customer, in words: entries of the audit, and the load that brought it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localtime

from accounts.choices import LoadState
from accounts.models import LoadChange
from accounts.reading.last_changes import LastChange, last_entries, newest
from core.formatting import day_name
from customers.models import Customer, LifecycleEvent, TierMembership

_THINGS = {
    "customers.customer": "The customer",
    "customers.tiermembership": "A tier",
    "customers.lifecycleevent": "An event",
    "kpis.customermerge": "A merge",
}
_LOADED = {"customers": "The customer", "tier_memberships": "A tier", "lifecycle_events": "An event"}


def last_changes(
    row: Customer,
    memberships: Sequence[TierMembership],
    events: Sequence[LifecycleEvent],
    merges: Iterable[int] = (),
) -> list[LastChange]:
    """The latest of it, its tiers, its events and its merges, by id, and the latest load; the latest first, empty
    where nothing is known. Two queries.
    """
    about = Q(object_type="customers.customer", object_id=str(row.pk))
    about |= Q(object_type="customers.tiermembership", object_id__in=[str(one.pk) for one in memberships])
    about |= Q(object_type="customers.lifecycleevent", object_id__in=[str(one.pk) for one in events])
    about |= Q(object_type="kpis.customermerge", object_id__in=[str(pk) for pk in merges])
    days = [*(one.starts_on for one in memberships), *(one.on for one in events)]
    keys = [row.external_id, *(f"{row.external_id} | {day}" for day in days)]
    load = _last_load(keys)
    return newest([*last_entries(about, _THINGS), *([load] if load else [])])


def _last_load(keys: Iterable[str]) -> LastChange | None:
    """The latest load, still applied, that brought any of these rows."""
    rows = LoadChange.objects.filter(kind__in=_LOADED, key__in=list(keys), load__state=LoadState.APPLIED)
    row = rows.select_related("load__by").order_by("-load_id", "kind").first()
    if row is None:
        return None
    by = f", {row.load.by}" if row.load.by else ""
    text = f"{_LOADED[row.kind]} came with {row.load.source}{by}, {day_name(localtime(row.load.at).date())}."
    return LastChange(row.load.at, text, reverse("import", args=[row.load_id]))
