"""Targets as a file: every different row becomes a version, approved ones are never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from accounts.loads import Change, LoadJob, RowKind
from accounts.loads.jobs import Key
from accounts.loads.rowkind import cell_of, ids_of
from accounts.loads.undoing import later_load_stands_in_the_way, stored_changes
from accounts.models import Load, User
from accounts.services import company
from core.loading import Column, Record
from core.loading.columns import MONTH, NUMBER, Percent, choice_type, code_type
from core.loading.rows import Row
from core.numbers import parse_scaled
from core.periods import FiscalCalendar, parse_month
from customers.loads import TIER
from kpis.choices import Per, TargetState
from kpis.loads.lookups import KPI
from kpis.loads.percents import not_in_percent, refuse_percents
from kpis.loads.target_undo import take_back
from kpis.loads.target_writes import Step, write_steps
from kpis.models import Kpi, Target
from kpis.target_rules import TargetCells, last_month, target_problems
from kpis.versions import VersionBook

_PENDING = frozenset({TargetState.DRAFT.value, TargetState.PROPOSED.value})
_VALUES = ("until_month", "value", "low", "high", "plan_value")


@dataclass(slots=True)
class Versions:
    """What is stored of one target row: the approved version, the latest that waits, the last number."""

    approved: Target | None = None
    pending: Target | None = None
    last: int = 0

    @property
    def standing(self) -> Target | None:
        """The version that a file shows: the approved one, else the latest that waits."""
        return self.approved or self.pending


@dataclass(frozen=True, slots=True)
class _Kept:
    kpis: dict[str, Kpi]
    calendar: FiscalCalendar
    versions: dict[Key, Versions]
    book: VersionBook


class Targets(RowKind):
    """What finance agreed to, in versions."""

    name = "targets"
    title = "Targets"
    model = Target
    takes_approval = True
    columns = (
        Column("kpi", code_type(60), key=True, reference=KPI),
        Column("tier", code_type(40), key=True, reference=TIER),
        Column("from_month", MONTH, key=True),
        Column("per", choice_type(Per), key=True),
        Column("until_month", MONTH, optional=True, null=True),
        Column("value", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
        Column("low", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
        Column("high", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
        Column("state", choice_type(TargetState), optional=True),
        Column("plan_value", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
    )

    def rows(self) -> QuerySet[Any]:
        """All versions, those of a row together, in the order of the matrix."""
        order = ("kpi__indicator", "kpi__position", "kpi__code", "tier__rank", "tier__code", "from_month", "per")
        return Target.objects.select_related("kpi", "tier").order_by(*order, "version")

    def versions(self, keys: Iterable[Key]) -> dict[Key, Versions]:
        """The stored versions of these rows."""
        keys = set(keys)
        found = self.rows().filter(kpi__code__in={key[0] for key in keys}, tier__code__in={key[1] for key in keys})
        return {key: _versions(group) for key, group in groupby(found, key=self.key_of) if key in keys}

    def _take(self, job: LoadJob, rows: list[Row]) -> None:
        rows = self._known(job, self._once(job, rows))
        kpis = Kpi.objects.in_bulk({row.key[0] for row in rows}, field_name="code")
        rows = refuse_percents(job, rows, {code: not_in_percent(kpi) for code, kpi in kpis.items()})
        job.kept = _Kept(
            kpis, company().calendar, self.versions({row.key for row in rows}), VersionBook.read(kpis.values())
        )
        before = {key: self.record(v.standing) for key, v in job.kept.versions.items() if v.standing}
        rows = [row for row in rows if self.passes(job, row, before.get(row.key))]
        steps = [step for row in rows if (step := self._step(job, row, before.get(row.key))) is not None]
        write_steps(job, steps, self._values_of([step.record for step in steps]))
        self._count(job, [step.change for step in steps], len(rows))

    def _step(self, job: LoadJob, row: Row, before: Record | None) -> Step | None:
        """What a row calls for: nothing, an approval, or a new version."""
        versions = job.kept.versions.get(row.key) or Versions()
        approving = job.approved_by is not None and row.record.get("state") != TargetState.DRAFT
        if self._same(row, versions.approved):
            return None
        if self._same(row, versions.pending):
            return self._next(row, versions, before, versions.pending) if approving else None
        return self._next(row, versions, before, None, approving=approving)

    def _same(self, row: Row, version: Target | None) -> bool:
        if version is None:
            return False
        stored = self.record(version)
        return all(row.record.get(name, stored[name]) == stored[name] for name in _VALUES)

    def _next(
        self, row: Row, versions: Versions, before: Record | None, draft: Target | None, *, approving: bool = True
    ) -> Step:
        state = TargetState.APPROVED if approving else TargetState.DRAFT
        number = draft.version if draft else versions.last + 1
        blank = {column.name: column.default for column in self.columns}
        record = {**blank, **(before or {}), **row.record, "state": state.value}
        superseded = versions.approved if approving else None
        after = {**record, "version": str(number), "supersedes": str(superseded.version) if superseded else ""}
        return Step(Change(row.line, row.key, before, after), record, number, draft, superseded)

    def record(self, obj: Any) -> Record:
        """A version in the file's columns."""
        return {column.name: cell_of(column, obj) for column in self.columns}

    # -- row errors

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a target row beside its KPI, as it means in the row's last month."""
        cells = _cells({**(before or {}), **row.record})
        calendar = job.kept.calendar
        kpi = job.kept.book.at(job.kept.kpis[row.key[0]], last_month(cells, calendar))
        for field, problem in target_problems(kpi, cells, calendar):
            job.refuse(row, field, problem)
        self._check_own_draft(job, row)

    def _check_own_draft(self, job: LoadJob, row: Row) -> None:
        """Nobody approves what they proposed themselves."""
        versions = job.kept.versions.get(row.key)
        draft, approver = versions and versions.pending, job.approved_by
        if not (draft and approver and self._same(row, draft)) or approver.is_superuser:
            return
        if draft.created_by_id == approver.pk and row.record.get("state") != TargetState.DRAFT:
            job.refuse(row, "state", f"was proposed by {approver.email}, who cannot approve it")

    # -- taking back, writing out

    def undo(self, load: Load, by: User | None) -> None:
        """Drafts go; what was approved is withdrawn, and what it superseded stands again."""
        later_load_stands_in_the_way(load)
        kpis, tiers = self.columns[0], self.columns[1]
        for changes in stored_changes(load, 500):
            cells = [change.after or {} for change in changes]
            codes = ids_of(kpis, {cell["kpi"] for cell in cells}), ids_of(tiers, {cell["tier"] for cell in cells})
            for change in changes:
                take_back(load, change, codes, by)

    def export(self) -> Iterator[Record]:
        """Of each row the approved version, else the latest that waits; what was withdrawn is left out."""
        for _, group in groupby(self.rows().iterator(chunk_size=2_000), key=self.key_of):
            standing = _versions(group).standing
            if standing:
                yield self.record(standing)


def _versions(targets: Iterable[Target]) -> Versions:
    """From the versions of one row, in their order."""
    found = Versions()
    for target in targets:
        found.last = target.version
        if target.state == TargetState.APPROVED:
            found.approved = target
        elif target.state in _PENDING:
            found.pending = target
    return found


def _cells(record: Record) -> TargetCells:
    """The cells of a row that the rules look at; numbers in ten-thousandths, for they are only compared."""
    numbers = (parse_scaled(text) if (text := record.get(name, "")) else None for name in ("value", "low", "high"))
    until = record.get("until_month", "")
    span = parse_month(record["from_month"]), Per(record["per"]), parse_month(until) if until else None
    return TargetCells(record["tier"], *span, *numbers)
