"""Does a leading KPI lead: correlations of changes with lags, and how far they can be believed. Pure.

Values and changes are exact, and so are the sums of which a correlation is made; only the statistics themselves
(r, n′, p) are floats. ``mpmath`` has the tail of the t distribution, by the regularised incomplete beta function.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import atanh, copysign, inf, isqrt, lcm, sqrt, tanh
from operator import mul
from typing import Any

from core.periods import Month, shift
from kpis.choices import LinkSign, LinkState, Untested

MOST_LAG = 6
ALL_LAGS = tuple(range(MOST_LAG + 1))
LEAST_PAIRS = 20
BACK = 3  # what is seen was seen as of so many months before too
FALSE_RATE = 0.1  # of what passes, by Benjamini and Hochberg
_ECHOES = (1, 2, 3)  # places apart at which each series is held against itself
_SURE = 1.959963984540054  # of a normal distribution 95 % lie within
_HALVINGS = 60
_DIGITS = 40

Values = Mapping[Month, Fraction]


@dataclass(frozen=True, slots=True)
class Pair:
    """A change of the leading KPI and that of the trailing one so many months later, in ``month``."""

    month: Month
    leading: Fraction
    trailing: Fraction


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which correlations the true one most likely lies (95 %)."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LagTest:
    """A tier at a lag. ``untested`` says why there is no test; then ``r``, ``p`` and ``effective`` are None.

    ``effective`` is n′: of how many pairs that know nothing of one another the pairs are worth.
    """

    tier: int
    lag: int
    pairs: int
    r: float | None = None
    p: float | None = None
    effective: float | None = None
    passes: bool = False
    untested: Untested | None = None

    @property
    def interval(self) -> Interval | None:
        """Fisher's interval of r; None where n′ is 3 or less, or without a test."""
        if self.r is None or self.effective is None or self.effective <= 3:
            return None
        if abs(self.r) >= 1:
            return Interval(self.r, self.r)
        middle, reach = atanh(self.r), _SURE / sqrt(self.effective - 3)
        return Interval(tanh(middle - reach), tanh(middle + reach))


@dataclass(frozen=True, slots=True)
class Look:
    """All tests of a link as of a month. ``tiers`` is how many tiers the company has then."""

    tiers: int
    tests: tuple[LagTest, ...]

    @property
    def done(self) -> list[LagTest]:
        """Those in which there was a test."""
        return [one for one in self.tests if one.untested is None]

    @property
    def passing(self) -> dict[int, int]:
        """How many tiers pass at a lag; lags at which none does are left out."""
        return dict(Counter(one.lag for one in self.tests if one.passes))

    @property
    def needed(self) -> int:
        """How many tiers have to pass at one lag: two, or the only one."""
        return 1 if self.tiers == 1 else 2

    @property
    def agreeing(self) -> set[int]:
        """The lags at which enough tiers pass."""
        return {lag for lag, count in self.passing.items() if count >= self.needed}

    def best_of(self, lags: Iterable[int]) -> int | None:
        """Of these lags the one at which most tiers pass, then that with the smallest p; None for none."""
        passing = {lag: [one.p or 0.0 for one in self.tests if one.passes and one.lag == lag] for lag in lags}
        return min(passing, key=lambda lag: (-len(passing[lag]), min(passing[lag]), lag), default=None)

    @property
    def least_r(self) -> float | None:
        """The smallest correlation, without its sign, that could have been seen; None without a test."""
        done = self.done
        if not done:
            return None
        alone = FALSE_RATE * min(self.needed, len(done)) / len(done)
        return least_correlation(alone, max(one.effective or 0.0 for one in done))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is said of a link as of a month: by its tests then, and by those of three months before.

    ``best_lag`` is the lag that the state is about, None where nothing was seen.
    """

    state: LinkState
    best_lag: int | None
    now: Look
    before: Look


# -- series


def changes_of(values: Values, *, seasonal: bool = False) -> dict[Month, Fraction]:
    """First differences of month values, where both months have one.

    Of a seasonal KPI those of the differences from the same month a year before.
    """
    series: Values = values
    if seasonal:
        series = {at: value - values[ago] for at, value in values.items() if (ago := shift(at, -12)) in values}
    return {at: value - series[ago] for at, value in sorted(series.items()) if (ago := shift(at, -1)) in series}


def pairs_of(leading: Values, trailing: Values, lag: int) -> list[Pair]:
    """The leading change of month m − lag with the trailing change of month m, oldest first."""
    return [
        Pair(month, leading[ago], value)
        for month, value in sorted(trailing.items())
        if (ago := shift(month, -lag)) in leading
    ]


def too_even(changes: Sequence[int]) -> bool:
    """Whether more than half of the changes equal one another."""
    return max(Counter(changes).values(), default=0) * 2 > len(changes)


# -- one test


def told_of(tier: int, lag: int, pairs: Sequence[Pair], sign: LinkSign) -> LagTest:
    """One tier at one lag; whether it passes is told of all tests together."""
    count = len(pairs)
    if count < LEAST_PAIRS:
        return LagTest(tier, lag, count, untested=Untested.TOO_SHORT)
    leading, trailing = _whole([one.leading for one in pairs]), _whole([one.trailing for one in pairs])
    if too_even(leading) or too_even(trailing):
        return LagTest(tier, lag, count, untested=Untested.FEW_CHANGES)
    first, second = _deviations(leading), _deviations(trailing)
    r, effective = _correlation(first, second), count / _stretch(first, second)
    return LagTest(tier, lag, count, r, chance_of(r, effective, sign), effective)


def chance_of(r: float, effective: float, sign: LinkSign) -> float:
    """How likely so strong a correlation of the sign expected is where there is none; one-sided."""
    expected = r if sign == LinkSign.SAME else -r
    if abs(expected) >= 1:
        return 0.0 if expected > 0 else 1.0
    freedom = effective - 2
    tail = _tail(expected * expected, freedom)
    return tail if expected > 0 else 1 - tail


def least_correlation(p: float, effective: float) -> float:
    """The correlation whose one-sided p is the one given; 1 where no correlation does, 0 from p = 1/2 on."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if chance_of(middle, effective, LinkSign.SAME) <= p else (middle, high)
    return high


