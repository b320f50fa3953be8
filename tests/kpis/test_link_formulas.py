"""Leading to trailing: the statistics of a link, beside a second calculation, and how often they err."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from core.periods import Month, shift
from kpis.choices import LinkSign, LinkState, Untested
from kpis.formulas.links import (
    ALL_LAGS,
    LagTest,
    Look,
    Pair,
    changes_of,
    evidence_of,
    least_correlation,
    look_at,
    pairs_of,
    told_of,
)
from tests.oracle import links as oracle
from tests.oracle.invented_links import tiers_of_changes

BEGIN = Month(202001)
Values = dict[Month, Fraction]


def months(count: int) -> list[Month]:
    return [shift(BEGIN, at) for at in range(count)]


def looked(leading: dict[str, Values], trailing: dict[str, Values], link: oracle.Link, last: int = 999912) -> Look:
    """All tests of the changes up to a month, the tiers numbered."""
    numbered = [
        {place: {Month(at): one for at, one in of[tier].items() if at <= last} for place, tier in enumerate(leading)}
        for of in (leading, trailing)
    ]
    return look_at(numbered[0], numbered[1], lags=link.lags, sign=LinkSign(link.sign))


def close(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < 1e-9)


@settings(max_examples=60, deadline=None)
@given(tiers_of_changes())
def test_agrees_with_the_second_calculation(invented: Any) -> None:
    link, leading, trailing = invented
    last = max((month for of in trailing.values() for month in of), default=202001)
    before = shift(Month(last), -3)
    found = evidence_of(
        looked(leading, trailing, link, last),
        looked(leading, trailing, link, before),
        seasonal_asked=link.undecided,
    )
    cut = [
        {tier: {at: one for at, one in of[tier].items() if at <= before} for tier in of} for of in (leading, trailing)
    ]
    now, then = oracle.tried(leading, trailing, link), oracle.tried(cut[0], cut[1], link)
    told = oracle.told(link, now, then, len(leading), len(leading))
    assert (found.state.value, found.best_lag) == (told.state, told.best_lag)
    for mine, other in zip(found.now.tests, told.trials, strict=True):
        assert (mine.lag, mine.pairs, mine.passes) == (other.lag, other.pairs, other.passes)
        assert (mine.untested is None) is (other.why is None)
        assert close(mine.r, other.r)
        assert close(mine.p, other.p)
        assert close(mine.effective, other.effective)
        ends = mine.interval and (mine.interval.low, mine.interval.high)
        assert ends == (other.interval and pytest.approx(other.interval))
    if told.smallest is not None and len(leading) > 1 and len(found.now.done) > 1:
        assert close(found.now.least_r, told.smallest)


def test_a_change_needs_both_months_and_a_seasonal_one_both_a_year_before() -> None:
    values = {month: Fraction(place**2) for place, month in enumerate(months(15)) if place != 5}
    plain = changes_of(values)
    assert sorted(plain) == [month for place, month in enumerate(months(15)) if place not in {0, 5, 6}]
    assert plain[months(15)[3]] == 9 - 4
    seasonal = changes_of(values, seasonal=True)
    assert seasonal == {months(15)[13]: Fraction(24), months(15)[14]: Fraction(24)}


def test_a_lag_pairs_the_earlier_change_of_the_leading_kpi() -> None:
    leading = {month: Fraction(place) for place, month in enumerate(months(5))}
    trailing = {month: Fraction(10 * place) for place, month in enumerate(months(5))}
    assert pairs_of(leading, trailing, 2) == [
        Pair(months(5)[at], Fraction(at - 2), Fraction(10 * at)) for at in (2, 3, 4)
    ]


def pairs(leading: list[int], trailing: list[int]) -> list[Pair]:
    spans = months(len(leading))
    return [Pair(*one) for one in zip(spans, map(Fraction, leading), map(Fraction, trailing), strict=True)]


def test_twenty_pairs_are_enough_and_half_of_them_may_be_equal() -> None:
    rising = list(range(20))
    assert told_of(1, 0, pairs(rising[:19], rising[:19]), LinkSign.SAME).untested == Untested.TOO_SHORT
    even = [0] * 10 + rising[10:]
    assert told_of(1, 0, pairs(rising, even), LinkSign.SAME).untested is None
    assert told_of(1, 0, pairs(rising, [0, *even[:19]]), LinkSign.SAME).untested == Untested.FEW_CHANGES


def test_equal_is_equal_exactly() -> None:
    """Thirds of a float would not be."""
    thirds = [Fraction(1, 3) + Fraction(1, 10**20) * (place % 2) for place in range(20)]
    spans = [Pair(month, Fraction(place**2), thirds[place]) for place, month in enumerate(months(20))]
    assert told_of(1, 0, spans, LinkSign.SAME).untested is None


@pytest.mark.parametrize(("sign", "p"), [(LinkSign.SAME, 0.0), (LinkSign.OPPOSITE, 1.0)])
def test_changes_on_a_line_are_certain(sign: LinkSign, p: float) -> None:
    numbers = [place * (-1) ** place for place in range(20)]
    found = told_of(1, 0, pairs(numbers, [7 * one - 3 for one in numbers]), sign)
    assert (found.r, found.p) == (1.0, p)


@pytest.mark.parametrize(("pairs", "tests", "least"), [(24, 20, 0.47), (30, 28, 0.44), (36, 28, 0.40), (48, 28, 0.35)])
def test_says_what_could_have_been_seen(pairs: int, tests: int, least: float) -> None:
    """Of 25, 31, 37 and 49 months, four tiers and seven lags, of which two are too long for 25 months."""
    assert round(least_correlation(0.2 / tests, pairs), 2) == least


def look(*passing: tuple[int, int], tiers: int = 3) -> Look:
    """Tests of three lags, of which these (tier, lag) pass."""
    tests = [
        LagTest(tier, lag, 30, 0.5, 0.001, 30.0, passes=(tier, lag) in passing)
        for tier in range(tiers)
        for lag in range(3)
    ]
    return Look(tiers, tuple(tests))


@pytest.mark.parametrize(
    ("now", "before", "asked", "state"),
    [
        (look((0, 1), (1, 1)), look((0, 1), (2, 1)), False, (LinkState.SEEN, 1)),
        (look((0, 1), (1, 1)), look((0, 1), (2, 1)), True, (LinkState.HINT, 1)),
        (look((0, 1), (1, 1)), look((0, 2), (1, 2)), False, (LinkState.HINT, 1)),  # at one lag, both times
        (look((0, 1), (1, 2)), look((0, 1), (1, 1)), False, (LinkState.HINT, 1)),
        (look(), look((0, 1), (1, 1)), False, (LinkState.NOT_SEEN, None)),
        (look((0, 2), tiers=1), look((0, 2), tiers=1), False, (LinkState.SEEN, 2)),
        (Look(2, ()), look((0, 1), (1, 1)), False, (LinkState.TOO_SHORT, None)),
    ],
)
def test_what_is_said_needs_two_tiers_at_one_lag_now_and_three_months_before(
    now: Look, before: Look, asked: bool, state: tuple[LinkState, int | None]
) -> None:
    found = evidence_of(now, before, seasonal_asked=asked)
    assert (found.state, found.best_lag) == state


# -- how often it errs: simulated companies of four tiers

COMPANIES = 200
TIERS = 4


def changes(random: Random, count: int) -> list[float]:
    return [random.gauss(0, 1) for _ in range(count)]


def shared(random: Random, count: int, share: float) -> list[list[float]]:
    """The levels' noise of each tier, of which so much is that of all; levels move, so that changes echo."""
    common = changes(random, count)
    own = [changes(random, count) for _ in range(TIERS)]
    return [
        [share**0.5 * one + (1 - share) ** 0.5 * other for one, other in zip(common, tier, strict=True)] for tier in own
    ]


