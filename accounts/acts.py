"""One act of one person: what is written down while it lasts is one line of the audit, which unfolds to its parts.

The first entry begins the act, the others name it. A request is one act, and so is a load by command; within an act
there is no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from accounts.models import AuditEntry


class _Act:
    """The act under way: its first entry, as long as the database has it."""

    def __init__(self) -> None:
        self.first: int | None = None
        self._committed = False

    def begin(self, number: int) -> None:
        """This entry is the first."""
        self.first, self._committed = number, False
        transaction.on_commit(self._keep)

    @property
    def begun(self) -> bool:
        """Whether the first entry is there: what was rolled back with it takes the call after the commit along."""
        waiting = (call[1] for call in connection.run_on_commit)
        return self.first is not None and (self._committed or self._keep in waiting)

    def _keep(self) -> None:
        self._committed = True


_act: ContextVar[_Act | None] = ContextVar("act", default=None)
_reverted: ContextVar[int | None] = ContextVar("reverted", default=None)


@contextmanager
def one_act() -> Iterator[None]:
    """While this lasts, all that is recorded is one act; within another act it is part of that."""
    if _act.get() is not None:
        yield
        return
    token = _act.set(_Act())
    try:
        yield
    finally:
        _act.reset(token)


def part_of_act(entries: list[AuditEntry], insert: Callable[[list[AuditEntry]], None]) -> None:
    """Insert entries as parts of the act under way; the first of them begins it where none has begun."""
    act = _act.get()
    if act is not None and entries and not act.begun:
        insert(entries[:1])
        act.begin(entries[0].pk)
        entries = entries[1:]
    for entry in entries:
        entry.act = act.first if act else None
    if entries:
        insert(entries)


@contextmanager
def reverting(entry: AuditEntry) -> Iterator[None]:
    """While this lasts, what is recorded gives back what an entry changed."""
    token = _reverted.set(entry.pk)
    try:
        yield
    finally:
        _reverted.reset(token)


def reverted() -> int | None:
    """The number of the entry that is given back just now; None where none is."""
    return _reverted.get()
