"""What is searched for, and how well something answers it. Pure: case, accents and what nobody sees do not count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from heapq import nsmallest
from typing import TypeVar

from core.keys import folded

MOST = 20  # results of one search
LONGEST = 100  # characters that are looked for; the rest is left out

_Row = TypeVar("_Row")


class Rank(IntEnum):
    """How well something answers; the first comes first."""

    CODE = 1  # its whole code
    NAME = 2  # its whole name
    PREFIX = 3  # how code or name begin
    WORD = 4  # how words of it begin
    PART = 5


class Search:
    """What somebody looks for; ``reader`` is who they are, by whose rights things are found."""

    def __init__(self, text: str, reader: object) -> None:
        self.text = text[:LONGEST]
        self.reader = reader
        self.whole = folded(self.text)
        self.words = tuple(self.whole.split())

    def __bool__(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.words)

    @cached_property
    def _beginnings(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(rf"(?<!\w){re.escape(word)}") for word in self.words)

    def rank(self, name: str, code: str = "", *others: str) -> Rank | None:
        """How well something of that name and code answers, ``others`` being more that it may be known by; None
        where a word of the search is in none of them.
        """
        return self.rank_folded(folded(name), folded(code), *map(folded, others))

    def rank_folded(self, name: str, code: str = "", *others: str) -> Rank | None:
        """The same of texts that are folded already."""
        if not self:
            return None
        if code == self.whole:
            return Rank.CODE
        if name == self.whole:
            return Rank.NAME
        if name.startswith(self.whole) or code.startswith(self.whole):
            return Rank.PREFIX
        known = "\n".join((name, code, *others))
        if not all(word in known for word in self.words):
            return None
        return Rank.WORD if all(one.search(known) for one in self._beginnings) else Rank.PART


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found: its ``kind`` (``customer``), its title, more of it, the path of its page."""

    kind: str
    title: str
    detail: str
    url: str
    rank: Rank

    @property
    def what(self) -> str:
        """Its kind as one would say it."""
        return "KPI" if self.kind == "kpi" else self.kind


def best_of(ranked: Iterable[tuple[Rank | None, str, _Row]]) -> Iterator[tuple[Rank, _Row]]:
    """The best rows with their ranks, of (rank, name, row); those without a rank are left out."""
    found = ((rank, name.casefold(), place, row) for place, (rank, name, row) in enumerate(ranked) if rank is not None)
    return ((rank, row) for rank, _, _, row in nsmallest(MOST, found))


def best(found: Iterable[Found], most: int = MOST) -> list[Found]:
    """The best of them: by rank, then by name; of equals in the order in which they came."""
    return sorted(found, key=lambda one: (one.rank, folded(one.title)))[:most]
