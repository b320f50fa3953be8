"""Targets on their way: draft, proposed in a batch, decided by finance. Approved ones are never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company
from accounts.models import User
from core.auditing import key_of as person_key
from core.auditing import state_of
from core.periods import Month
from core.texts import plain
from core.writes import StaleTransition, StaleWrite, TransitionRefused
from customers.models import Tier
from kpis.access import proposable_by
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target, TargetBatch
from kpis.models.versions import VersionBook
from kpis.rules.target import (
    NOT_YOURS,
    TargetCells,
    approved_of,
    colleagues_of,
    is_anothers,
    target_problems,
    undecided_of,
)
from kpis.services.decision_mails import tell_proposers
from kpis.services.target_rows import (
    VALUES,
    RowKey,
    key_of,
    locked,
    move,
    one_writer,
    require_latest,
    require_one_of_each,
    values_of,
    versions_of,
)

_CHANGED = "Somebody else changed this draft meanwhile. Nothing of yours was kept: look again."


@dataclass(frozen=True, slots=True)
class NewTarget:
    """One cell of the grid, or one row of a call: what a target should be."""

    kpi: Kpi
    tier: Tier
    from_month: Month
    per: Per
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    until_month: Month | None = None
    plan_value: Decimal | None = None
    note: str = ""

    @property
    def key(self) -> RowKey:
        """What names the row: its versions share it."""
        return self.kpi.pk, self.tier.pk, self.from_month, self.per.value

    @property
    def values(self) -> dict[str, Any]:
        """What a version says."""
        return {name: getattr(self, name) for name in VALUES}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one of the cells given, by its place among them; said after the field's name."""

    place: int
    field: str
    reason: str


class TargetsRefused(Exception):
    """Cells that cannot be saved; nothing was. ``problems`` names each."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        super().__init__(f"{len(problems)} cells cannot be saved; nothing was.")
        self.problems = tuple(problems)


class DraftsOfOthers(StaleWrite):
    """Cells over drafts that the person has not seen as they stand; nothing was saved. ``problems`` names each."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        super().__init__(
            f"The row {problems[0].reason}. Nothing was changed: read that draft, then send its revision to change it."
        )
        self.problems = tuple(problems)


@transaction.atomic
def save_drafts(
    *, cells: Sequence[NewTarget], by: User, seen: Mapping[RowKey, Mapping[str, Any]] | None = None
) -> list[Target]:
    """Save cells as drafts: all of them or none. Answers the drafts that were made or changed.

    A cell equal to what is approved, and one equal to its draft, is left alone. ``seen`` are the values of
    drafts as the person saw them, by the row's key: somebody else's draft is changed by who saw it alone.
    Raises PermissionDenied, TargetsRefused (each bad cell is named), DraftsOfOthers (likewise).
    """
    require_proposer(by, {cell.kpi.pk for cell in cells})
    one_writer()
    stored = versions_of({cell.key for cell in cells})
    if problems := [*_problems(cells), *_waiting(cells, stored)]:
        raise TargetsRefused(problems)
    if unseen := _unseen(cells, stored, by, seen or {}):
        raise DraftsOfOthers(unseen)
    found = (_draft(cell, stored.get(cell.key, []), by) for cell in cells)
    return [draft for draft in found if draft is not None]


@transaction.atomic
def save_draft(*, cell: NewTarget, by: User, seen: Mapping[str, Any] | None = None) -> tuple[Target, bool]:
    """Save one cell as ``save_drafts`` does. Answers the version that says it, and whether it is a new one.

    Where nothing differs that is the version that waits, else the approved one.
    """
    require_proposer(by, {cell.kpi.pk})
    one_writer()
    before = versions_of({cell.key}).get(cell.key, [])
    saved = save_drafts(cells=[cell], by=by, seen={} if seen is None else {cell.key: seen})
    if saved:
        return saved[0], saved[0] not in before
    standing = _pending(before) or approved_of(before)
    assert standing is not None  # noqa: S101 - a cell is left alone only where a version says the same
    return standing, False


