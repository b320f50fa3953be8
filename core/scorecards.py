"""What the apps below ask of the scorecard and what they tell it, each registered in its ``AppConfig.ready``: which
months and periods are closed, what was signed of one, and that verdicts or signals may be others by now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.periods import Month

_covering: list[Callable[[Month, Month | None], Iterable[Month]]] = []
_closed: list[Callable[[Collection[str]], Mapping[str, int]]] = []
_signed: list[Callable[[Mapping[str, Any], Any], Any]] = []
_after_change: list[Callable[[], None]] = []


def register_covering(source: Callable[[Month, Month | None], Iterable[Month]]) -> None:
    """Have ``source(first, last)`` asked which months from first to last (None: all later ones) an edition covers."""
    if source not in _covering:
        _covering.append(source)


def covered_months(first: Month, last: Month | None = None) -> list[Month]:
    """The months from first to last (None: all later ones) that an edition covers, in order; none where nothing was
    closed.
    """
    return sorted({month for source in _covering for month in source(first, last)})


def register_closed(source: Callable[[Collection[str]], Mapping[str, int]]) -> None:
    """Have ``source(codes)`` asked which periods of these codes are closed, with the number of the latest edition."""
    if source not in _closed:
        _closed.append(source)


def closed_periods(codes: Collection[str]) -> dict[str, int]:
    """Those of the periods, by code, that are closed, with the number of their latest edition; empty for none."""
    return {code: number for source in _closed if codes for code, number in source(codes).items()}


def register_signed(source: Callable[[Mapping[str, Any], Any], Any]) -> None:
    """Have ``source(document, live)`` turn an edition's document into the matrix that it was made of."""
    if source not in _signed:
        _signed.append(source)


def signed_values(document: Mapping[str, Any], live: Any) -> Any:
    """The matrix of an edition's document. ``live`` is the live matrix of the period, whole or of some KPIs."""
    return _signed[-1](document, live)


def register_after_change(follow: Callable[[], None]) -> None:
    """Have ``follow()`` called when verdicts or signals may be others: after a rollup, and in the transaction of a
    write that acts without one.
    """
    if follow not in _after_change:
        _after_change.append(follow)


def verdicts_changed() -> None:
    """Tell whoever registered that verdicts or signals may be others by now."""
    for follow in _after_change:
        follow()
