"""The composite of a tier: scores of its verdicts by written weights. Pure, on exact fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from kpis.formulas.values import Band, Goal, bands_away

WHOLE = Fraction(100)  # what weights add up to, and the score of a target that is met
LEAST = Fraction(75)  # of so much of the weight a verdict is asked


def score(actual: Fraction, goal: Goal, direction: str, band: Band) -> Fraction:
    """100 where the target is met, 50 at the edge of near, never below 0; with a band of 0 nothing but met counts.

    A triumph scores no more than what is met, so that it hides no failure.
    """
    beyond, bands = bands_away(actual, goal, direction, band)
    return Fraction(0) if beyond else max(Fraction(0), WHOLE - bands * 50)


@dataclass(frozen=True, slots=True)
class Blend:
    """Scores by weight, KPIs by code. ``index`` is None where less than three quarters of the weight has a verdict.

    ``weight`` is what has one, in percent; ``missing`` are the KPIs without, in the order of the weights.
    """

    weights: Mapping[str, Fraction] = field(default_factory=dict)
    index: Fraction | None = None
    weight: Fraction = Fraction(0)
    missing: tuple[str, ...] = ()

    def compares_with(self, other: Blend) -> bool:
        """Whether the two say anything beside each other: the same weights, of the same KPIs with a verdict."""
        if self.index is None or other.index is None:
            return False
        return self.weights == other.weights and set(self.missing) == set(other.missing)

    def change_since(self, other: Blend) -> Fraction | None:
        """The index less another's; None where they cannot be compared."""
        if self.index is None or other.index is None or not self.compares_with(other):
            return None
        return self.index - other.index


def blend(weights: Mapping[str, Fraction], scores: Mapping[str, Fraction]) -> Blend:
    """The composite of a tier. ``weights`` are percents by KPI, ``scores`` those of the KPIs with a verdict.

    Index = Σ weight × score ÷ the weight that has a verdict.
    """
    judged = {kpi: weight for kpi, weight in weights.items() if kpi in scores}
    weight = sum(judged.values(), Fraction(0))
    missing = tuple(kpi for kpi in weights if kpi not in judged)
    if weight < LEAST:
        return Blend(weights, None, weight, missing)
    total = sum((part * scores[kpi] for kpi, part in judged.items()), Fraction(0))
    return Blend(weights, total / weight, weight, missing)
