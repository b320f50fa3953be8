"""The doors of files: load, export, take back. Rights are checked by whoever opens them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils import timezone

from accounts.acts import one_act
from accounts.audit import record
from accounts.choices import LoadState, Verb
from accounts.loads.taking import NOBODY, LoadJob, LoadRefused, Onlooker, UndoRefused
from accounts.models import Company, Load, User
from accounts.rights import Right
from core.loading import AS_IT_IS, Counts, FileProblem, LoadReport, Reading, Table, open_table
from core.loading.rows import header_is_good
from core.loading.writing import write_table
from core.registry import LoadKind, cells_touched, load_kinds

if TYPE_CHECKING:
    from accounts.loads.kind import RowKind


def kind_named(name: str) -> LoadKind:
    """The kind of file of that name. Raises LoadRefused, listing the kinds."""
    kinds = load_kinds()
    if name not in kinds:
        raise LoadRefused(f"“{name}” is no kind of file; the kinds are {', '.join(kinds)}")
    return kinds[name]


def kinds_for(user: User) -> dict[str, LoadKind]:
    """The kinds that a person brings and takes back files of, by name."""
    return {name: kind for name, kind in load_kinds().items() if user.has_perm(kind.load_right)}


def kind_for(name: str, user: User | None) -> LoadKind:
    """One of these by name; None is the operator. Raises LoadRefused for what is not the person's to load."""
    kind = kind_named(name)
    if user is not None and not user.has_perm(kind.load_right):
        raise LoadRefused(f"{kind.title} are not yours to load; nothing was changed")
    return kind


def confidential_kinds() -> frozenset[str]:
    """The kinds of which not everybody who loads files may know what was loaded."""
    return frozenset(name for name, kind in load_kinds().items() if kind.load_right != Right.LOAD)


def load_file(
    *,
    kind: str,
    path: Path,
    by: User | None = None,
    dry_run: bool = False,
    approved_by: User | None = None,
    source: str = "",
    reading: Reading = AS_IT_IS,
    onlooker: Onlooker = NOBODY,
) -> LoadReport:
    """Take in all of a file or nothing of it, and say what became of its rows.

    ``source`` names the file in the records where the path is a temporary one, ``reading`` is what a person says
    of the file, ``onlooker`` who looks on. With ``dry_run`` nothing is kept. Raises FileProblem for a file that cannot
    be read, LoadRefused for an unknown kind or an approver who may not approve.
    """
    taken = kind_named(kind)
    _refuse_approver(taken, approved_by)
    report = LoadReport(kind, (source or path.name)[:255], dry_run=dry_run)
    load = Load(kind=kind, source=report.source, by=by, approved_by=approved_by)
    with open_table(path, reading) as table:
        report.sheet = table.sheet
        load.sha256 = _digest(path)
        shown = onlooker.table(table)
        _take_in(taken, LoadJob(shown, report, load, by=by, approved_by=approved_by, onlooker=onlooker))
    return report


def load_rows(*, kind: str, table: Table, by: User, source: str, sha256: str = "", dry_run: bool = False) -> LoadReport:
    """The same of rows that a call of the API brought: each is what its single call may be, and nobody approves.

    Raises LoadRefused, and FileProblem where the table turns out unreadable.
    """
    report = LoadReport(kind, source, dry_run=dry_run)
    load = Load(kind=kind, source=source, by=by, sha256=sha256)
    _take_in(kind_named(kind), LoadJob(table, report, load, by=by, by_call=True))
    return report


def write_within(*, kind: str, by: User, source: str, write: Callable[[Load], Counts]) -> Load:
    """Rows of a kind that a service writes in its own transaction, kept as a load that can be taken back as any other.

    ``write`` writes them, with what they replace, and answers what became of them. The audit entry is the service's, of
    what it is about.
    """
    one_load_at_a_time()
    load = Load.objects.create(kind=kind, source=source[:255], by=by)
    counts = write(load)
    Load.objects.filter(pk=load.pk).update(**asdict(counts))
    if kind_named(kind).touches_cells and counts.changed:
        cells_touched(by)
    return load


def _take_in(kind: LoadKind, job: LoadJob) -> None:
    """The rows of a table whose header is good, and how long it took."""
    started = time.monotonic()
    if not header_is_good(job.table, kind.columns, job.errors):
        return
    with kind.staged(job):
        _apply(kind, job)
    if job.report.load:
        Load.objects.filter(pk=job.report.load).update(seconds=time.monotonic() - started)


