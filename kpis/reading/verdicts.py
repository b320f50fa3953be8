"""The verdict on a cell, from what was measured and what was agreed to: one function, for what is and what would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.periods import Period
from kpis.choices import Direction, Status, TimeMethod
from kpis.formulas.values import Band, Goal, Method, status
from kpis.models import Kpi
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actual, Actuals
from kpis.reading.goals import band_of

Measure = tuple[Direction, Band]


def measure_of(kpi: Kpi) -> Measure:
    """What a KPI's values are judged by: which way is better, and how far from the target is still near."""
    return Direction(kpi.direction), band_of(kpi)


@dataclass(frozen=True, slots=True)
class Judge:
    """What the verdicts of a period rest on: its actuals, calculated ones included, and how they are made."""

    period: Period
    to_date: bool
    methods: Mapping[int, Method]
    measures: Mapping[int, Measure]
    calculations: Calculations
    current: Actuals

    def verdict(self, kpi: Kpi, tier: int, goal: Goal | None) -> Status:
        """The first that applies of no data, no target, partial; else met, near or missed.

        ``kpi`` is as it means in the period.
        """
        actual = self.current.get((kpi.pk, tier))
        if actual is None or actual.number is None:
            return Status.NO_DATA
        if goal is None:
            return Status.NO_TARGET
        if self._rests_on_part(kpi, tier, actual):
            return Status.PARTIAL
        return status(actual.number, goal, *self.measures[kpi.pk])

    def _rests_on_part(self, kpi: Kpi, tier: int, actual: Actual) -> bool:
        """Whether the value is a part that must not be held against the whole; of a calculated one any input's."""
        if not kpi.calculated:
            return self._is_partial(self.methods[kpi.pk], actual)
        inputs = {leaf: self.current.get((leaf, tier)) for leaf in self.calculations.leaves(kpi.pk)}
        return any(one is None or self._is_partial(self.methods[leaf], one) for leaf, one in inputs.items())

    def _is_partial(self, method: Method, actual: Actual) -> bool:
        return (
            actual.provisional
            or (method.additive and actual.lacks_months)
            or (self.to_date and method.counts_or_sums)
            or (method.time == TimeMethod.LAST and actual.last_month != self.period.last)
        )
