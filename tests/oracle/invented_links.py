"""Invents changes of two KPIs by tier: noise of few or many values, gaps, and often a link at one lag."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.oracle.links import Link
from tests.oracle.months import later, run_of

MONTHS = run_of(201101, 30)


@st.composite
def links(draw: DrawFn) -> Link:
    """A link between the KPIs ``a`` and ``b``, of some lags."""
    first, last = sorted((draw(st.integers(0, 6)), draw(st.integers(0, 6))))
    undecided = draw(st.integers(0, 4)) == 0
    return Link("a", "b", draw(st.sampled_from(["same", "opposite"])), tuple(range(first, last + 1)), undecided)


@st.composite
def tiers_of_changes(draw: DrawFn) -> tuple[Link, dict[str, dict[int, Fraction]], dict[str, dict[int, Fraction]]]:
    """A link, and the changes of the leading and of the trailing KPI by tier and month."""
    link = draw(links())
    invented = Random(draw(st.integers(0, 2**32 - 1)))
    leading: dict[str, dict[int, Fraction]] = {}
    trailing: dict[str, dict[int, Fraction]] = {}
    strength, lag, values = invented.choice([0, 0, 1, 3]), invented.choice(link.lags), invented.choice([1, 4, 4, 300])
    for tier in ("A", "B", "C")[: invented.randint(1, 3)]:
        leading[tier] = series(invented, values)
        noise = series(invented, values)
        trailing[tier] = {
            month: one + (strength if link.sign == "same" else -strength) * leading[tier].get(later(month, -lag), 0)
            for month, one in noise.items()
        }
    return link, leading, trailing


def series(invented: Random, values: int) -> dict[int, Fraction]:
    """Changes of most months."""
    often = invented.choice([0.8, 0.97, 1.0])
    return {month: Fraction(invented.randint(-values, values), 10) for month in MONTHS if invented.random() < often}
