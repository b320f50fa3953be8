"""What a process keeps of a reading while its mark stands: the objects themselves, where ``caches`` keep copies."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

_all: list[Kept[object]] = []


class Kept(Generic[T]):
    """The newest reading under each of a few names.

    Whoever gets it leaves it as it is: other threads have the same. Those who ask at once for what has changed wait
    for the first of them.
    """

    def __init__(self) -> None:
        self._held: dict[Hashable, tuple[Hashable, T]] = {}
        self._one_at_a_time = Lock()
        _all.append(self)  # type: ignore[arg-type]

    def get(self, name: Hashable, mark: Hashable, read: Callable[[], T]) -> T:
        """What is kept under the name, read anew where the mark is another."""
        with self._one_at_a_time:
            held = self._held.get(name)
            if held is None or held[0] != mark:
                held = self._held[name] = (mark, read())
            return held[1]

    def forget(self) -> None:
        """Keep nothing."""
        self._held.clear()


def forget_all() -> None:
    """Nothing is kept any more, of whatever reading: another database begins with the same numbers."""
    for one in _all:
        one.forget()
