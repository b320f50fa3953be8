"""Which initiatives come first, and where a budget ends: pure, from standings.

By quadrant, within it impact descending and burden ascending; of equals the cheaper first. What is not
scored cannot be ranked, and stands apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from initiatives.choices import Level, Stage
from initiatives.reading.standings import Standing

OPEN = (Stage.CANDIDATE, Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One initiative in its place. ``total`` is its cost and that of all before it, in the company's money.

    ``above`` says whether it is above the budget line; without a budget all are.
    """

    place: int
    standing: Standing
    total: Fraction
    above: bool


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many open initiatives a level has, how many of them run, and how many are above the line."""

    level: Level
    open: int
    running: int
    above: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """All that is open, in order. The budget line stands after the last that it pays for: whoever comes
    later is below it, cheap or not.

    What has no cost, or none in the company's money, takes nothing from the budget, and is named.
    """

    budget: Fraction | None
    ranked: tuple[Ranked, ...]
    unscored: tuple[Standing, ...]
    levels: tuple[LevelCount, ...]

    @property
    def above(self) -> tuple[Ranked, ...]:
        """What the budget pays for."""
        return tuple(one for one in self.ranked if one.above)

    @property
    def below(self) -> tuple[Ranked, ...]:
        """What falls below the line."""
        return tuple(one for one in self.ranked if not one.above)

    @property
    def running_below(self) -> tuple[Ranked, ...]:
        """What runs below the line today."""
        return tuple(one for one in self.below if one.standing.running)

    @property
    def waiting_above(self) -> tuple[Ranked, ...]:
        """What the budget would pay for, and does not run."""
        return tuple(one for one in self.above if not one.standing.running)

    @property
    def without_rate(self) -> tuple[Standing, ...]:
        """Those whose cost has no rate of finance: sums leave them out."""
        return tuple(one.standing for one in self.ranked if one.standing.without_rate)

    @property
    def without_cost(self) -> tuple[Standing, ...]:
        """Those for which nobody named a cost."""
        return tuple(one.standing for one in self.ranked if one.standing.initiative.cost is None)


def rank(standings: Iterable[Standing], budget: Fraction | None = None) -> Ranking:
    """Put the open ones in order and draw the line where the budget ends."""
    found = [one for one in standings if one.stage in OPEN]
    ordered = sorted((one for one in found if one.scores.scored), key=_order)
    ranked = tuple(_placed(ordered, budget))
    unscored = tuple(one for one in found if not one.scores.scored)
    return Ranking(budget, ranked, unscored, tuple(_levels(found, ranked)))


def cost_of(rows: Iterable[Ranked]) -> Fraction:
    """What they cost together; those without a figure or a rate are left out."""
    return sum((one.standing.cost for one in rows if one.standing.cost is not None), Fraction(0))


def _order(one: Standing) -> tuple[object, ...]:
    return (*one.scores.priority, one.cost is None, one.cost or Fraction(0), one.initiative.code)


def _placed(ordered: Sequence[Standing], budget: Fraction | None) -> Iterable[Ranked]:
    total, above = Fraction(0), True
    for place, one in enumerate(ordered, start=1):
        total += one.cost or 0
        above = above and (budget is None or total <= budget)
        yield Ranked(place, one, total, above)


def _levels(found: Sequence[Standing], ranked: Sequence[Ranked]) -> Iterable[LevelCount]:
    for level in Level:
        own = [one for one in found if one.initiative.level == level]
        above = sum(one.above and one.standing.initiative.level == level for one in ranked)
        yield LevelCount(level, len(own), sum(one.running for one in own), above)
