"""Milestones and status updates as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F

from accounts.loads import Change, LoadJob, RowKind
from accounts.loads.jobs import Key
from accounts.loads.people import PERSON
from accounts.models import Load, User
from accounts.services import today
from core.loading import Column, Record, Reference
from core.loading.columns import DAY, EMAIL, Percent, choice_type, code_type, key_type, text_type, whole_type
from core.loading.rows import Row
from initiatives.choices import LONGEST_NOTE, Health, Tracked
from initiatives.loads.hands import refuse_children, refuse_touched
from initiatives.loads.tracking import track_changes
from initiatives.models import Initiative, Milestone, StatusUpdate, TrackedChange

INITIATIVE = Reference(Initiative, "code", "initiative")


class Milestones(RowKind):
    """The steps of initiatives. One that was dropped is in no file."""

    name = "milestones"
    title = "Milestones"
    model = Milestone
    columns = (
        Column("initiative", code_type(60), key=True, reference=INITIATIVE),
        Column("title", key_type(200), key=True),
        Column("due", DAY),
        Column("done_on", DAY, optional=True, null=True),
    )

    def export(self) -> Iterator[Record]:
        """Those that count."""
        rows = self.rows().filter(dropped_on=None)
        return (self.record(obj) for obj in rows.iterator(chunk_size=2_000))

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Which load brought it."""
        return {"load": job.load} if job else {}

    def _take(self, job: LoadJob, rows: list[Row]) -> None:
        dropped = Milestone.objects.filter(
            initiative__code__in={row.key[0] for row in rows}, dropped_on__isnull=False
        ).values_list("initiative__code", "title", "dropped_on")
        job.kept = {(code, title): day for code, title, day in dropped}
        super()._take(job, rows)

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """What was dropped does not come back by a file."""
        if day := job.kept.get(row.key):
            job.refuse(row, "title", f"was dropped on {day.isoformat()}; give the new milestone another title")

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Rows, and what changed of those that were there before."""
        super().write(changes, stored, job)
        if job:
            columns = {"due": Tracked.DUE, "done_on": Tracked.DONE_ON}
            track_changes(job, changes, columns, lambda change: _owner(stored[change.key]))

    def _refuse_changed_by_hand(self, load: Load, changes: list[Change], stored: dict[Key, Any]) -> None:
        super()._refuse_changed_by_hand(load, changes, stored)
        refuse_touched(load, stored.values())

    def undo(self, load: Load, by: User | None) -> None:
        """With what it changed by the day."""
        super().undo(load, by)
        TrackedChange.objects.filter(load=load).delete()


def _owner(milestone: Milestone) -> dict[str, Any]:
    return {"initiative_id": milestone.initiative_id, "milestone_id": milestone.pk}


class StatusUpdates(RowKind):
    """What owners said on which day."""

    name = "status_updates"
    title = "Status updates"
    model = StatusUpdate
    columns = (
        Column("initiative", code_type(60), key=True, reference=INITIATIVE),
        Column("on", DAY, key=True),
        Column("health", choice_type(Health)),
        Column("progress", whole_type(0, 100), percent=Percent.TAKEN),
        Column("note", text_type(LONGEST_NOTE), optional=True),
        Column("author", EMAIL, reference=PERSON),
    )

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Which load brought it."""
        return {"load": job.load} if job else {}

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """A day that lies ahead is taken in, and counts from then on."""
        if row.record["on"] > today().isoformat():
            job.warn(row, "on", "lies ahead, and counts from that day on")

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Rows; a form that shows one which changed notices it."""
        super().write(changes, stored, job)
        changed = [stored[change.key].pk for change in changes if change.before and change.after]
        StatusUpdate.objects.filter(pk__in=changed).update(revision=F("revision") + 1)

    def _refuse_changed_by_hand(self, load: Load, changes: list[Change], stored: dict[Key, Any]) -> None:
        super()._refuse_changed_by_hand(load, changes, stored)
        refuse_touched(load, stored.values())

    def _delete(self, objects: list[Any]) -> None:
        refuse_children(objects, ("responses",))
        super()._delete(objects)
