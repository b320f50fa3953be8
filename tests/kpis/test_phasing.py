"""Phasing a year's target by last year's season."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.formulas.phasing import NoSeason, phased

EVEN = [Fraction(1)] * 12


def test_an_even_season_gives_even_months_and_the_rest_to_the_first() -> None:
    assert phased(120, EVEN) == [10] * 12
    assert phased(125, EVEN) == [11] * 5 + [10] * 7


def test_months_follow_the_season() -> None:
    assert phased(1000, [Fraction(n) for n in (1, 2, 7)]) == [100, 200, 700]


def test_what_rounding_left_goes_to_the_month_that_lost_most() -> None:
    assert phased(10, [Fraction(1), Fraction(1), Fraction(4)]) == [2, 2, 6]
    assert phased(100, [Fraction(1), Fraction(1), Fraction(1)]) == [34, 33, 33]
    assert phased(100, [Fraction(1), Fraction(5)]) == [17, 83]


def test_a_month_of_nothing_gets_nothing() -> None:
    assert phased(100, [Fraction(0), Fraction(1)]) == [0, 100]


@pytest.mark.parametrize("season", [[Fraction(1), None], [Fraction(-1), Fraction(2)], [Fraction(0), Fraction(0)]])
def test_without_a_season_it_says_so(season: list[Fraction | None]) -> None:
    with pytest.raises(NoSeason):
        phased(100, season)


@given(
    st.integers(-(10**16), 10**16),
    st.lists(st.fractions(0, 10**6, max_denominator=10_000), min_size=1, max_size=12),
)
def test_the_months_always_sum_to_the_year_and_are_off_by_less_than_one(total: int, season: list[Fraction]) -> None:
    whole = sum(season)
    if whole == 0:
        return
    parts = phased(total, list(season))
    assert sum(parts) == total
    for part, value in zip(parts, season, strict=True):
        assert abs(part - total * value / whole) < 1
