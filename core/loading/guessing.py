"""Of which kind a file probably is, by the names of its columns, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.formatting import sentence_list

if TYPE_CHECKING:
    from core.registry import LoadKind


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind by its name, empty where none is near; ``because`` goes on from 'Read as Facts'.

    ``lacks`` are the columns that the file should have and has not, ``strange`` those that the kind does not know.
    """

    kind: str
    because: str
    lacks: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the file has all the columns that it must have, and no other."""
        return bool(self.kind) and not (self.lacks or self.strange)


def guess_kind(names: Collection[str], kinds: Iterable[LoadKind]) -> Guess:
    """The kind whose columns these are; where none fits, the nearest that shares what names a row with them."""
    found = [fit(names, kind) for kind in kinds]
    spare = {kind.name: len(known_columns(kind)) for kind in kinds}
    near = [one for one in found if one.fits] or [one for one in found if _is_near(names, one)]
    if not near:
        shown = sentence_list(f"“{name}”" for name in list(names)[:8])
        return Guess("", f"no kind of file has columns like {shown}" if shown else "the first line names no column")
    return min(near, key=lambda one: (len(one.lacks) + len(one.strange), spare[one.kind]))


def fit(names: Collection[str], kind: LoadKind) -> Guess:
    """How well the columns are those of a kind."""
    due = [column.name for column in kind.columns if not (column.optional or column.hidden)]
    known = known_columns(kind)
    lacks, strange = [name for name in due if name not in names], [name for name in names if name not in known]
    shared = sentence_list(name for name in due if name in names)
    return Guess(kind.name, f"because its first line has {shared}", tuple(lacks), tuple(strange))


def known_columns(kind: LoadKind) -> list[str]:
    """The columns that a file of the kind may have."""
    return [column.name for column in kind.columns if not column.hidden]


def _is_near(names: Collection[str], one: Guess) -> bool:
    """Whether it shares more columns than it has of others, and lacks fewer."""
    shared = len(names) - len(one.strange)
    return shared > max(1, len(one.strange)) and shared >= len(one.lacks)
