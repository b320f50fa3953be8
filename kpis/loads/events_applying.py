"""From the stage into a table of events, by statements over all rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from accounts.choices import ChangeKind
from accounts.loads import LoadJob
from accounts.models import LoadChange
from core.keys import LookAlikes, unknown_words
from core.loading import Column
from core.loading.cells import Due
from core.periods import Month, month_code
from customers.models import Customer
from kpis.loads import events_sql
from kpis.loads.staging import Stage, execute, on_postgresql, stream
from kpis.models import Event
from kpis.reading.kept_events import taken_from
from kpis.rules.events import event_rules
from kpis.services.event_touches import month_in_sql, touch_events

_HINTS = 500  # unknown names for which somebody looks what they were meant to be
_TYPES = {Due.DATE: "date", Due.NUMBER: "bigint", Due.BOOLEAN: "boolean"}


def differs(one: str, other: str) -> str:
    """That two columns differ, where either may be empty."""
    return f"{one} {'IS DISTINCT FROM' if on_postgresql() else 'IS NOT'} {other}"


def listed(columns: Sequence[str], of: str = "") -> str:
    """Columns as a statement lists them, of a table where it is named."""
    return ", ".join(f'{of}."{name}"' if of else f'"{name}"' for name in columns)


def assigned(columns: Sequence[str], of: str) -> str:
    """The columns of an event, each set to that of another table."""
    return ", ".join(f'"{name}" = {of}."{name}"' for name in columns)


def stage_of(columns: Sequence[Column]) -> Stage:
    """The stage for the columns of a file's header."""
    typed = tuple((column.name, _TYPES.get(column.type.due, "text")) for column in columns)
    return Stage("kpis_event_stage", (("line", "bigint"), *typed))


@dataclass(frozen=True, slots=True)
class Written:
    """A kind of events as the statements need it: its model, and the column that names a row of another table."""

    model: type[Event]
    reference: Column

    @property
    def table(self) -> str:
        """The table of the events."""
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        """The column that keeps what is named."""
        return f"{self.reference.name}_id"

    @property
    def named(self) -> str:
        """The table of what is named."""
        assert self.reference.reference is not None  # noqa: S101 - for the type checker
        return str(self.reference.reference.model._meta.db_table)

    @property
    def among(self) -> str:
        """Which of its rows may be named."""
        return " AND r.merged_into_id IS NULL" if self.named == Customer._meta.db_table else ""


def note_repeated(job: LoadJob, columns: Sequence[Column]) -> bool:
    """Note ids that stand in the file twice with other values; answers whether any stands there twice."""
    said = [column.name for column in columns if not column.key]
    unlike = " OR ".join(differs(f's."{name}"', f'f."{name}"') for name in said)
    repeated = False
    for line, name, first, other in stream(events_sql.REPEATED.format(differs=unlike or "1 = 0")):
        repeated = True
        if other:
            job.errors.add(line, "id", name, f"stands in {job.table.place(first)} with other values")
    return repeated


def find_changes(kind: Written, present: Sequence[str]) -> None:
    """Gather what is new or differs, and what names nothing."""
    values, unlike = [], [f"e.{kind.key} <> r.id"]
    for name in kind.model.columns():
        now = f'e."{name}"'
        if name == kind.key:
            new = "r.id"
        elif name in present:
            new = f's."{name}"'
            unlike.append(differs(now, new))
        else:
            new = now if kind.model._meta.get_field(name).null else f"COALESCE({now}, '')"
        values += [f'{new} AS "{name}"', f'{now} AS "old_{name}"']
    execute(events_sql.DROP_CHANGES)
    execute(
        events_sql.CREATE_CHANGES.format(
            values=", ".join(values),
            named=kind.named,
            name=kind.reference.name,
            among=kind.among,
            table=kind.table,
            differs=" OR ".join(unlike),
        )
    )
    if on_postgresql():
        execute(events_sql.ANALYZE_CHANGES)


def note_unknown(job: LoadJob, kind: Written) -> None:
    """Note the rows that name a customer or an issue that is not there."""
    reference = kind.reference.reference
    assert reference is not None  # noqa: S101 - for the type checker
    bad = stream(events_sql.UNKNOWN.format(name=kind.reference.name, reference=kind.key))
    while some := list(islice(bad, _HINTS)):
        alike = LookAlikes(lambda: _looking_alike(kind, {name for _, name in some}))
        for line, name in some:
            why = reference.why(name) if reference.why else ""
            job.errors.add(line, kind.reference.name, name, why or unknown_words(reference.what, alike.of(name)))


def _looking_alike(kind: Written, names: set[str]) -> Iterator[str]:
    """Names that are there and differ from these by case."""
    low = sorted({name.lower() for name in names})
    query = events_sql.LOOKING_ALIKE.format(named=kind.named, places=", ".join(["%s"] * len(low)))
    return (name for (name,) in stream(query, low))


def note_broken(job: LoadJob, kind: Written) -> None:
    """Note the rows that break a rule."""
    for rule in event_rules(kind.model.kind, job.today, taken_from(kind.model.kind)):
        query = events_sql.BROKEN.format(column=rule.column, reference=kind.key, rule=rule.sql)
        for line, value in stream(query):
            job.errors.add(line, rule.column, str(value), rule.words)


def write_changes(job: LoadJob, kind: Written, *, repeated: bool) -> None:
    """Write what is new or differs, keep what it replaces, mark the months before and after, and count."""
    if repeated:
        execute(events_sql.TAKE_ONCE)
    [(created, updated)] = stream(events_sql.COUNTED)
    job.counts.created, job.counts.updated = created, updated
    columns, load = kind.model.columns(), job.load.pk
    if updated:
        touch_events(kind.model.kind, events_sql.CHANGED)
        keep_replaced(kind.model, load, events_sql.CHANGED)
        execute(events_sql.CHANGE_OLD.format(table=kind.table, assigned=assigned(columns, "c")), [load])
    if created:
        new = {"columns": listed(columns), "changed": listed(columns, "c")}
        execute(events_sql.ADD_NEW.format(table=kind.table, **new), [load])
    if created or updated:
        touch_events(kind.model.kind, events_sql.WRITTEN)
        _record(job, kind)


def keep_replaced(model: type[Event], load: int, among: str, params: Sequence[Any] = ()) -> None:
    """Keep what the events that a condition finds say now, as what a load replaces."""
    columns = model.columns()
    query = events_sql.KEEP_REPLACED.format(
        columns=listed(columns), stored=listed(columns, "e"), table=model._meta.db_table, among=among
    )
    execute(query, [load, *params])


def _record(job: LoadJob, kind: Written) -> None:
    """What the load did, month by month of the events' own days, as of facts: a file may have a million."""
    month = month_in_sql(f'c."{kind.model.days[0]}"')
    LoadChange.objects.bulk_create(
        LoadChange(
            load=job.load,
            kind=kind.model.kind.value,
            key=month_code(Month(of)),
            change=ChangeKind.UPDATED if updated else ChangeKind.CREATED,
            after={"month": month_code(Month(of)), "created": created, "updated": updated},
        )
        for of, created, updated in list(stream(events_sql.BY_MONTH.format(month=month)))
    )
