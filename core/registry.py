"""What each app registers in its ``AppConfig.ready``: kinds of files, and what follows a change of facts.

Imports go one way; these are the only places where it is turned around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from core.loading.columns import Column, Record


class LoadKind(Protocol):
    """A kind of file: its columns, and how its rows are taken in, taken back and written out.

    ``job`` is ``accounts.loads.LoadJob``: the table, who loads it, and where errors and counts go.
    """

    @property
    def name(self) -> str:
        """Its name in commands and addresses."""

    @property
    def title(self) -> str:
        """Its name on pages."""

    @property
    def columns(self) -> Sequence[Column]:
        """Its columns, in the order in which an export writes them."""

    @property
    def touches_cells(self) -> bool:
        """Whether a change of its rows calls for a rollup."""

    @property
    def takes_approval(self) -> bool:
        """Whether its rows need somebody's approval to count."""

    def staged(self, job: Any) -> AbstractContextManager[None]:
        """Read ahead what can be read before the transaction begins; what it set up goes at its end."""

    def load(self, job: Any) -> None:
        """Take the table's rows in; called inside one transaction, rolled back where errors were noted."""

    def undo(self, load: Any, by: Any) -> None:
        """Take a load back inside a transaction. Raises ``UndoRefused``."""

    def export(self) -> Iterator[Record]:
        """All stored rows in the file's columns, streamed."""


_kinds: dict[str, LoadKind] = {}
_after_touch: list[Callable[[Any], None]] = []


def register_load_kind(kind: LoadKind) -> None:
    """Make a kind of file known to the commands, the pages and the API."""
    _kinds[kind.name] = kind


def load_kinds() -> dict[str, LoadKind]:
    """Every kind by name, in the order in which they can be loaded."""
    return dict(_kinds)


def register_after_touch(follow: Callable[[Any], None]) -> None:
    """Have ``follow(by)`` called in each transaction that changed what cells are made from."""
    if follow not in _after_touch:
        _after_touch.append(follow)


def cells_touched(by: Any = None) -> None:
    """Tell whoever registered that cells are to be rolled up again."""
    for follow in _after_touch:
        follow(by)
