"""Kinds of files whose rows are a model's rows: everything but facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import islice
from typing import Any, ClassVar, Generic, TypeVar, cast

from django.db import models

from accounts.choices import ChangeKind
from accounts.loads.refusing import Refusal, lacking, note_refusals, refuse_undoing
from accounts.loads.taking import Change, Key, LoadJob, UndoRefused
from accounts.loads.undoing import later_load_stands_in_the_way, refuse_use, stored_changes
from accounts.models import Load, LoadChange, User
from accounts.rights import Right
from core.fields import followers
from core.keys import address_problems
from core.loading import Column, Record
from core.loading.rows import Row, read_rows

_UNDO_BATCH = 500
K = TypeVar("K")


class RowKind(Generic[K]):
    """A kind of file over one model, keyed by its key columns.

    A kind says what its columns are and overrides the steps that differ: ``check`` (row errors of
    its own), ``is_blank``, ``touch`` (marks for the rollup), ``finish`` (checks across all rows). What its
    checks look up once for a batch, ``prepare`` reads and ``held`` answers, of the type that it names. Each
    row asks of who loads it what the page of its change asks: ``row_right``, or ``refusals`` where that
    depends on the row.
    Rows pass in batches, so memory holds a batch, and the key of each row.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    model: ClassVar[Any]
    columns: ClassVar[Sequence[Column]]
    row_right: ClassVar[Right]
    load_right: ClassVar[Right] = Right.LOAD
    begins_with: ClassVar[Record] = {}  # cells that a new row of a call may leave out
    touches_cells: ClassVar[bool] = False
    takes_approval: ClassVar[bool] = False
    batch: ClassVar[int | None] = 2_000

    # -- taking in

    def staged(self, job: LoadJob) -> AbstractContextManager[None]:
        """Nothing to prepare before the transaction."""
        return nullcontext()

    def load(self, job: LoadJob) -> None:
        """Take the rows in, batch by batch; notes bad rows and goes on."""
        rows = read_rows(replace(job.table, rows=job.ticking(job.table.rows)), self.columns, job.errors)
        dated = [column for column in self.columns if column.type.day]
        while batch := list(islice(rows, self.batch)):
            whole = [row for row in batch if row.whole]
            for row in whole if dated else ():
                job.warn_of_far_days(row, dated)
            self.take(job, self.completed(job, whole))
            self.unknown(job, [row for row in batch if not row.whole])
        self.finish(job)

    def completed(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """Rows with the cells that every file has: one that lacks some keeps what is stored, a new one must say it."""
        due = [column.name for column in self.columns if not (column.optional or column.hidden)]
        partial = [row for row in rows if not row.record.keys() >= set(due)]
        stored = self.stored({row.key for row in partial}) if partial else {}
        for row in partial:
            kept = self.record(stored[row.key]) if row.key in stored else self.begins_with
            row.record = {**{name: kept[name] for name in due if name in kept}, **row.record}
        lacking = {row.line for row in partial if self._lacks(job, row, due)}
        return [row for row in rows if row.line not in lacking]

    def _lacks(self, job: LoadJob, row: Row, due: Sequence[str]) -> bool:
        """Whether a row lacks what a new one has to say; notes what."""
        missing = [name for name in due if name not in row.record]
        for name in missing:
            job.refuse(row, name, "is missing, and there is no such row yet to keep it of")
        return bool(missing)

    def take(self, job: LoadJob, rows: list[Row]) -> None:
        """Take a batch of whole rows in, but for the bad ones, which are noted."""
        job.kept = self.prepare(job, rows)
        rows = self._without_blank(job, self.readable(job, rows))
        rows = self.known(job, self.once(job, rows))
        stored = self.stored({row.key for row in rows})
        before = {key: self.record(obj) for key, obj in stored.items()}
        rows = self.willing(job, rows, before)
        rows = [row for row in rows if self.passes(job, row, before.get(row.key))]
        changes = self.changes(job, rows, before)
        if job.by is not None:  # the command line is the operator's
            changes = note_refusals(job, changes, self.refusals(job.by, changes))
        self.write(changes, stored, job)
        self.touch(changes)
        self.count(job, changes, len(rows))

    def _without_blank(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        kept = [row for row in rows if not self.is_blank(row.record)]
        job.counts.blank += len(rows) - len(kept)
        return kept

    def once(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """Each key's first row; a later one must say the same."""
        kept = []
        for row in rows:
            digest = hash(tuple(sorted(row.record.items())))
            line, first = job.seen.setdefault(row.key, (row.line, digest))
            if line == row.line:
                kept.append(row)
            elif first == digest:
                job.counts.unchanged += 1
            else:
                key = ", ".join(column.name for column in self.columns if column.key)
                job.errors.add(
                    row.line, key, " | ".join(row.key), f"stands in {job.table.place(line)} with other values"
                )
        return kept

    def known(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """Rows whose references exist."""
        bad = self.unknown(job, rows)
        return [row for row in rows if row.line not in bad]

    def unknown(self, job: LoadJob, rows: list[Row]) -> set[int]:
        """The lines of rows that name what is not there, each of which is noted; a row need not be whole for that."""
        bad: set[int] = set()
        for column in self.columns:
            if column.reference and not column.reference.create and column.name in job.present:
                missing = self.missing(column, {row.record.get(column.name, "") for row in rows}, job)
                for row in rows:
                    if row.record.get(column.name, "") in missing:
                        bad.add(row.line)
                        job.refuse_unknown(row, column)
        return bad

    def willing(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Row]:
        """Rows that name anew nobody and nothing that may not be."""
        bad: set[int] = set()
        for column in self.columns:
            if column.reference and column.reference.refused and column.name in job.present:
                why = column.reference.refused({row.record.get(column.name, "") for row in rows} - {""})
                for row in rows if why else ():
                    text = row.record.get(column.name, "")
                    if text in why and before.get(row.key, {}).get(column.name) != text:
                        bad.add(row.line)
                        job.refuse(row, column.name, why[text])
        return [row for row in rows if row.line not in bad]

    def missing(self, column: Column, texts: set[str], job: LoadJob) -> set[str]:
        """Those texts that name nothing."""
        return texts - {""} - set(ids_of(column, texts))

    def count(self, job: LoadJob, changes: list[Change], rows: int) -> None:
        """Keep what was changed, and how many rows were not."""
        created = sum(change.before is None for change in changes)
        job.counts.created += created
        job.counts.updated += len(changes) - created
        job.counts.unchanged += rows - len(changes)
        LoadChange.objects.bulk_create([self._change_row(job, change) for change in changes], batch_size=1_000)

    def _change_row(self, job: LoadJob, change: Change) -> LoadChange:
        kind = ChangeKind.CREATED if change.before is None else ChangeKind.UPDATED
        return LoadChange(
            load=job.load, kind=self.name, key=change.name, change=kind, before=change.before, after=change.after
        )

    # -- what a kind may say otherwise

    def prepare(self, job: LoadJob, rows: list[Row]) -> K:
        """What the kind's steps look up once for a batch; they read it with ``held``."""
        return cast("K", None)

    def held(self, job: LoadJob) -> K:
        """What was prepared for the batch that is under way."""
        return cast("K", job.kept)

    def readable(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """The rows of a batch that can be read beside what was prepared; notes what is wrong with the others."""
        return rows

    @property
    def bulk_rights(self) -> tuple[Right, ...]:
        """Those of which a call that brings rows asks for one; what each row asks beside is for ``refusals``."""
        return (self.row_right,)

    def is_blank(self, record: Record) -> bool:
        """Whether the row says nothing."""
        return False

    def normal(self, record: Record) -> Record:
        """The whole row as it is kept, with defaults that depend on other cells."""
        return record

    def passes(self, job: LoadJob, row: Row, before: Record | None) -> bool:
        """Whether the row is good beside what is stored; notes why it is not."""
        count = job.errors.count
        self.check(job, row, before)
        return job.errors.count == count

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """Note what is wrong with a row; of one that is named in addresses, that its name is none of theirs."""
        if len(self.keys) == 1:
            job.refuse_all(row, address_problems(self.keys[0].name, row.key[0]))

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Those of these changes that the person may not make by hand, nor take back; the same right for all rows."""
        return [] if by.has_perm(self.row_right) else [Refusal(change, lacking(self.row_right)) for change in changes]

    def touch(self, changes: list[Change]) -> None:
        """Mark what the rollup has to compute again."""

    def finish(self, job: LoadJob) -> None:
        """Note what is wrong with the rows as a whole."""

    def after_undo(self, changes: list[Change]) -> None:
        """Raise UndoRefused where what is left breaks a rule."""

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Model fields of new rows that stand in no column."""
        return {}

    def changes(self, job: LoadJob, rows: list[Row], before: dict[Key, Record]) -> list[Change]:
        """Rows that are new or differ; a column that the file lacks keeps what is stored."""
        blank = {column.name: column.default for column in self.columns if not column.ignored}
        merged = ((row, {**blank, **before.get(row.key, {}), **row.record}) for row in rows)
        kept = ((row, self.normal({name: after[name] for name in blank})) for row, after in merged)
        return [
            Change(row.line, row.key, before.get(row.key), after) for row, after in kept if before.get(row.key) != after
        ]

    # -- the model's side

    @property
    def kept(self) -> list[Column]:
        """The columns that the model keeps."""
        return [column for column in self.columns if not column.ignored]

    @property
    def keys(self) -> list[Column]:
        """The columns that name a row."""
        return [column for column in self.columns if column.key]

    def rows(self) -> models.QuerySet[Any]:
        """All rows of the kind, with what their cells name, in the order of an export."""
        names = [column.attribute for column in self.kept if column.reference]
        return self.model.objects.select_related(*names).order_by(*map(path_of, self.keys))  # type: ignore[no-any-return]

    def record(self, obj: Any) -> Record:
        """A stored row in the file's columns."""
        return {column.name: cell_of(column, obj) for column in self.kept}

    def stored(self, keys: Iterable[Key]) -> dict[Key, Any]:
        """The stored rows of these keys."""
        keys = set(keys)
        wanted = {
            f"{path_of(column)}__in": {column.value(key[number]) for key in keys}
            for number, column in enumerate(self.keys)
        }
        found = ((self.key_of(obj), obj) for obj in self.rows().filter(**wanted)) if keys else ()
        return {key: obj for key, obj in found if key in keys}

    def key_of(self, obj: Any) -> Key:
        """What names a stored row."""
        return tuple(cell_of(column, obj) for column in self.keys)

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Create, update and delete in bulk."""
        values = self.values_of([change.after for change in changes if change.after is not None])
        fresh = [change for change in changes if change.before is None]
        self.model.objects.bulk_create(
            [self.model(**self.extras(job), **values(change.after)) for change in fresh], batch_size=1_000
        )
        changed = [
            _with(stored[change.key], values(change.after)) for change in changes if change.before and change.after
        ]
        fields = [column.attribute for column in self.kept if not column.key]
        if changed and fields:
            self.model.objects.bulk_update(changed, [*fields, *followers(self.model, fields)], batch_size=500)
        self.delete([stored[change.key] for change in changes if change.after is None])

    def values_of(self, records: list[Record]) -> Callable[[Any], dict[str, Any]]:
        """A function from a record to model fields, with references looked up once for all."""
        ids: dict[str, dict[str, Any]] = {}
        for column in self.kept:
            if column.reference:
                texts = {record[column.name] for record in records} - {""}
                if column.reference.create:
                    column.reference.create(texts)
                ids[column.name] = ids_of(column, texts)

        def values(record: Record) -> dict[str, Any]:
            return {
                f"{column.attribute}_id" if column.reference else column.attribute: ids[column.name].get(
                    record[column.name]
                )
                if column.reference
                else column.value(record[column.name])
                for column in self.kept
            }

        return values

    def delete(self, objects: list[Any]) -> None:
        """Rows that a load created go again. Raises UndoRefused where others need them."""
        if objects:
            refuse_use(self.model, objects)
            self.model.objects.filter(pk__in=[obj.pk for obj in objects]).delete()

    # -- taking back, writing out

    def undo(self, load: Load, by: User | None) -> None:
        """Return each row that the load changed to what it was before."""
        later_load_stands_in_the_way(load)
        for rows in stored_changes(load, _UNDO_BATCH):
            changes = [Change(0, self._key_in(row.after), row.before, row.after) for row in rows]
            if by is not None:
                refuse_undoing(load, self.refusals(by, changes))
            stored = self.stored({change.key for change in changes})
            changes = [self.whole(change, stored.get(change.key)) for change in changes]
            self.refuse_changed_by_hand(load, changes, stored)
            back = [change.reversed() for change in changes]
            self.write(back, stored, None)
            self.touch(back)
            self.after_undo(back)

    def _key_in(self, record: Any) -> Key:
        return tuple(record[column.name] for column in self.keys)

    def whole(self, change: Change, obj: Any) -> Change:
        """With the columns that there were not yet when the row was loaded: they stay as they are."""
        now = self.record(obj) if obj is not None else {}
        before, after = ({**now, **state} if state is not None else None for state in (change.before, change.after))
        return Change(change.line, change.key, before, after)

    def refuse_changed_by_hand(self, load: Load, changes: list[Change], stored: dict[Key, Any]) -> None:
        """Raise UndoRefused where a row is not as the load left it."""
        for change in changes:
            obj = stored.get(change.key)
            if obj is None or self.record(obj) != change.after:
                raise UndoRefused(
                    f"Load {load.pk} cannot be taken back: {change.name} has been changed since by hand. "
                    "Nothing was changed"
                )

    def told_apart(self, load: Load) -> Iterator[str]:
        """Each row that the load changed, as it was and as it becomes: what a file has, not the moment of the load."""
        shown = {column.name for column in self.columns if not column.hidden}
        rows = LoadChange.objects.filter(load=load).order_by("pk").values_list("key", "change", "before", "after")
        for key, change, *states in rows.iterator(chunk_size=2_000):
            told = [{name: one[name] for name in one if name in shown} for one in states if one]
            yield json.dumps([key, change, *told], sort_keys=True)

    def export(self) -> Iterator[Record]:
        """All rows in the file's columns."""
        return (self.record(obj) for obj in self.rows().iterator(chunk_size=2_000))


def path_of(column: Column) -> str:
    """The query path of the text that stands in the column."""
    return f"{column.attribute}__{column.reference.field}" if column.reference else column.attribute


def cell_of(column: Column, obj: Any) -> str:
    """The canonical text of a stored row's column."""
    value = getattr(obj, column.attribute)
    if column.reference and value is not None:
        value = getattr(value, column.reference.field)
    return column.text(value)


def ids_of(column: Column, texts: set[str]) -> dict[str, Any]:
    """The ids of the rows that these texts name."""
    reference = column.reference
    if reference is None or not texts - {""}:
        return {}
    found = reference.model.objects.filter(**{f"{reference.field}__in": texts})
    return dict(found.values_list(reference.field, "pk"))


def _with(obj: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(obj, name, value)
    return obj
