"""Does a leading KPI lead a trailing one: series, their changes, and the tests, once more from the rules alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.oracle.calculated import inputs
from tests.oracle.company import Company, Kpi
from tests.oracle.months import later
from tests.oracle.signals import as_month, month_values, steps
from tests.oracle.students_t import r_at, upper_tail

Series = Mapping[int, Fraction]
ALL_LAGS = (0, 1, 2, 3, 4, 5, 6)
LEVEL = 0.1
SHORTEST = 20
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Link:
    """What was written down before it was tested; ``undecided``: seasonal is proposed for either KPI."""

    leading: str
    trailing: str
    sign: str = "same"
    lags: tuple[int, ...] = ALL_LAGS
    undecided: bool = False


@dataclass(frozen=True)
class Trial:
    """One tier at one lag; ``why`` says why there was no test, and then there is no r and no p."""

    tier: str
    lag: int
    pairs: int
    why: str | None = None
    r: float | None = None
    p: float | None = None
    effective: float | None = None
    passes: bool = False
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Told:
    """What is said of a link as of a month; ``smallest`` is the r that could have been, where it is not seen."""

    state: str
    best_lag: int | None
    trials: tuple[Trial, ...]
    smallest: float | None


def changes(values: Series, *, seasonal: bool) -> dict[int, Fraction]:
    """First differences of neighbouring months; of a seasonal KPI those of the differences from a year before."""
    if seasonal:
        values = {m: value - values[later(m, -12)] for m, value in values.items() if later(m, -12) in values}
    return {m: value - values[later(m, -1)] for m, value in values.items() if later(m, -1) in values}


def paired(leading: Series, trailing: Series, lag: int) -> list[tuple[Fraction, Fraction]]:
    """The change of the leading KPI some months before each change of the trailing one, in the months' order."""
    months = [month for month in sorted(trailing) if later(month, -lag) in leading]
    return [(leading[later(month, -lag)], trailing[month]) for month in months]


def deviations(numbers: Sequence[Fraction]) -> list[Fraction]:
    """Each less their mean."""
    centre = sum(numbers, Fraction(0)) / len(numbers)
    return [number - centre for number in numbers]


def product(one: Sequence[Fraction], other: Sequence[Fraction]) -> Fraction:
    """The sum of the products of the numbers that stand beside one another."""
    return sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0))


def rho(numbers: Sequence[Fraction], apart: int) -> Fraction:
    """How a series goes with itself some places later."""
    off = deviations(numbers)
    return product(off[:-apart], off[apart:]) / product(off, off)


def effective_pairs(one: Sequence[Fraction], other: Sequence[Fraction]) -> Fraction:
    """As how many pairs they count, where neighbours resemble one another."""
    s = 1 + 2 * sum((rho(one, apart) * rho(other, apart) for apart in (1, 2, 3)), Fraction(0))
    return len(one) / s if s > 1 else Fraction(len(one))


def is_monotonous(numbers: Sequence[Fraction]) -> bool:
    """More than half of them equal."""
    return 2 * max(numbers.count(number) for number in numbers) > len(numbers)


def trial(tier: str, lag: int, pairs: Sequence[tuple[Fraction, Fraction]], sign: str) -> Trial:
    """One test, before it is known whether it passes."""
    found = Trial(tier, lag, len(pairs))
    if len(pairs) < SHORTEST:
        return replace(found, why="too_short")
    one, other = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if is_monotonous(one) or is_monotonous(other):
        return replace(found, why="too_few_changes")
    x, y = deviations(one), deviations(other)
    together = product(x, y)
    squared = together**2 / (product(x, x) * product(y, y))
    r = math.copysign(math.sqrt(squared), together)
    effective = effective_pairs(one, other)
    expected = r if sign == "same" else -r
    p = (0.0 if expected > 0 else 1.0) if squared == 1 else upper_tail(expected, float(effective) - 2)
    return replace(found, r=r, p=p, effective=float(effective), interval=interval(r, effective, whole=squared == 1))


def interval(r: float, effective: Fraction, *, whole: bool) -> tuple[float, float] | None:
    """Fisher's, of 95 %; where all is explained it is that one number."""
    if effective <= 3:
        return None
    if whole:
        return r, r
    reach = NORMAL_95 / math.sqrt(effective - 3)
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)


