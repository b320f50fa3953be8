"""What a list of warned customers was worth so far: its record, and whether it may be shown. Pure.

A month end is told by its ``Tally``; a record adds up at most ``RECORDED`` of them. A customer counts at a month end at
which it is warned and was not at any of the ``QUIET`` before, and is lost within ``AHEAD`` months.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import exp, fsum, lgamma, log, log1p

LATE, EARLY = 3, 9  # months of the two windows whose values are compared
WINDOW = LATE + EARLY
LEAST_FACTS = 2  # in each of them
MILD, SEVERE = 1, 3  # near bands: more than one in two KPIs, or more than three in one
AHEAD = QUIET = 6  # months
RECORDED = 24  # month ends
LEAST_WARNED, LEAST_LOST = 30, 10
LEAST_LIFT = Fraction(3, 2)
MOST_CHANCE = 0.02


class Failing(StrEnum):
    """Why a list is not shown."""

    TOO_FEW = "too_few"
    GUESSING = "guessing"


@dataclass(frozen=True, slots=True)
class Tally:
    """One month end: how many warned customers count there and were lost, and how many could be warned and were lost.

    ``leads`` are, of the lost that count and left, how many months went by until they did.
    """

    warned: int = 0
    lost: int = 0
    able: int = 0
    able_lost: int = 0
    leads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What came of the warnings. ``base`` is the mean, over the warned, of the share lost among all that could be
    warned at the same month end; None where nobody counts. ``lead`` is the median of months to leaving, None where
    none of the lost left by an event.
    """

    warned: int
    lost: int
    base: Fraction | None
    lead: Fraction | None

    @property
    def precision(self) -> Fraction | None:
        """The share of the warned that were lost; None where nobody was warned."""
        return Fraction(self.lost, self.warned) if self.warned else None

    @property
    def lift(self) -> Fraction | None:
        """How much more often the warned were lost than all; None where nobody was."""
        return self.precision / self.base if self.precision is not None and self.base else None

    @property
    def chance(self) -> float:
        """How probable so many lost, or more, would be if warnings said nothing."""
        return binomial_tail(self.lost, self.warned, float(self.base or 0))

    @property
    def failing(self) -> Failing | None:
        """Why the list is not shown; None for one that is.

        Fewer than 30 are too few, and so is a record without anybody lost. From 30 on a list that is no better than
        guessing is called so, however few were lost; one that looks better is too few to tell up to nine lost, and
        guessing where chance may have done it.
        """
        if self.warned < LEAST_WARNED or self.lift is None:
            return Failing.TOO_FEW
        if self.lift < LEAST_LIFT:
            return Failing.GUESSING
        if self.lost < LEAST_LOST:
            return Failing.TOO_FEW
        return None if self.chance < MOST_CHANCE else Failing.GUESSING

    @property
    def shown(self) -> bool:
        """Whether the list may be shown."""
        return self.failing is None


def record_of(tallies: Iterable[Tally]) -> Record:
    """The record of some month ends; nobody counts where there are none."""
    kept = [one for one in tallies if one.warned]
    warned = sum(one.warned for one in kept)
    expected = sum((Fraction(one.warned * one.able_lost, one.able) for one in kept), Fraction(0))
    leads = [months for one in kept for months in one.leads]
    return Record(warned, sum(one.lost for one in kept), expected / warned if warned else None, median(leads))


def median(values: Sequence[int | Fraction]) -> Fraction | None:
    """The middle value, of an even number the mean of the middle two; None of none."""
    if not values:
        return None
    line = sorted(values)
    return Fraction(line[(len(line) - 1) // 2] + line[len(line) // 2]) / 2


def binomial_tail(successes: int, trials: int, share: float) -> float:
    """The probability of at least so many successes, each of the trials having one with that share."""
    if successes <= 0:
        return 1.0
    if share <= 0 or share >= 1:
        return float(share >= 1)
    return min(1.0, fsum(exp(_log_chance(number, trials, share)) for number in range(successes, trials + 1)))


def _log_chance(successes: int, trials: int, share: float) -> float:
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return ways + successes * log(share) + (trials - successes) * log1p(-share)
