"""The last things that changed an initiative, in words."""

from __future__ import annotations

from django.db.models import Q

from accounts.reading.last_changes import LastChange, last_entries, newest
from core.formatting import day_name
from initiatives.models import Initiative

_THINGS = {
    "initiatives.initiative": "The initiative",
    "initiatives.milestone": "A milestone",
    "initiatives.statusupdate": "A status update",
}


def last_changes(row: Initiative) -> list[LastChange]:
    """The latest entries of it, its milestones and its updates, and the latest update, of which an older record may
    have no entry; the latest first, empty where there is none. Four queries.
    """
    about = Q(object_type="initiatives.initiative", object_id=str(row.pk))
    for name, rows in (("milestone", row.milestones), ("statusupdate", row.updates)):
        pks = [str(pk) for pk in rows.order_by("-pk").values_list("pk", flat=True)[:200]]
        about |= Q(object_type=f"initiatives.{name}", object_id__in=pks)
    found = last_entries(about, _THINGS)
    said = row.updates.select_related("author").order_by("-at").first()
    if said is None or (found and found[0].at >= said.at):
        return found
    return newest([LastChange(said.at, f"A status update: given by {said.author}, {day_name(said.on)}."), *found])