@transaction.atomic
def edit_draft(*, target: Target, by: User, values: Mapping[str, Any], seen: Mapping[str, Any]) -> Target:
    """Change what ``values`` names of a draft, its note as well; ``seen`` are its values as the person saw them.

    Raises PermissionDenied, StaleTransition where it is no draft, StaleWrite where its values are others
    by now, TargetsRefused.
    """
    require_proposer(by, {target.kpi_id})
    draft = next(iter(locked([target.pk])), None)
    if draft is None or draft.state != TargetState.DRAFT:
        raise StaleTransition("It is no draft, or no longer one: propose a new version. Nothing was changed.")
    stored = values_of(draft)
    if stored != {name: seen[name] for name in VALUES}:
        raise StaleWrite(_CHANGED)
    wanted = stored | {name: values[name] for name in VALUES if name in values}
    cell = NewTarget(draft.kpi, draft.tier, Month(draft.from_month), Per(draft.per), **wanted)
    if problems := _problems([cell]):
        raise TargetsRefused(problems)
    note = values.get("note", draft.note)
    return draft if _says(draft, cell) and note == draft.note else _changed(draft, cell, by, note)


@transaction.atomic
def delete_draft(*, target: Target, by: User) -> None:
    """Throw a draft away as ``target`` has it: what somebody wrote into it since it was read stays.

    Raises PermissionDenied, StaleTransition where it was proposed meanwhile, StaleWrite where it was changed.
    """
    require_proposer(by, {target.kpi_id})
    draft = next(iter(locked([target.pk])), None)
    if draft is None or draft.state != TargetState.DRAFT:
        raise StaleTransition("It is no draft any more; nothing was changed.")
    if values_of(draft) != values_of(target):
        raise StaleWrite(_CHANGED)
    writers = [person_key(writer) for writer in draft.earlier_writers.all()]
    record(by=by, verb=Verb.DELETED, obj=draft, before=state_of(draft) | {"earlier_writers": writers})
    draft.delete()


@transaction.atomic
def propose(*, targets: Iterable[int], by: User, note: str = "") -> TargetBatch:
    """Put drafts before finance as one batch.

    Raises PermissionDenied, StaleTransition (also where a later version was approved since one was written),
    TransitionRefused for none, or where another version of a row waits.
    """
    drafts = locked(targets)
    if not drafts:
        raise TransitionRefused("There is no draft among these; nothing was proposed.")
    require_proposer(by, {draft.kpi_id for draft in drafts})
    require_one_of_each([*drafts, *_others_waiting(drafts)])
    require_latest(drafts, versions_of({key_of(draft) for draft in drafts}))
    batch = TargetBatch.objects.create(note=plain(note), proposed_by=by)
    move(drafts, TargetState.DRAFT, TargetState.PROPOSED, by=by, verb=Verb.PROPOSED, batch=batch)
    return batch


@transaction.atomic
def withdraw(*, targets: Iterable[int], by: User, of_others: bool = True) -> list[Target]:
    """Take back what nobody has decided: drafts again. A colleague who proposed them is told.

    Raises PermissionDenied, StaleTransition, TransitionRefused for a colleague's without ``of_others``.
    """
    waiting = locked(targets)
    require_proposer(by, {target.kpi_id for target in waiting})
    if not of_others and (names := colleagues_of(waiting, by)):
        raise TransitionRefused(f"These are of {names}: tick that you take back a colleague’s. Nothing was changed.")
    tell_proposers(waiting, by=by, verb="taken back", reason="")
    return move(waiting, TargetState.PROPOSED, TargetState.DRAFT, by=by, verb=Verb.WITHDRAWN, batch=None)


def pending_of(cell: NewTarget) -> Target | None:
    """The draft or proposal that the cell would meet: the latest that nobody has decided."""
    return _pending(versions_of({cell.key}).get(cell.key, []))


def require_proposer(by: User, kpis: Iterable[int]) -> None:
    """Raises PermissionDenied where the person may not propose the targets of one of these KPIs."""
    wanted = set(kpis)
    if wanted - set(proposable_by(by, Kpi.objects.filter(pk__in=wanted)).values_list("pk", flat=True)):
        raise PermissionDenied(f"These targets are {NOT_YOURS}.")


