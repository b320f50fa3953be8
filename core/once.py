"""What one page needs in several places is read once, for as long as one reading lasts. Nothing is written within it.

A page of many parts (home) asks for the company, the library of KPIs, the register's standings in each of them. Inside
``one_reading`` each is read by whoever comes first and shared; outside of it everything is read as it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_held: ContextVar[dict[Hashable, Any] | None] = ContextVar("what one reading holds", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Hold what is read until the end; a reading within a reading is part of it."""
    if _held.get() is not None:
        yield
        return
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def once(key: Hashable, read: Callable[[], T]) -> T:
    """What this reading holds under the key, read now if nobody did; outside of a reading what ``read`` answers.

    Whoever gets it leaves it as it is: others have the same.
    """
    held = _held.get()
    if held is None:
        return read()
    if key not in held:
        held[key] = read()
    found: T = held[key]
    return found


def hold(key: Hashable, found: object) -> None:
    """Keep what was read for the rest of this reading; nothing outside of one."""
    held = _held.get()
    if held is not None:
        held[key] = found


def held_of(key: Hashable) -> Any:
    """What this reading holds under the key; None where nobody read it, or outside of a reading."""
    held = _held.get()
    return None if held is None else held.get(key)
