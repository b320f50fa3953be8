"""Two lives made one: pure, no Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

_T = TypeVar("_T")


def merged_tiers(kept: Mapping[date, _T | None], gone: Mapping[date, _T | None]) -> dict[date, _T | None]:
    """From which day on two customers as one are in which tier: the kept one's, the other's where that has none."""
    found: dict[date, _T | None] = {}
    mine: _T | None = None
    other: _T | None = None
    for day in sorted({*kept, *gone}):
        mine, other = kept.get(day, mine), gone.get(day, other)
        tier = other if mine is None else mine
        if day in kept or tier != (found[max(found)] if found else None):
            found[day] = tier
    return found


def merged_life(lives: Iterable[Iterable[tuple[date, bool]]]) -> list[tuple[date, bool]]:
    """When several customers as one come on the book and go off it: on it while any of them is.

    Each life is its days in order, with whether the customer is on the book from that day on.
    """
    steps = sorted((day, place, on) for place, life in enumerate(lives) for day, on in life)
    on_it: set[int] = set()
    found: list[tuple[date, bool]] = []
    for number, (day, place, on) in enumerate(steps):
        (on_it.add if on else on_it.discard)(place)
        last_of_day = number + 1 == len(steps) or steps[number + 1][0] != day
        if last_of_day and bool(on_it) != (found[-1][1] if found else False):
            found.append((day, bool(on_it)))
    return found