def series(levels: list[float]) -> Values:
    values = [Fraction(round(1000 * one)) for one in levels]
    return changes_of(dict(zip(months(len(values)), values, strict=True)))


def state_of(leading: list[list[float]], trailing: list[list[float]], count: int) -> LinkState:
    """What is said as of the last month; three months before is asked only where it matters."""
    last = shift(BEGIN, count - 1)
    series_of = [{place: series(one) for place, one in enumerate(of)} for of in (leading, trailing)]

    def up_to(month: Month) -> Look:
        cut = [
            {tier: {at: one for at, one in of.items() if at <= month} for tier, of in both.items()}
            for both in series_of
        ]
        return look_at(cut[0], cut[1], lags=ALL_LAGS, sign=LinkSign.SAME)

    now = up_to(last)
    return evidence_of(now, up_to(shift(last, -3)) if now.agreeing else now).state


def share_seen(make: Callable[[Random], tuple[list[list[float]], list[list[float]]]], count: int, seed: int) -> float:
    random = Random(seed)
    seen = sum(state_of(*make(random), count) == LinkState.SEEN for _ in range(COMPANIES))
    return seen / COMPANIES


@pytest.mark.slow
@pytest.mark.parametrize(("share", "most"), [(0.0, 0.01), (0.9, 0.04)])
@pytest.mark.parametrize("walks", [False, True], ids=["steady", "walking"])
def test_where_nothing_is_there_next_to_nothing_is_seen(share: float, most: float, walks: bool) -> None:
    """Noise about a level, and levels that wander; tiers that go their own way, and tiers that share nine tenths."""

    def make(random: Random) -> tuple[list[list[float]], list[list[float]]]:
        both = [shared(random, 40, share) for _ in range(2)]
        if walks:
            both = [[list(accumulate(tier)) for tier in of] for of in both]
        return both[0], both[1]

    assert share_seen(make, 40, 16) <= most


@pytest.mark.slow
@pytest.mark.parametrize("count", [31, 37])
def test_a_link_of_six_tenths_in_all_tiers_is_seen(count: int) -> None:
    """Between the changes, two months later."""

    def make(random: Random) -> tuple[list[list[float]], list[list[float]]]:
        leading, trailing = [], []
        for _ in range(TIERS):
            moved, noise = changes(random, count + 2), changes(random, count)
            leading.append(list(accumulate(moved[2:])))
            trailing.append(list(accumulate(0.6 * one + 0.8 * other for one, other in zip(moved, noise, strict=False))))
        return leading, trailing

    assert share_seen(make, count, 17) >= 0.85
