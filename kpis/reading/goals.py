"""The targets of a KPI's columns: each tier's by the four rules, and that of all customers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction

from core.periods import Month, Period
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import CustomerMethod
from kpis.formulas.values import Band, Goal, Method
from kpis.models import Kpi
from kpis.reading.targets import TargetBook, TargetRow

Goals = dict[int, Goal | None]


class GoalReader:
    """Approved targets of a span of months, asked by KPI and column."""

    def __init__(self, book: TargetBook, tiers: Sequence[Tier]) -> None:
        self._book = book
        self._ids = [tier.pk for tier in tiers]
        self._everyone = next(tier.pk for tier in tiers if tier.scope == TierScope.ALL)
        self._own = [tier.pk for tier in tiers if tier.scope == TierScope.TIER]

    def of_period(self, kpi: Kpi, method: Method, period: Period, end: Month, held: Collection[int]) -> Goals:
        """The target of each column in a period, by tier id.

        ``end`` is the period's last month, for ttm the last of its window; ``held`` are the tiers
        that have a fact of the KPI.
        """

        def goal_of(tier: int) -> Goal | None:
            return self._book.of_period(kpi, tier, method, period, end)

        return self._columns(kpi, goal_of, held, lambda tier: self.reaches(kpi, tier, method, period, end))

    def of_column(self, kpi: Kpi, tier: int, method: Method, month: Period, held: Collection[int]) -> Goal | None:
        """The target of one column in a month, all customers' without one of their own by the tiers' as above."""
        goal = self._book.of_period(kpi, tier, method, month, month.last)
        if goal is not None and goal.fits(kpi.direction):
            return goal
        if tier != self._everyone or kpi.customer_method != CustomerMethod.SUM:
            return None
        return self.of_period(kpi, method, month, month.last, held)[tier]

    def promises_nothing(self, kpi: Kpi, tier: int) -> bool:
        """Whether a column has no target in any month, of its own or as the sum of the tiers'."""
        return not self._book.has(kpi, tier) and (tier != self._everyone or kpi.customer_method != CustomerMethod.SUM)

    def monthly(self, kpi: Kpi, tier: int, months: Sequence[Month]) -> Sequence[Goal | None]:
        """The targets that are of these months alone, in their order; None where there is none, and ``of_column`` says
        what follows from others.
        """
        rows = self._book.monthly(kpi, tier, months)
        return [row.goal if row is not None and row.goal.fits(kpi.direction) else None for row in rows]

    def of_months(self, kpi: Kpi, method: Method, months: Sequence[Month], held: Collection[int]) -> Goals:
        """The target of just these months, by their shares: what a pace is held against."""

        def goal_of(tier: int) -> Goal | None:
            return self._book.shares(kpi, tier, months)

        return self._columns(kpi, goal_of, held, lambda tier: self._book.reaches(kpi, tier, method, months))

    def behind(self, kpi: Kpi, tier: int, method: Method, period: Period, end: Month) -> tuple[TargetRow, ...]:
        """The approved rows that a column's target is made of; none where it is the sum of the tiers'."""
        rows = self._book.behind(kpi, tier, method, period, end)
        return tuple(row for row in rows if row.goal.fits(kpi.direction))

    def reaches(self, kpi: Kpi, tier: int, method: Method, period: Period, end: Month) -> bool:
        """Whether the tier has any target of the KPI in the period."""
        months = (end,) if method.counts_window else period.months
        return self._book.reaches(kpi, tier, method, months)

    def _columns(
        self,
        kpi: Kpi,
        goal_of: Callable[[int], Goal | None],
        held: Collection[int],
        reaches: Callable[[int], bool],
    ) -> Goals:
        """All customers without a target of their own: the sum of the tiers', if each tier that has a
        fact or a target has one, for a KPI that sums customers; for others none.
        """
        goals: Goals = {}
        for tier in self._ids:
            goal = goal_of(tier)
            goals[tier] = goal if goal is not None and goal.fits(kpi.direction) else None
        if goals[self._everyone] is None and kpi.customer_method == CustomerMethod.SUM:
            goals[self._everyone] = added([goals[tier] for tier in self._own if tier in held or reaches(tier)])
        return goals


def added(goals: Sequence[Goal | None]) -> Goal | None:
    """The sum of targets; None where there are none or one is missing."""
    known = [goal for goal in goals if goal is not None]
    if not known or len(known) < len(goals):
        return None
    merged = known[0]
    for goal in known[1:]:
        merged += goal
    return merged


def band_of(kpi: Kpi) -> Band:
    """How far from the target is still near, from the KPI's own settings."""
    absolute = None if kpi.near_band_abs is None else Fraction(kpi.near_band_abs)
    return Band(absolute=absolute) if kpi.near_band is None else Band(Fraction(kpi.near_band), absolute)
