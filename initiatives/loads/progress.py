"""Milestones and status updates as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import F, Min

from accounts.company import today
from accounts.loads import Change, LoadJob, Refusal, RowKind
from accounts.loads.people import PERSON
from accounts.loads.taking import Key
from accounts.models import Load, User
from accounts.rights import Right
from core.loading import Column, Record, Reference
from core.loading.columns import DAY, EMAIL, CellType, Percent, choice_type, code_in, key_in, text_type, whole_type
from core.loading.rows import Row
from initiatives.choices import LONGEST_NOTE, Health, Stage, Tracked
from initiatives.loads.tracking import track_changes
from initiatives.loads.undoing import not_yours, refuse_children, refuse_touched
from initiatives.models import Initiative, Milestone, StatusUpdate, TrackedChange
from initiatives.rules.milestone import done_problems, title_problems
from initiatives.rules.status_updates import NOT_THEIRS, PROGRESS, others_word_refusal, own_word_refusal

INITIATIVE = Reference(Initiative, "code", "initiative")


class Milestones(RowKind[dict[Key, date]]):
    """The steps of initiatives. One that was dropped is in no file."""

    name = "milestones"
    title = "Milestones"
    model = Milestone
    bulk_rights = (Right.EDIT_INITIATIVES, Right.EDIT_OWN_INITIATIVES)
    columns = (
        Column("initiative", code_in(Initiative), key=True, reference=INITIATIVE),
        Column("title", key_in(Milestone, "title"), key=True),
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

    def prepare(self, job: LoadJob, rows: list[Row]) -> dict[Key, date]:
        """When the milestones of a batch that were dropped were."""
        dropped = Milestone.objects.filter(
            initiative__code__in={row.key[0] for row in rows}, dropped_on__isnull=False
        ).values_list("initiative__code", "title", "dropped_on")
        return {(code, title): day for code, title, day in dropped if day}

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """What was dropped does not come back by a file, and what is done was done on a day that has been."""
        done, was = (_day(record.get("done_on", "")) for record in (row.record, before or {}))
        job.refuse_all(row, title_problems(row.key[1], dropped_on=self.held(job).get(row.key)))
        job.refuse_all(row, done_problems(done, was, job.today))

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Steps of others' initiatives."""
        return not_yours(by, changes)

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Rows, and what changed of those that were there before."""
        super().write(changes, stored, job)
        if job:
            columns = {"due": Tracked.DUE, "done_on": Tracked.DONE_ON}
            track_changes(job, changes, columns, lambda change: _owner(stored[change.key]))

    def refuse_changed_by_hand(self, load: Load, changes: list[Change], stored: dict[Key, Any]) -> None:
        """Also what a file does not hold."""
        super().refuse_changed_by_hand(load, changes, stored)
        refuse_touched(load, stored.values())

    def undo(self, load: Load, by: User | None) -> None:
        """With what it changed by the day."""
        super().undo(load, by)
        TrackedChange.objects.filter(load=load).delete()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _owner(milestone: Milestone) -> dict[str, Any]:
    return {"initiative_id": milestone.initiative_id, "milestone_id": milestone.pk}


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Of the initiatives of a batch: their stages, and the day of the first word that its author gave."""

    today: date
    stages: dict[str, str]
    first: dict[str, date]

    @classmethod
    def read(cls, codes: set[str]) -> _Spoken:
        stages = Initiative.objects.filter(code__in=codes).values_list("code", "stage")
        words = StatusUpdate.objects.spoken().filter(initiative__code__in=codes).order_by()
        return cls(today(), dict(stages), dict(words.values_list("initiative__code").annotate(first=Min("on"))))


class StatusUpdates(RowKind[_Spoken]):
    """What owners said on which day. ``load``, in no file, is the load whose word it is."""

    name = "status_updates"
    title = "Status updates"
    model = StatusUpdate
    bulk_rights = (Right.EDIT_INITIATIVES, Right.EDIT_OWN_INITIATIVES)
    columns = (
        Column("initiative", code_in(Initiative), key=True, reference=INITIATIVE),
        Column("on", DAY, key=True),
        Column("health", choice_type(Health)),
        Column("progress", whole_type(*PROGRESS), percent=Percent.TAKEN),
        Column("note", text_type(LONGEST_NOTE), optional=True),
        Column("author", EMAIL, reference=PERSON),
        Column("load", CellType(str, int), null=True, hidden=True, field="load_id"),
    )

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Spoken:
        """Who spoke when of the initiatives of a batch."""
        return _Spoken.read({row.key[0] for row in rows})

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """A word of one's own as by page; one in another's name by file alone, of days before today, and before the
        owner spoke.
        """
        if before and all(before[name] == value for name, value in row.record.items()):
            return
        spoken, on = self.held(job), date.fromisoformat(row.record["on"])
        if job.by and row.record["author"] == job.by.email:
            refusal = own_word_refusal(Stage(spoken.stages[row.key[0]]), on, spoken.today)
        elif job.by_call:
            job.refuse(row, "author", NOT_THEIRS)
            return
        else:
            refusal = others_word_refusal(on, spoken.today, spoken.first.get(row.key[0]))
        if refusal:
            job.refuse(row, "on", refusal)

    def changes(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Change]:
        """Rows that differ are this load's word from now on."""
        changes = super().changes(job, rows, before)
        return [replace(change, after={**(change.after or {}), "load": str(job.load.pk)}) for change in changes]

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Words on others' initiatives."""
        return not_yours(by, changes)

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Rows; a form that shows one which changed notices it."""
        super().write(changes, stored, job)
        changed = [stored[change.key].pk for change in changes if change.before and change.after]
        StatusUpdate.objects.filter(pk__in=changed).update(revision=F("revision") + 1)

    def refuse_changed_by_hand(self, load: Load, changes: list[Change], stored: dict[Key, Any]) -> None:
        """Also what a file does not hold."""
        super().refuse_changed_by_hand(load, changes, stored)
        refuse_touched(load, stored.values())

    def delete(self, objects: list[Any]) -> None:
        """Not where somebody answered."""
        refuse_children(objects, ("responses",))
        super().delete(objects)