def _tail(squared: float, freedom: float) -> float:
    """P(T ≥ t) of the t distribution for t ≥ 0, told by r² = t² ÷ (t² + degrees of freedom)."""
    from mpmath import fp

    found: Any = fp.betainc(freedom / 2, 0.5, 0, 1 - squared, regularized=True)
    return float(found) / 2


def _whole(changes: Sequence[Fraction]) -> list[int]:
    """The changes over one denominator: no statistic here asks which."""
    scale = lcm(*(one.denominator for one in changes))
    return [one.numerator * (scale // one.denominator) for one in changes]


def _deviations(changes: Sequence[int]) -> list[int]:
    """How far each lies from their mean, times how many there are: whole numbers still."""
    total, count = sum(changes), len(changes)
    return [one * count - total for one in changes]


def _correlation(first: Sequence[int], second: Sequence[int]) -> float:
    """Pearson's r, of exact sums: 1 or −1 exactly where the changes lie on a line."""
    product = _product(first, second)
    squares = _product(first, first) * _product(second, second)
    if product * product == squares:
        return copysign(1.0, product)
    share = product * product * 10**_DIGITS // squares  # r², which floats of huge sums would not hold
    return copysign(isqrt(share * 10**_DIGITS) / 10**_DIGITS, product)


def _stretch(first: Sequence[int], second: Sequence[int]) -> float:
    """How many times more pairs it takes because each change knows something of those before; at least 1."""
    echoes = (one * other for one, other in zip(_echoes(first), _echoes(second), strict=True))
    return max(1.0, 1 + 2 * sum(echoes))


def _echoes(deviations: Sequence[int]) -> list[float]:
    """The autocorrelations at the places apart that are asked of."""
    square = _product(deviations, deviations)
    return [_product(deviations[:-places], deviations[places:]) / square for places in _ECHOES]


def _product(first: Sequence[int], second: Sequence[int]) -> int:
    """The sum of products, place by place; of as many each."""
    return sum(map(mul, first, second))


# -- all tests of a link


def look_at(
    leading: Mapping[int, Values], trailing: Mapping[int, Values], *, lags: Iterable[int], sign: LinkSign
) -> Look:
    """Test a link in all tiers, by the changes of each, and let pass what passes by all tests together.

    ``leading`` and ``trailing`` hold the changes of each tier of the company, by its id, empty where there are none.
    """
    tests = [
        told_of(tier, lag, pairs_of(leading[tier], trailing[tier], lag), sign)
        for tier in leading
        for lag in sorted(set(lags))
    ]
    limit = _limit([one.p for one in tests if one.p is not None])
    return Look(len(leading), tuple(replace(one, passes=one.p is not None and one.p <= limit) for one in tests))


def _limit(chances: Sequence[float]) -> float:
    """Benjamini and Hochberg's step: the largest p that passes, negative where none does."""
    ordered = sorted(chances)
    passing = (p for place, p in enumerate(ordered, start=1) if p <= FALSE_RATE * place / len(ordered))
    return max(passing, default=-inf)


def evidence_of(now: Look, before: Look, *, seasonal_asked: bool = False) -> Evidence:
    """The state of a link by its tests as of a month, and as of three months before.

    ``seasonal_asked``: somebody has to decide whether one of the KPIs is seasonal; then nothing is more than a hint.
    """
    stood = now.agreeing & before.agreeing
    if not now.done:
        return Evidence(LinkState.TOO_SHORT, None, now, before)
    if stood and not seasonal_asked:
        return Evidence(LinkState.SEEN, now.best_of(stood), now, before)
    state = LinkState.HINT if now.passing else LinkState.NOT_SEEN
    return Evidence(state, now.best_of(now.passing), now, before)
