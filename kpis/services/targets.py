"""Targets on their way: draft, proposed in a batch, decided by finance. Approved ones are never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import Company, User
from accounts.rights import Right
from accounts.services import company, record, record_all
from core.periods import Month, month_code
from core.texts import plain
from core.writes import StaleTransition, StaleWrite, TransitionRefused
from customers.models import Tier
from kpis.access import is_own_proposal, proposable_by
from kpis.choices import Per, TargetState
from kpis.models import Kpi, Target, TargetBatch
from kpis.target_rules import TargetCells, last_month, target_problems
from kpis.telling import tell_proposers
from kpis.versions import VersionBook

VALUES = ("until_month", "value", "low", "high", "plan_value")
_NOT_YOURS = "These targets are not yours to propose: finance and stewards propose all, owners those of their KPIs."


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

    @property
    def key(self) -> tuple[int, int, int, str]:
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


@transaction.atomic
def save_drafts(*, cells: Sequence[NewTarget], by: User) -> list[Target]:
    """Save cells as drafts: all of them or none. Answers the drafts that were made or changed.

    A cell equal to what is approved, and one equal to its draft, is left alone. Raises
    PermissionDenied, TargetsRefused (each bad cell is named).
    """
    require_proposer(by, {cell.kpi.pk for cell in cells})
    _one_writer()
    stored = _versions({cell.key for cell in cells})
    if problems := [*_problems(cells), *_waiting(cells, stored)]:
        raise TargetsRefused(problems)
    found = (_draft(cell, stored.get(cell.key, []), by) for cell in cells)
    return [draft for draft in found if draft is not None]


@transaction.atomic
def save_draft(*, cell: NewTarget, by: User) -> tuple[Target, bool]:
    """Save one cell as ``save_drafts`` does. Answers the version that says it, and whether it is a new one.

    Where nothing differs that is the version that waits, else the approved one.
    """
    require_proposer(by, {cell.kpi.pk})
    _one_writer()
    before = _versions({cell.key}).get(cell.key, [])
    saved = save_drafts(cells=[cell], by=by)
    if saved:
        return saved[0], saved[0] not in before
    standing = _pending(before) or _approved(before)
    assert standing is not None  # noqa: S101 - a cell is left alone only where a version says the same
    return standing, False


@transaction.atomic
def edit_draft(*, target: Target, by: User, values: Mapping[str, Any], seen: Mapping[str, Any]) -> Target:
    """Change what ``values`` names of a draft; ``seen`` are its values as the person saw them.

    Raises PermissionDenied, StaleTransition where it is no draft, StaleWrite where its values are others
    by now, TargetsRefused.
    """
    require_proposer(by, {target.kpi_id})
    draft = next(iter(_locked([target.pk])), None)
    if draft is None or draft.state != TargetState.DRAFT:
        raise StaleTransition("It is no draft, or no longer one: propose a new version. Nothing was changed.")
    stored = {name: getattr(draft, name) for name in VALUES}
    if stored != {name: seen[name] for name in VALUES}:
        raise StaleWrite("Somebody else changed this draft meanwhile. Nothing of yours was kept: look again.")
    wanted = stored | {name: values[name] for name in VALUES if name in values}
    cell = NewTarget(draft.kpi, draft.tier, Month(draft.from_month), Per(draft.per), **wanted)
    if problems := _problems([cell]):
        raise TargetsRefused(problems)
    return draft if _says(draft, cell) else _changed(draft, cell, by)


@transaction.atomic
def delete_draft(*, target: Target, by: User) -> None:
    """Throw a draft away. Raises PermissionDenied, StaleTransition where it was proposed meanwhile."""
    require_proposer(by, {target.kpi_id})
    _one_writer()
    before = state_of(target)
    record(by=by, verb="deleted", obj=target, before=before)
    if not Target.objects.filter(pk=target.pk, state=TargetState.DRAFT).delete()[0]:
        raise StaleTransition("It is no draft any more; nothing was changed.")


@transaction.atomic
def propose(*, targets: Iterable[int], by: User, note: str = "") -> TargetBatch:
    """Put drafts before finance as one batch.

    Raises PermissionDenied, StaleTransition, TransitionRefused for none, or where another version of a row waits.
    """
    drafts = _locked(targets)
    if not drafts:
        raise TransitionRefused("There is no draft among these; nothing was proposed.")
    require_proposer(by, {draft.kpi_id for draft in drafts})
    _require_one_of_each([*drafts, *_others_waiting(drafts)])
    batch = TargetBatch.objects.create(note=plain(note), proposed_by=by)
    _move(drafts, TargetState.DRAFT, TargetState.PROPOSED, by=by, verb="proposed", batch=batch)
    return batch


@transaction.atomic
def withdraw(*, targets: Iterable[int], by: User) -> list[Target]:
    """Take back what nobody has decided: drafts again. Whoever proposed them is told, if it was somebody else.

    Raises PermissionDenied, StaleTransition.
    """
    waiting = _locked(targets)
    require_proposer(by, {target.kpi_id for target in waiting})
    tell_proposers(waiting, by=by, verb="taken back", reason="")
    return _move(waiting, TargetState.PROPOSED, TargetState.DRAFT, by=by, verb="withdrawn", batch=None)


@transaction.atomic
def approve(*, targets: Iterable[int], by: User, reason: str = "") -> list[Target]:
    """Approve proposals, all of them or none: each supersedes the version before and counts at once.

    Raises PermissionDenied (also for one's own), StaleTransition where one was decided meanwhile,
    TransitionRefused for none, or for two versions of one row.
    """
    waiting = _decidable(targets, by)
    _require_one_of_each(waiting)
    rows = _versions({_key(target) for target in waiting}).values()
    standing = [one for versions in rows if (one := _approved(versions))]
    _move(standing, TargetState.APPROVED, TargetState.SUPERSEDED, by=by, verb="superseded")
    return _decide(waiting, TargetState.APPROVED, by=by, verb="approved", reason=plain(reason))


@transaction.atomic
def reject(*, targets: Iterable[int], by: User, reason: str) -> list[Target]:
    """Reject proposals with a reason. Raises as ``approve``, and TransitionRefused without a reason."""
    if not (why := plain(reason)):
        raise TransitionRefused("Say why: the proposer reads it.")
    return _decide(_decidable(targets, by), TargetState.REJECTED, by=by, verb="rejected", reason=why)


def require_proposer(by: User, kpis: Iterable[int]) -> None:
    """Raises PermissionDenied where the person may not propose the targets of one of these KPIs."""
    wanted = set(kpis)
    if wanted - set(proposable_by(by, Kpi.objects.filter(pk__in=wanted)).values_list("pk", flat=True)):
        raise PermissionDenied(_NOT_YOURS)


def state_of(target: Target) -> dict[str, Any]:
    """A version as the audit shows it."""
    row = {"kpi": target.kpi.code, "tier": target.tier.code, "from_month": month_code(Month(target.from_month))}
    rest = ("per", "version", "state", *VALUES, "note", "decision_note")
    return row | {name: _said(getattr(target, name)) for name in rest}


def _said(value: Any) -> Any:
    """Numbers with their four decimals, whether they were read back or not."""
    return f"{value:.4f}" if isinstance(value, Decimal) else value


def _problems(cells: Sequence[NewTarget]) -> list[CellProblem]:
    """What is wrong with cells by the rules of target rows, and cells that stand there twice."""
    calendar, book = company().calendar, VersionBook.read({cell.kpi for cell in cells})
    found, seen = [], dict[tuple[int, int, int, str], int]()
    for place, cell in enumerate(cells):
        row = TargetCells(cell.tier.code, cell.from_month, cell.per, cell.until_month, cell.value, cell.low, cell.high)
        kpi = book.at(cell.kpi, last_month(row, calendar))
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


def _draft(cell: NewTarget, versions: Sequence[Target], by: User) -> Target | None:
    """The draft that the cell calls for: a new version, a changed one, or none where nothing would differ."""
    pending = _pending(versions)
    standing = pending or _approved(versions)
    if standing is not None and _says(standing, cell):
        return None
    if pending is not None:
        return _changed(pending, cell, by)
    number = max((version.version for version in versions), default=0) + 1
    named = {"kpi": cell.kpi, "tier": cell.tier, "from_month": cell.from_month, "per": cell.per}
    target = Target.objects.create(**named, **cell.values, version=number, created_by=by)
    record(by=by, verb="created", obj=target, after=state_of(target))
    return target


def _pending(versions: Sequence[Target]) -> Target | None:
    """The latest version that nobody has decided: files may leave several. A draft is over once a later one counts."""
    approved = _approved(versions)
    over = approved.version if approved else 0
    waits = (
        one
        for one in reversed(versions)
        if one.state == TargetState.PROPOSED or (one.state == TargetState.DRAFT and one.version > over)
    )
    return next(waits, None)


def _approved(versions: Sequence[Target]) -> Target | None:
    return next((one for one in versions if one.state == TargetState.APPROVED), None)


def _changed(draft: Target, cell: NewTarget, by: User) -> Target:
    before = state_of(draft)
    for name, value in cell.values.items():
        setattr(draft, name, value)
    draft.created_by = by
    draft.save(update_fields=[*VALUES, "created_by"])
    record(by=by, verb="changed", obj=draft, before=before, after=state_of(draft))
    return draft


def _says(version: Target, cell: NewTarget) -> bool:
    return all(getattr(version, name) == value for name, value in cell.values.items())


def _decidable(targets: Iterable[int], by: User) -> list[Target]:
    """Proposals that the person may decide on."""
    if not by.has_perm(Right.APPROVE_TARGETS):
        raise PermissionDenied("Finance decides on targets.")
    waiting = _locked(targets)
    if not waiting:
        raise TransitionRefused("There is no proposal among these; nothing was decided.")
    if any(is_own_proposal(by, target) for target in waiting):
        raise PermissionDenied(
            "Nobody decides on what they proposed: ask somebody else from finance. Nothing was decided."
        )
    return waiting


def _decide(waiting: list[Target], to: TargetState, *, by: User, verb: str, reason: str) -> list[Target]:
    decided = {"decided_by": by, "decided_at": timezone.now(), "decision_note": reason}
    done = _move(waiting, TargetState.PROPOSED, to, by=by, verb=verb, **decided)
    tell_proposers(done, by=by, verb=verb, reason=reason)
    return done


def _move(
    targets: list[Target], seen: TargetState, to: TargetState, *, by: User, verb: str, **fields: Any
) -> list[Target]:
    """Compare and swap the state of all. Raises StaleTransition where one has moved on; then nothing is changed."""
    pks = [target.pk for target in targets]
    if Target.objects.filter(pk__in=pks, state=seen).update(state=to, **fields) != len(pks):
        raise StaleTransition(
            "Somebody else decided on one of these meanwhile. Nothing of yours was changed: look again."
        )
    changes = []
    for target in targets:
        before = {"state": target.state, "decision_note": target.decision_note}
        for name, value in {"state": to, **fields}.items():
            setattr(target, name, value)
        changes.append((target, before, state_of(target)))
    record_all(by=by, verb=verb, changes=changes)
    return targets


def _others_waiting(drafts: Sequence[Target]) -> list[Target]:
    """Other versions of the same rows that finance has already."""
    own = {draft.pk for draft in drafts}
    rows = _versions({_key(draft) for draft in drafts}).values()
    return [one for versions in rows for one in versions if one.state == TargetState.PROPOSED and one.pk not in own]


def _require_one_of_each(targets: Iterable[Target]) -> None:
    """Raises TransitionRefused for two versions of one row: they cannot both wait, nor both count."""
    seen = set()
    for target in targets:
        if _key(target) in seen:
            row = f"{target.kpi.name}, {target.tier.name}, per {target.per} from {month_code(Month(target.from_month))}"
            raise TransitionRefused(f"Of {row} two versions would go together: choose one. Nothing was changed.")
        seen.add(_key(target))


def _locked(targets: Iterable[int]) -> list[Target]:
    """The targets, held until the transaction ends, in an order that two writers share."""
    _one_writer()
    rows = Target.objects.select_related("kpi", "tier", "batch__proposed_by").filter(pk__in=set(targets))
    return list(rows.order_by("pk"))


def _one_writer() -> None:
    """One writer of targets at a time: versions are numbered one after the other, and nobody decides twice."""
    Company.objects.select_for_update().get(pk=1)


def _key(target: Target) -> tuple[int, int, int, str]:
    return target.kpi_id, target.tier_id, target.from_month, target.per


def _versions(keys: set[tuple[int, int, int, str]]) -> dict[tuple[int, int, int, str], list[Target]]:
    """All versions of these rows, in their order."""
    found: dict[tuple[int, int, int, str], list[Target]] = {}
    rows = Target.objects.select_related("kpi", "tier", "batch").filter(
        kpi__in={key[0] for key in keys}, tier__in={key[1] for key in keys}, from_month__in={key[2] for key in keys}
    )
    for row in rows.order_by("version"):
        if _key(row) in keys:
            found.setdefault(_key(row), []).append(row)
    return found
