"""What a link may say: two KPIs whose changes mean something and that are not the same facts, and why one leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.keys import EMPTY
from core.loading.columns import CellType
from core.texts import why_no_text
from core.writes import Problem
from kpis.choices import LONGEST_TEXT, LinkSign
from kpis.formulas.links import MOST_LAG

BAD_LAGS = f"run from 0 to {MOST_LAG} months: write 0-{MOST_LAG}, 1-3 or one number"
_SPAN = re.compile(r"(?P<first>\d)(?:\s*[-–]\s*(?P<last>\d))?", re.ASCII)
_RANGED = "is held within a range, or made of such a KPI: neither more nor less of it is better"
_TRAILING = "looks back over twelve months, or is made of a KPI that does: its changes overlap"


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What a KPI's values are made of: whether one of them is a range, or looks back over months, and whose facts they
    are, by the ids of KPIs.
    """

    ranged: bool
    looks_back: bool
    facts: frozenset[int]

    @property
    def unfit(self) -> str:
        """Why no link can begin or end with it, as a reason; empty where one can."""
        if self.ranged:
            return _RANGED
        return _TRAILING if self.looks_back else ""


@dataclass(frozen=True, slots=True)
class LinkCells:
    """A link, as far as the rules look at it."""

    leading: int
    trailing: int
    sign: str
    lags: str
    mechanism: str


def read_lags(text: str) -> str:
    """A span of months as it is kept: ``0-6``, ``2`` of ``2-2``. Raises ValueError with the reason."""
    found = _SPAN.fullmatch(text.strip())
    first, last = (int(found["first"]), int(found["last"] or found["first"])) if found else (1, 0)
    if not first <= last <= MOST_LAG:
        raise ValueError(BAD_LAGS)
    return str(first) if first == last else f"{first}-{last}"


LAGS = CellType(read_lags, longest=10)


def link_problems(link: LinkCells, leading: MadeOf, trailing: MadeOf, *, taken: str = "") -> Iterator[Problem]:
    """All that is wrong with a link; ``taken`` says why there can't be another one of the two KPIs."""
    yield from _problems_of_pair(link, leading, trailing)
    if taken:
        yield "trailing", taken
    if link.sign not in LinkSign.values:
        yield "sign", f"is none of {', '.join(LinkSign.values)}"
    try:
        read_lags(link.lags)
    except ValueError as error:
        yield "lags", str(error)
    if why := why_no_text(link.mechanism, LONGEST_TEXT) if link.mechanism else EMPTY:
        yield "mechanism", why


def _problems_of_pair(link: LinkCells, leading: MadeOf, trailing: MadeOf) -> Iterator[Problem]:
    if link.leading == link.trailing:
        yield "trailing", "is the leading KPI itself"
        return
    for field, made in (("leading", leading), ("trailing", trailing)):
        if made.unfit:
            yield field, made.unfit
    if leading.facts & trailing.facts:
        yield "trailing", "takes the same facts as the leading KPI, itself or by an input: it would lead to itself"
