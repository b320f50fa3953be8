"""What a load changes, as people look at it: by KPI, row by row, and in one digest that tells it from any other."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from accounts.choices import ChangeKind
from accounts.models import Load, LoadChange
from core.registry import LoadKind

SHOWN_CHANGES = 50
_BESIDE_THE_FILE = ("position", "load", "version", "supersedes")


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


@dataclass(slots=True)
class Effects:
    """What a load does to the stored rows. ``new`` and ``changed`` count rows by KPI, where the kind's rows have one;
    ``digest`` is the same where, and only where, all rows are changed in the same way.
    """

    kind: LoadKind
    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    sample: list[ShownChange] = field(default_factory=list)
    digest: str = ""

    def read(self, load: Load) -> None:
        """Look at what a load has written, within its transaction."""
        digest = hashlib.sha256()
        for text in self.kind.told_apart(load):
            digest.update(text.encode())
            digest.update(b"\0")
        self.digest = digest.hexdigest()
        if any(column.name == "kpi" for column in self.kind.columns):
            self._count(load)
        else:
            self.sample = sample_of(load)

    def _count(self, load: Load) -> None:
        changes = load.changes.values_list("change", "after").iterator(chunk_size=2_000)
        for change, after in ((change, after or {}) for change, after in changes):
            kpi = after["kpi"]
            if "created" in after:  # facts are recorded by month
                self.new[kpi] += after["created"]
                self.changed[kpi] += after["updated"]
            elif change == ChangeKind.CREATED:
                self.new[kpi] += 1
            else:
                self.changed[kpi] += 1


def sample_of(load: Load, most: int = SHOWN_CHANGES) -> list[ShownChange]:
    """The first of the rows that a load changed."""
    changes = LoadChange.objects.filter(load=load).order_by("pk")[:most]
    return [ShownChange(change.key, change.get_change_display(), tuple(_cells(change))) for change in changes]


def _cells(change: LoadChange) -> Iterator[ShownCell]:
    before, after = change.before, change.after or {}
    for column, value in after.items():
        old = None if before is None else before.get(column, "")
        if column not in _BESIDE_THE_FILE and old != value and (value not in ("", None) or old):
            yield ShownCell(column, old, str(value))
