"""The four numbers of a proposal as marks on a line: where they lie, without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

WIDTH, MARGIN = 120, 9


@dataclass(frozen=True, slots=True)
class Marks:
    """Where each mark stands from the left, in 120 steps; None for what there is no number of.

    ``beyond`` is ``left`` or ``right`` where the proposed number lies so far off that the line does not reach it.
    """

    last_year: str | None
    latest: str | None
    in_force: str | None
    proposed: str
    beyond: str

    @property
    def arrow(self) -> str:
        """The points of the arrow towards a number that the line does not reach; empty without."""
        return {"left": "2,10 8,6 8,14", "right": "118,10 112,6 112,14", "": ""}[self.beyond]


def marks_of(
    last_year: Fraction | None, latest: Fraction | None, in_force: Fraction | None, proposed: Fraction | None
) -> Marks | None:
    """The line runs over what was measured and agreed to, and over what is proposed where that is near it.

    None where there is but one number, or none: nothing can be seen beside another.
    """
    known = [one for one in (last_year, latest, in_force) if one is not None]
    if proposed is None or not known:
        return None
    low, high = min(known), max(known)
    reach = max(high - low, abs(high) / 2, abs(low) / 2, Fraction(1, 100))
    beyond = "left" if proposed < low - 2 * reach else "right" if proposed > high + 2 * reach else ""
    if not beyond:
        low, high = min(low, proposed), max(high, proposed)
    then, now, agreed = (None if one is None else _place(one, low, high) for one in (last_year, latest, in_force))
    edge = {"left": str(MARGIN), "right": str(WIDTH - MARGIN)}
    return Marks(then, now, agreed, edge.get(beyond) or _place(proposed, low, high), beyond)


def _place(value: Fraction, low: Fraction, high: Fraction) -> str:
    share = (value - low) / (high - low) if high > low else Fraction(1, 2)
    return f"{float(MARGIN + share * (WIDTH - 2 * MARGIN)):.1f}"


def middle(parts: Sequence[Fraction | None]) -> Fraction | None:
    """One number for a target: its value, or the middle of its range."""
    known = [one for one in parts if one is not None]
    return sum(known, Fraction(0)) / len(known) if known else None
