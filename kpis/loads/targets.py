"""Targets as a file: every different row becomes a version, approved ones are never changed.

Two persons, here as on the page. The command line is the operator's: it approves in the name of
``approved_by``, but nothing that this person wrote or proposed. Where a person brings the file (``job.by``)
nobody approves what they load: rows become drafts, and with ``approved_by`` those that say what somebody else
has proposed are approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from accounts.company import company
from accounts.loads import Change, LoadJob, RowKind
from accounts.loads.kind import cell_of, ids_of
from accounts.loads.taking import Key
from accounts.loads.undoing import later_load_stands_in_the_way, stored_changes
from accounts.models import Load, LoadChange, User
from accounts.rights import Right
from core.loading import Column, Record
from core.loading.columns import MONTH, NUMBER, Percent, choice_type, code_in
from core.loading.rows import Row
from core.numbers import parse_scaled
from core.periods import FiscalCalendar, Month, month_code, stored_month
from customers.loads import TIER
from customers.models import Tier
from customers.rules.tier import tier_ends
from kpis.access import proposable_by
from kpis.choices import Per, TargetState
from kpis.loads.lookups import KPI
from kpis.loads.percents import not_in_percent, refuse_percents
from kpis.loads.target_undo import take_back
from kpis.loads.target_writes import Step, write_steps
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.rules.target import (
    NOT_YOURS,
    TargetCells,
    approved_of,
    ends_before,
    is_overtaken,
    own_among,
    target_problems,
    undecided_of,
    until_retired,
)

_VALUES = ("until_month", "value", "low", "high", "plan_value")
_CHANGES = "from then on the KPI means something else"
_DRAFT = frozenset({"", TargetState.DRAFT.value})
_APPROVING = frozenset({"", TargetState.APPROVED.value})
_STATES = frozenset({*_APPROVING, TargetState.DRAFT.value, TargetState.PROPOSED.value})


@dataclass(slots=True)
class Versions:
    """What is stored of one target row, in the order of its versions."""

    all: list[Target] = field(default_factory=list)

    @property
    def approved(self) -> Target | None:
        """The version that counts."""
        return approved_of(self.all)

    @property
    def undecided(self) -> list[Target]:
        """Those that nobody has decided."""
        return undecided_of(self.all)

    @property
    def open(self) -> list[Target]:
        """Those that a row may repeat: what waits for finance, then the latest that nobody has decided."""
        current = [one for one in self.undecided if not is_overtaken(one, self.all)]
        return [*(one for one in current if one.state == TargetState.PROPOSED), *current[-1:]]

    @property
    def last(self) -> int:
        """The highest number given."""
        return self.all[-1].version if self.all else 0

    @property
    def standing(self) -> Target | None:
        """The version that a file shows: the approved one, else the latest that waits."""
        return self.approved or next(reversed(self.undecided), None)


@dataclass(frozen=True, slots=True)
class _Kept:
    kpis: dict[str, Kpi]
    calendar: FiscalCalendar
    versions: dict[Key, Versions]
    book: VersionBook
    proposable: frozenset[str]
    own: set[int]
    tier_ends: Mapping[str, Month]


class Targets(RowKind[_Kept]):
    """What finance agreed to, in versions."""

    name = "targets"
    title = "Targets"
    model = Target
    takes_approval = True
    bulk_rights = (Right.PROPOSE_TARGETS, Right.PROPOSE_OWN_TARGETS)
    columns = (
        Column("kpi", code_in(Kpi), key=True, reference=KPI),
        Column("tier", code_in(Tier), key=True, reference=TIER),
        Column("from_month", MONTH, key=True),
        Column("per", choice_type(Per), key=True),
        Column("until_month", MONTH, optional=True, null=True),
        Column("value", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
        Column("low", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
        Column("high", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
        Column("state", choice_type(TargetState), optional=True),
        Column("plan_value", NUMBER, optional=True, null=True, percent=Percent.BY_ROW),
    )

    def rows(self) -> QuerySet[Target]:
        """All versions, those of a row together, in the order of the matrix."""
        order = ("kpi__indicator", "kpi__position", "kpi__code", "tier__rank", "tier__code", "from_month", "per")
        return Target.objects.select_related("kpi", "tier").order_by(*order, "version")

    def versions(self, keys: Iterable[Key]) -> dict[Key, Versions]:
        """The stored versions of these rows."""
        keys = set(keys)
        rows = self.rows().select_related("kpi", "tier", "created_by", "batch__proposed_by")
        found = rows.filter(kpi__code__in={key[0] for key in keys}, tier__code__in={key[1] for key in keys})
        return {key: Versions(list(group)) for key, group in groupby(found, key=self.key_of) if key in keys}

    def take(self, job: LoadJob, rows: list[Row]) -> None:
        """Rows become versions: an approval, a new one, or nothing."""
        rows = self.known(job, self.once(job, rows))
        kpis = Kpi.objects.in_bulk({row.key[0] for row in rows}, field_name="code")
        rows = refuse_percents(job, rows, {code: not_in_percent(kpi) for code, kpi in kpis.items()})
        job.kept = self.prepare(job, rows)
        before = {key: self.record(v.standing) for key, v in self.held(job).versions.items() if v.standing}
        rows = [row for row in rows if self.passes(job, row, before.get(row.key))]
        steps = [step for row in rows if (step := self._step(job, row, before.get(row.key))) is not None]
        write_steps(job, steps, self.values_of([step.record for step in steps]))
        self.count(job, [step.change for step in steps], len(rows))

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Kept:
        """What the rules need to know of these rows, and of who brings and approves them."""
        keys = {row.key for row in rows}
        kpis = Kpi.objects.in_bulk({key[0] for key in keys}, field_name="code")
        versions = self.versions(keys)
        undecided = [one for found in versions.values() for one in found.undecided]
        own = own_among(job.approved_by, undecided) if job.approved_by else set[int]()
        meanings, mine = VersionBook.read(kpis.values()), _proposable(job.by, kpis)
        return _Kept(kpis, company().calendar, versions, meanings, mine, own, tier_ends())

    def _step(self, job: LoadJob, row: Row, before: Record | None) -> Step | None:
        """What a row calls for: nothing, an approval, or a new version."""
        versions = self.held(job).versions.get(row.key) or Versions()
        if self._same(row, versions.approved):
            return None
        same = next((one for one in versions.open if self._same(row, one)), None)
        if _asks_approval(job, row) and (job.by is None or self._approved_with(job, same)):
            return self._next(row, versions, before, same)
        return None if same else self._next(row, versions, before, None, approving=False)

    def _approved_with(self, job: LoadJob, same: Target | None) -> bool:
        """Whether a file that a person brought approves that version: what somebody else has proposed."""
        return same is not None and same.state == TargetState.PROPOSED and same.pk not in self.held(job).own

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
        stored = self.record(draft) if draft else before or {}
        record = {**blank, **stored, **row.record, "state": state.value}
        superseded = versions.approved if approving else None
        after = {**record, "version": str(number), "supersedes": str(superseded.version) if superseded else ""}
        return Step(Change(row.line, row.key, before, after), record, number, draft, superseded)

    def record(self, obj: Any) -> Record:
        """A version in the file's columns."""
        return {column.name: cell_of(column, obj) for column in self.columns}

    # -- row errors

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a target row beside its KPI, as it means in the row's first month."""
        ends = self.held(job).tier_ends.get(row.key[1])
        cells = _cells({**(before or {}), **row.record}, ends)
        calendar = self.held(job).calendar
        kpi = self.held(job).book.at(self.held(job).kpis[row.key[0]], cells.from_month)
        for column, problem in target_problems(kpi, cells, calendar):
            job.refuse(row, column, problem)
        if change := ends_before(kpi, cells, calendar, self.held(job).book):
            job.warn(row, "from_month", f"counts until the month before {month_code(change)} alone: {_CHANGES}")
        if ends and until_retired(cells.per, cells.until_month, ends) != cells.until_month:
            job.warn(row, "tier", f"counts until the month before {month_code(ends)} alone: from then on it is retired")
        if row.key[0] not in self.held(job).proposable:
            job.refuse(row, "kpi", f"has targets that are {NOT_YOURS}")
        if job.by_call and row.record.get("state", "") not in _DRAFT:
            job.refuse(row, "state", "may be draft alone: proposing and approving have addresses of their own")
        if job.approved_by is not None and row.record.get("state", "") not in _STATES:
            job.refuse(row, "state", "says what became of another version: leave it empty, or say approved or draft")
        self._check_own(job, row)

    def _check_own(self, job: LoadJob, row: Row) -> None:
        """Nobody approves what they wrote or proposed, nor puts another number past it.

        Where a person brings the file their own drafts stay drafts; what they proposed they cannot approve.
        """
        versions = self.held(job).versions.get(row.key)
        if versions is None or not _asks_approval(job, row) or self._same(row, versions.approved):
            return
        own = (one for one in versions.undecided if one.pk in self.held(job).own)
        for one in own:
            if job.by is None or one.state == TargetState.PROPOSED:
                job.refuse(row, "state", self._why_not(row, one, job.approved_by))
                return

    def _why_not(self, row: Row, own: Target, approver: Any) -> str:
        did = "proposed" if own.state == TargetState.PROPOSED else "drafted"
        if self._same(row, own):
            return f"was {did} by {approver.email}, who cannot approve it: somebody else from finance does"
        return (
            f"differs from what {approver.email} has {did}: they cannot approve the row until that is decided or gone"
        )

    def finish(self, job: LoadJob) -> None:
        """An approver who approved nothing is not named: who takes the load back need not be from finance then."""
        approved = LoadChange.objects.filter(load=job.load, after__state=TargetState.APPROVED.value)
        if job.load.approved_by and not approved.exists():
            job.load.approved_by = None
            job.load.save(update_fields=["approved_by"])

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
            standing = Versions(list(group)).standing
            if standing:
                yield self.record(standing)


def _asks_approval(job: LoadJob, row: Row) -> bool:
    """Whether the row is one that the approver of the file would approve."""
    return job.approved_by is not None and row.record.get("state", "") in _APPROVING


def _proposable(by: User | None, kpis: Mapping[str, Kpi]) -> frozenset[str]:
    """The KPIs whose targets who brings the file may propose, by code; the operator's file is of all."""
    if by is None:
        return frozenset(kpis)
    return frozenset(proposable_by(by, Kpi.objects.filter(code__in=kpis)).values_list("code", flat=True))


def _cells(record: Record, tier_ends: Month | None) -> TargetCells:
    """The cells of a row that the rules look at; numbers in ten-thousandths, for they are only compared."""
    texts = (record.get(name, "") for name in ("value", "low", "high"))
    value, low, high = (parse_scaled(text) if text else None for text in texts)
    until = record.get("until_month", "")
    span = stored_month(record["from_month"]), Per(record["per"]), stored_month(until) if until else None
    return TargetCells(record["tier"], *span, value, low, high, tier_ends)