def _refuse_approver(kind: LoadKind, approver: User | None) -> None:
    if approver is None:
        return
    if not kind.takes_approval:
        raise LoadRefused(f"Rows of {kind.name} need no approval; leave the approver out")
    if not (approver.is_active and approver.has_perm(Right.APPROVE_TARGETS)):
        raise LoadRefused(f"{approver.email} may not approve targets; nothing was loaded")


def _apply(kind: LoadKind, job: LoadJob) -> None:
    """One transaction: rows, records, touch marks and audit entry, or none of it."""
    with transaction.atomic(), one_act():
        one_load_at_a_time()
        job.load.save()
        kind.load(job)
        if not job.errors:
            job.onlooker.changed(job.load)
        if job.errors or job.report.dry_run:
            transaction.set_rollback(True)
        else:
            _keep(kind, job, job.load)


def _keep(kind: LoadKind, job: LoadJob, load: Load) -> None:
    counts = asdict(job.counts)
    Load.objects.filter(pk=load.pk).update(**counts)
    job.report.load = load.pk
    if kind.name in confidential_kinds():
        _note_confidential(kind, job.by)
    else:
        record(by=job.by, verb=Verb.LOADED, obj=load, after={"kind": kind.name, "source": load.source, **counts})
    if kind.touches_cells and job.counts.changed:
        cells_touched(job.by)
    job.onlooker.kept(load)


def _note_confidential(kind: LoadKind, by: User | None) -> None:
    """That something of the kind changed, who and when: the audit keeps no more of it."""
    record(by=by, verb=Verb.CHANGED, obj=cast("type[RowKind[Any]]", kind).model(pk=0))


def one_load_at_a_time() -> None:
    """Wait for a load under way: two at once would not see what each other replaces.

    PostgreSQL locks the company's row; SQLite has one writer anyway.
    """
    Company.objects.select_for_update().get(pk=1)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def may_undo(load: Load, by: User) -> bool:
    """Whether the person may take the load back: one that approved is finance's, any other a matter of loading. What
    was derived nobody takes back.
    """
    kind = load_kinds().get(load.kind)
    return kind is not None and by.has_perm(Right.APPROVE_TARGETS if load.approved_by_id else kind.load_right)


def undo_load(*, load: Load, by: User | None = None) -> None:
    """Take a load back: what it created goes, what it replaced returns. Without ``by`` it is the operator's word.

    Raises UndoRefused where it was taken back before, where it approved and the person may not approve, or where
    a row that it wrote was changed since or is needed by others; the message names rows.
    """
    if load.kind not in load_kinds():
        raise UndoRefused(
            f"What load {load.pk} wrote was derived, and follows what it was derived from: take that back. "
            "Nothing was changed"
        )
    kind = kind_named(load.kind)
    if by is not None and load.kind in confidential_kinds() and not may_undo(load, by):
        raise UndoRefused("This load is not yours to take back. Nothing was changed")
    if by is not None and load.approved_by_id and not may_undo(load, by):
        raise UndoRefused(
            f"Load {load.pk} approved rows, so somebody who may approve them takes it back: ask finance. "
            "Nothing was changed"
        )
    with transaction.atomic(), one_act():
        one_load_at_a_time()
        if not Load.objects.filter(pk=load.pk, state=LoadState.APPLIED).update(
            state=LoadState.UNDONE, undone_by=by, undone_at=timezone.now()
        ):
            raise UndoRefused(f"Load {load.pk} has been taken back before; nothing was changed")
        kind.undo(load, by)
        if kind.name in confidential_kinds():
            _note_confidential(kind, by)
        else:
            before, after = {"state": LoadState.APPLIED}, {"state": LoadState.UNDONE}
            record(by=by, verb=Verb.TAKEN_BACK, obj=load, before=before, after=after)
        if kind.touches_cells:
            cells_touched(by)


def export_file(*, kind: str, path: Path) -> int:
    """Write all rows of a kind so that loading the file changes nothing; answers their number.

    Raises FileProblem where the file cannot be written, LoadRefused for an unknown kind.
    """
    chosen = kind_named(kind)
    if path.is_dir():
        raise FileProblem(f"{path} is a folder; name a file")
    return write_table(path, chosen.columns, chosen.export())