def decided(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """With those that pass by Benjamini and Hochberg's step: up to the last p within the share of its place."""
    ordered = sorted(one.p for one in trials if one.p is not None)
    passing = [p for place, p in enumerate(ordered, 1) if p <= LEVEL * place / len(ordered)]
    highest = max(passing, default=-1.0)
    return tuple(replace(one, passes=one.p is not None and one.p <= highest) for one in trials)


def tried(leading: Mapping[str, Series], trailing: Mapping[str, Series], link: Link) -> tuple[Trial, ...]:
    """All tests of the changes of two KPIs by tier."""
    return decided(
        [
            trial(tier, lag, paired(leading[tier], trailing[tier], lag), link.sign)
            for tier in leading
            for lag in link.lags
        ]
    )


def convincing(trials: Sequence[Trial], tiers: int) -> set[int]:
    """The lags at which two tiers pass; in a company of one tier, it."""
    wanted = min(2, tiers)
    return {one.lag for one in trials if sum(t.passes and t.lag == one.lag for t in trials) >= wanted > 0}


def best_of(trials: Sequence[Trial], lags: set[int]) -> int:
    """The lag at which most tiers pass, then that with the smallest p among them, then the shortest."""
    passing = {lag: [one.p or 0.0 for one in trials if one.passes and one.lag == lag] for lag in lags}
    return min(lags, key=lambda lag: (-len(passing[lag]), min(passing[lag]), lag))


def smallest_r(trials: Sequence[Trial]) -> float | None:
    """The r at which two tests alone would pass, at the longest number of pairs."""
    counted = [one.effective for one in trials if one.effective is not None]
    if not counted:
        return None
    return r_at(min(LEVEL * 2 / len(counted), 0.5), max(counted) - 2)


def told(link: Link, now: Sequence[Trial], then: Sequence[Trial], tiers_now: int, tiers_then: int) -> Told:
    """What the tests of this month and those of three months before say together."""
    trials = tuple(now)
    if all(one.p is None for one in trials):
        return Told("too_short", None, trials, None)
    seen = convincing(now, tiers_now) & convincing(then, tiers_then)
    passing = {one.lag for one in trials if one.passes}
    if seen and not link.undecided:
        return Told("seen", best_of(trials, seen), trials, None)
    if passing:
        return Told("hint", best_of(trials, passing), trials, None)
    return Told("not_seen", None, trials, smallest_r(trials))


def may_be_linked(company: Company, link: Link, month: int) -> bool:
    """Neither a range, nor over twelve months, nor made of such a one; and no facts that both take."""
    kpis = [company.kpi(code).meant_in(month) for code in (link.leading, link.trailing)]
    if any(
        one.direction == "range" or one.time_method == "ttm" for kpi in kpis for one in made_of(company, kpi, month)
    ):
        return False
    first, second = [{one.source for one in made_of(company, kpi, month) if not one.formula} for kpi in kpis]
    return not first & second


def made_of(company: Company, kpi: Kpi, month: int) -> list[Kpi]:
    """The KPI and all that it is calculated from."""
    if not kpi.formula:
        return [kpi]
    found = [kpi]
    for one in inputs(company, kpi, as_month(company, month)):
        found += made_of(company, one, month)
    return found


def tiers_of(company: Company, month: int) -> list[str]:
    """The tiers that are not retired in a month."""
    return [tier.code for tier in company.tiers if tier.retired_from is None or month < tier.retired_from]


def trials_of(company: Company, link: Link, month: int, today: date) -> tuple[Trial, ...]:
    """The tests of a link as of a month that has ended."""
    leading, trailing = (company.kpi(code).meant_in(month) for code in (link.leading, link.trailing))
    series: tuple[dict[str, Series], dict[str, Series]] = ({}, {})
    for tier in tiers_of(company, month):
        begin = max([*steps(company, leading, tier, month), *steps(company, trailing, tier, month)], default=0)
        for kpi, of in zip((leading, trailing), series, strict=True):
            values = month_values(company, kpi, tier, month, today)
            of[tier] = changes({at: one for at, one in values.items() if at >= begin}, seasonal=kpi.seasonal)
    return tried(*series, link)


def link_told(company: Company, link: Link, month: int, today: date) -> Told:
    """A link as of a month that has ended, the month three before it asked too."""
    before = later(month, -3)
    return told(
        link,
        trials_of(company, link, month, today),
        trials_of(company, link, before, today),
        len(tiers_of(company, month)),
        len(tiers_of(company, before)),
    )
