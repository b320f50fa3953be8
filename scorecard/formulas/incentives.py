"""What an incentive goal pays for a value, and the share of initiatives finished on time: exact fractions, no Django.

Source: semantics-more.md, Incentive goals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

FULL = Fraction(100)


class Piece(StrEnum):
    """Between which of the points a value lies."""

    BELOW = "below"
    LOWER = "lower"
    UPPER = "upper"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class Points:
    """Threshold, target and maximum, strictly in order (falling where lower is better), and what is paid at the outer
    two, in percent; at the target it is 100.
    """

    threshold: Fraction
    target: Fraction
    maximum: Fraction
    at_threshold: Fraction
    at_maximum: Fraction

    @property
    def lower_is_better(self) -> bool:
        """Whether less earns more."""
        return self.maximum < self.threshold

    def piece(self, value: Fraction) -> Piece:
        """Where a value lies; a point itself belongs to the better side."""
        sign = -1 if self.lower_is_better else 1
        if sign * value < sign * self.threshold:
            return Piece.BELOW
        if sign * value < sign * self.target:
            return Piece.LOWER
        return Piece.UPPER if sign * value < sign * self.maximum else Piece.BEYOND

    def ends(self, piece: Piece) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """The ends of a piece between two points: the value and the pay-out of each."""
        if piece is Piece.LOWER:
            return self.threshold, self.at_threshold, self.target, FULL
        return self.target, FULL, self.maximum, self.at_maximum


def pay_out(points: Points, value: Fraction) -> Fraction:
    """What is paid for a value, in percent: 0 below the threshold, linear between the points, and the maximum's beyond.

    ``pay_out(Points(80, 90, 100, 50, 150), 85)`` is 75.
    """
    piece = points.piece(value)
    if piece is Piece.BELOW:
        return Fraction(0)
    if piece is Piece.BEYOND:
        return points.at_maximum
    begin, at_begin, end, at_end = points.ends(piece)
    return at_begin + (at_end - at_begin) * (value - begin) / (end - begin)


@dataclass(frozen=True, slots=True)
class Finish:
    """An initiative named by a goal: when it was due by its baseline, when it was finished (None: not), and since when
    it has been cancelled or on hold with an executive's approval (None: it is not so, or without one).
    """

    due: date | None
    finished_on: date | None
    let_go_on: date | None = None

    @property
    def in_time(self) -> bool:
        """Whether it was finished by the day on which it was due."""
        return self.finished_on is not None and self.due is not None and self.finished_on <= self.due

    def counts(self, first: date, last: date) -> bool:
        """Whether it was due in a period, and not let go before it was."""
        if self.due is None or not first <= self.due <= last:
            return False
        return self.let_go_on is None or self.let_go_on >= self.due


def share_on_time(finishes: Iterable[Finish], first: date, last: date) -> Fraction | None:
    """Of those due in a period the share that was finished by then, in percent; None where none was due."""
    due = [one for one in finishes if one.counts(first, last)]
    return Fraction(100 * sum(one.in_time for one in due), len(due)) if due else None


def weighted(parts: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """What goals come to together, in percent: weights and pay-outs, both in percent."""
    return sum((weight * paid / 100 for weight, paid in parts), Fraction(0))