def _problems(cells: Sequence[NewTarget]) -> list[CellProblem]:
    """What is wrong with cells by the rules of target rows, and cells that stand there twice."""
    calendar, book = company().calendar, VersionBook.read({cell.kpi for cell in cells})
    found, seen = [], dict[RowKey, int]()
    for place, cell in enumerate(cells):
        numbers = (cell.until_month, cell.value, cell.low, cell.high)
        row = TargetCells(cell.tier.code, cell.from_month, cell.per, *numbers, cell.tier.retired_from)
        kpi = book.at(cell.kpi, cell.from_month)
        found += [CellProblem(place, field, reason) for field, reason in target_problems(kpi, row, calendar)]
        if seen.setdefault(cell.key, place) != place:
            found.append(CellProblem(place, "value", "stands there twice"))
    return found


def _waiting(cells: Sequence[NewTarget], stored: Mapping[Any, list[Target]]) -> list[CellProblem]:
    """Cells that wait for finance, and would say something else."""
    return [
        CellProblem(place, "value", "waits for finance; withdraw the proposal before you change it")
        for place, cell in enumerate(cells)
        for version in stored.get(cell.key, ())
        if version.state == TargetState.PROPOSED and not _says(version, cell)
    ]


def _unseen(
    cells: Sequence[NewTarget], stored: Mapping[RowKey, list[Target]], by: User, seen: Mapping[RowKey, Any]
) -> list[CellProblem]:
    """Cells that would change a draft which the person has not seen as it stands; their own they know."""
    found = []
    for place, cell in enumerate(cells):
        draft = _pending(stored.get(cell.key, []))
        if draft is None or _says(draft, cell):
            continue
        if is_anothers(draft, by) if cell.key not in seen else values_of(draft) != seen[cell.key]:
            writer = draft.created_by or "somebody else"
            found.append(CellProblem(place, "value", f"holds a draft that {writer} wrote, as version {draft.version}"))
    return found


def _draft(cell: NewTarget, versions: Sequence[Target], by: User) -> Target | None:
    """The draft that the cell calls for: a new version, a changed one, or none where nothing would differ."""
    pending = _pending(versions)
    standing = pending or approved_of(versions)
    if standing is not None and _says(standing, cell):
        return None
    if pending is not None:
        return _changed(pending, cell, by, cell.note or None)
    number = max((version.version for version in versions), default=0) + 1
    named = {"kpi": cell.kpi, "tier": cell.tier, "from_month": cell.from_month, "per": cell.per}
    target = Target.objects.create(**named, **cell.values, note=cell.note, version=number, created_by=by)
    record(by=by, verb=Verb.CREATED, obj=target, after=state_of(target))
    return target


def _pending(versions: Sequence[Target]) -> Target | None:
    """The latest version that nobody has decided: files may leave several."""
    return next(reversed(undecided_of(versions)), None)


def _changed(draft: Target, cell: NewTarget, by: User, note: str | None = None) -> Target:
    """Write the cell into the draft. Whoever wrote its numbers before stays known: none of them decides on it."""
    before = state_of(draft)
    if not _says(draft, cell):
        if is_anothers(draft, by) and draft.created_by:
            draft.earlier_writers.add(draft.created_by)
        draft.created_by = by
    for name, value in cell.values.items():
        setattr(draft, name, value)
    draft.note = draft.note if note is None else note
    draft.save(update_fields=[*VALUES, "note", "created_by"])
    record(by=by, verb=Verb.CHANGED, obj=draft, before=before, after=state_of(draft))
    return draft


def _says(version: Target, cell: NewTarget) -> bool:
    return all(getattr(version, name) == value for name, value in cell.values.items())


def _others_waiting(drafts: Sequence[Target]) -> list[Target]:
    """Other versions of the same rows that finance has already."""
    own = {draft.pk for draft in drafts}
    rows = versions_of({key_of(draft) for draft in drafts}).values()
    return [one for versions in rows for one in versions if one.state == TargetState.PROPOSED and one.pk not in own]
