"""What the pages of files show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from accounts.choices import LoadState
from accounts.http import DENIED
from accounts.loads import load_file, may_undo
from accounts.models import Load, LoadChange, User
from accounts.rights import Right
from accounts.services.imports import WaitingFile
from core.loading import LoadReport, RowError
from core.registry import LoadKind, load_kinds

SHOWN_ERRORS = 200
SHOWN_CHANGES = 50

_BESIDE_THE_FILE = ("position", "load", "version", "supersedes")


@dataclass(frozen=True, slots=True)
class Checked:
    """What loading a waiting file would do."""

    waiting: WaitingFile
    kind: LoadKind
    report: LoadReport
    errors: list[RowError]

    @property
    def more_errors(self) -> int:
        """Bad cells that the page leaves out."""
        return self.report.errors.count - len(self.errors)

    @property
    def can_load(self) -> bool:
        """Whether loading would change anything."""
        return self.report.ok and bool(self.report.counts.changed)


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One column of a changed row; ``before`` is None where the row was not there."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One changed row, with the columns that differ."""

    name: str
    kind: str
    cells: tuple[ShownCell, ...]


def check(waiting: WaitingFile, user: User) -> Checked:
    """Run a waiting file without keeping anything. Raises FileProblem, LoadRefused."""
    report = _load(waiting, user, dry_run=True)
    return Checked(waiting, load_kinds()[waiting.kind], report, report.errors.first(SHOWN_ERRORS))


def take_in(waiting: WaitingFile, user: User) -> LoadReport:
    """Load a waiting file. Raises FileProblem, LoadRefused."""
    return _load(waiting, user, dry_run=False)


def _load(waiting: WaitingFile, user: User, *, dry_run: bool) -> LoadReport:
    return load_file(
        kind=waiting.kind,
        path=waiting.path,
        source=waiting.name,
        by=user,
        dry_run=dry_run,
        reading=waiting.reading,
        approved_by=user if waiting.approve else None,
    )


def sample_of(load: Load) -> list[ShownChange]:
    """The first of the rows that a load changed."""
    changes = LoadChange.objects.filter(load=load).order_by("pk")[:SHOWN_CHANGES]
    return [ShownChange(change.key, change.get_change_display(), tuple(_cells(change))) for change in changes]


def _cells(change: LoadChange) -> Iterator[ShownCell]:
    before, after = change.before, change.after or {}
    for column, value in after.items():
        old = None if before is None else before.get(column, "")
        if column not in _BESIDE_THE_FILE and old != value and (value not in ("", None) or old):
            yield ShownCell(column, old, str(value))


def can_be_undone(load: Load, user: User) -> bool:
    """Whether the load still counts and the person may take it back; what else stands in the way shows then."""
    return load.state == LoadState.APPLIED and may_undo(load, user)


def require_sight(load: Load, user: User) -> None:
    """Raises PermissionDenied for who neither loads files nor may take it back: finance sees what it approved."""
    if not (user.has_perm(Right.LOAD) or may_undo(load, user)):
        raise PermissionDenied(DENIED)
