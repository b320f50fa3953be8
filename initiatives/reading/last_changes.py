"""The last thing that changed an initiative, in words."""

from __future__ import annotations

from django.db.models import Q

from accounts.reading.last_changes import LastChange, last_entry
from core.formatting import day_name
from initiatives.models import Initiative

_THINGS = {
    "initiatives.initiative": "The initiative",
    "initiatives.milestone": "A milestone",
    "initiatives.statusupdate": "A status update",
}


def last_change(row: Initiative) -> LastChange | None:
    """The latest entry of it, its milestones and its updates, or the latest update, of which an older record may have
    no entry; None where there is none. Four queries.
    """
    about = Q(object_type="initiatives.initiative", object_id=str(row.pk))
    for name, rows in (("milestone", row.milestones), ("statusupdate", row.updates)):
        pks = [str(pk) for pk in rows.order_by("-pk").values_list("pk", flat=True)[:200]]
        about |= Q(object_type=f"initiatives.{name}", object_id__in=pks)
    found = last_entry(about, _THINGS)
    said = row.updates.select_related("author").order_by("-at").first()
    if said is None or (found is not None and found.at >= said.at):
        return found
    return LastChange(said.at, f"A status update: given by {said.author}, {day_name(said.on)}.")
