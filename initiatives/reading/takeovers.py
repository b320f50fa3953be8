"""Initiatives that left the pipeline by a file: taken over as they stood, without an approval of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localdate

from accounts.models import Load
from core.formatting import day_name
from initiatives.choices import Quadrant, Stage, Tracked
from initiatives.models import Initiative, TrackedChange
from initiatives.wording import load_words

_TAKEN = frozenset({Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD, Stage.DONE})


@dataclass(frozen=True, slots=True)
class Takeover:
    """By which load, on which day, an initiative was taken over that nobody approved since."""

    load: Load
    on: date

    def words(self, row: Initiative, quadrant: Quadrant | None) -> str:
        """``Taken over by file plan.csv, loaded by Stella on 3 May 2026: it has no approval of its own.``"""
        kind = "is a major bet and " if quadrant == Quadrant.MAJOR_BET else ""
        lacks = "approval"
        if quadrant == Quadrant.RECONSIDER and row.override_by_id is None:
            kind, lacks = "has low impact for its burden and ", "approval and no override"
        return f"Taken over by {load_words(self.load)} on {day_name(self.on)}: it {kind}has no {lacks} of its own."


def takeovers(initiatives: Iterable[Initiative]) -> dict[int, Takeover]:
    """Those that were taken over, by id. What an executive approved since, and candidates, are left out.

    Two queries at most.
    """
    rows = [row for row in initiatives if row.approved_by_id is None and row.stage in _TAKEN]
    if not rows:
        return {}
    left = TrackedChange.objects.filter(
        initiative__in=[row.pk for row in rows], what=Tracked.STAGE, before=Stage.CANDIDATE
    )
    last = {change.initiative_id: change for change in left.select_related("load__by").order_by("on", "pk")}
    created = {row.load_id for row in rows if row.load_id and row.pk not in last}
    loads = Load.objects.select_related("by").in_bulk(created) if created else {}
    found: dict[int, Takeover] = {}
    for row in rows:
        change = last.get(row.pk)
        load = change.load if change else loads.get(row.load_id or 0)
        if load is not None:
            found[row.pk] = Takeover(load, change.on if change else localdate(load.at))
    return found
