"""What a record of warnings says, worked out by hand; changes in arrays, which are those of fractions; simulations."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import comb
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import Month, months_between, shift
from kpis.formulas.replay import Changes, Flags, Measure, Replay, Values, Windows
from kpis.formulas.warnings import Failing, Record, Tally, binomial_tail, median, record_of


def record(warned: int, lost: int, base: Fraction) -> Record:
    return Record(warned, lost, base, None)


@pytest.mark.parametrize(
    ("warned", "lost", "base", "failing"),
    [
        (22, 6, Fraction(1, 10), Failing.TOO_FEW),
        (29, 29, Fraction(1, 10), Failing.TOO_FEW),
        (41, 6, Fraction(14, 100), Failing.GUESSING),
        (41, 9, Fraction(1, 10), Failing.TOO_FEW),
        (41, 0, Fraction(0), Failing.TOO_FEW),
        (30, 10, Fraction(2, 9), Failing.GUESSING),  # 1.5 times as often, which chance does in one of nine
        (60, 18, Fraction(2, 10), Failing.GUESSING),
        (40, 16, Fraction(1, 10), None),
    ],
)
def test_a_list_is_shown_where_its_record_tells_something(
    warned: int, lost: int, base: Fraction, failing: Failing | None
) -> None:
    found = record(warned, lost, base)
    assert found.failing == failing
    assert found.shown is (failing is None)


def test_a_lift_of_exactly_one_and_a_half_is_enough() -> None:
    found = record(400, 60, Fraction(1, 10))
    assert found.lift == Fraction(3, 2)
    assert found.shown
    assert not record(400, 60, Fraction(1001, 10000)).shown


def test_the_base_is_the_mean_over_the_warned_of_their_own_month_ends() -> None:
    found = record_of([Tally(3, 1, 10, 5, (2,)), Tally(1, 1, 100, 10, (5,)), Tally(0, 0, 50, 50)])
    assert (found.warned, found.lost) == (4, 2)
    assert found.base == (3 * Fraction(1, 2) + Fraction(1, 10)) / 4
    assert found.lead == Fraction(7, 2)
    assert record_of([]) == Record(0, 0, None, None)


@settings(deadline=None)
@given(trials=st.integers(1, 60), share=st.fractions(0, 1, max_denominator=50), part=st.fractions(0, 1))
def test_so_many_by_chance(trials: int, share: Fraction, part: Fraction) -> None:
    lost = int(part * trials)
    terms = (comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(lost, trials + 1))
    assert binomial_tail(lost, trials, float(share)) == pytest.approx(float(sum(terms)), abs=1e-12)


# -- in arrays


def scene(seed: int) -> tuple[Measure, Windows, Flags]:
    """A year of a few customers: counts, money, rates, zeros, gaps, numbers as large as a fact may be."""
    chance = Random(seed)
    size, largest, rate = chance.randint(1, 30), chance.choice([3, 10, 100, 10**7, 10**15]), chance.random() < 0.4
    windows = Windows(size)
    for _ in range(chance.randint(10, 14)):
        rows = np.zeros((3, size), dtype=np.int64)
        for place in range(size if chance.random() < 0.9 else 0):
            if chance.random() < 0.85:
                rows[0, place] = chance.randint(-largest if chance.random() < 0.3 else 0, largest)
                rows[1, place], rows[2, place] = chance.randint(0, largest) if rate else 1, 1
        windows.push(rows)
    share = Fraction(chance.choice([0, 5, 10, 10, 10, 100]), 100)
    band = None if chance.random() < 0.7 else Fraction(chance.choice([0, 1, 5, 10_000]))
    there = np.array([chance.random() < 0.9 for _ in range(size)])
    return Measure(chance.random() < 0.5, share, band), windows, there


@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_changes_in_arrays_are_those_of_fractions(seed: int) -> None:
    measure, windows, there = scene(seed)
    expected = {}
    for place in range(there.size):
        late, late_base, late_facts = (int(number) for number in windows.late[:, place])
        early, early_base, early_facts = (int(number) for number in windows.early[:, place])
        if there[place] and late_facts > 1 and early_facts > 1 and late_base > 0 and early_base > 0:
            before, now = Fraction(early, early_base), Fraction(late, late_base)
            band = measure.share * abs(before) if measure.band is None else measure.band
            expected[place] = (before - now if measure.higher else now - before, band)
    middle = median([worse / band for worse, band in expected.values() if band]) or Fraction(0)
    found = Changes(measure, windows, there)
    assert set(found.at.tolist()) == set(expected)
    assert found.median() == middle
    for bands in (1, 3):
        above = found.at[found.above(middle + bands)].tolist()
        assert above == [place for place, (worse, band) in expected.items() if band and worse / band - middle > bands]
    flat = found.at[found.worse_without_band()].tolist()
    assert flat == [place for place, (worse, band) in expected.items() if not band and worse > 0]


def test_exactly_a_band_is_no_warning_and_a_hair_more_is() -> None:
    windows = Windows(3)
    for month in range(12):
        now = [30, 33, 33_000_000_000_001 if month == 11 else 33_000_000_000_000]
        before = [30, 30, 30_000_000_000_000]
        windows.push(np.array([now if month > 8 else before, [1] * 3, [1] * 3], dtype=np.int64))
    found = Changes(Measure(higher=False, share=Fraction(1, 10)), windows, np.ones(3, dtype=bool))
    assert found.exactly(np.array([0, 1])) == [0, 1]
    assert found.above(Fraction(1)).tolist() == [False, False, True]


# -- simulated companies: what a list is shown for where nothing foretells, and where something does

COMPANIES = 200
ENDS = months_between(Month(202201), Month(202406))
MONTHS = months_between(shift(ENDS[0], -11), shift(ENDS[-1], 6))
NONE_LEFT = np.zeros(0, dtype=np.int64)
MEASURE = Measure(higher=False, share=Fraction(1, 10))


def company(chance: np.random.Generator, customers: int, *, follows: bool, seasonal: bool, unmeasured: bool) -> Record:
    """The record of a company of three KPIs in which each quarter a twentieth of the customers get worse for some
    months. Of these 18 of a hundred leave within six months where something ``follows``, of others 6; else of all 6.
    ``unmeasured``: a fifth of the customers have no fact, and leave twice as often.
    """
    gone = np.full(customers, len(MONTHS))
    trouble = np.zeros((len(MONTHS), customers), dtype=bool)
    usual = np.where(np.arange(customers) % 5 == 0, 2, 1) if unmeasured else np.ones(customers)
    for at in range(9, len(MONTHS) - 6, 3):
        worse = chance.random(customers) < 0.05
        trouble[at : at + 5, worse] = True
        risk = np.where(worse & follows, 0.18, 0.06 * usual)
        leaves = (chance.random(customers) < risk) & (gone > at)
        gone[leaves] = at + chance.integers(3, 7, int(leaves.sum()))
    there = {month: gone > place for place, month in enumerate(MONTHS)}
    replay = Replay(ENDS, there)
    for _ in range(3):
        replay.take([steps(chance, trouble, there, seasonal=seasonal, unmeasured=unmeasured)])
    left = {month: np.flatnonzero(gone == place) for place, month in enumerate(MONTHS)}
    return record_of(replay.tally(end, left, None) for end in ENDS[6:])


def steps(
    chance: np.random.Generator, trouble: Flags, there: dict[Month, Flags], *, seasonal: bool, unmeasured: bool
) -> Iterator[tuple[Month, np.ndarray, Measure]]:
    """A KPI's months: about 100 of everybody with some noise, half as much again in trouble."""
    size = trouble.shape[1]
    for place, month in enumerate(MONTHS):
        level = 1_000_000 * (1 + (0.3 * np.sin(place * np.pi / 6) if seasonal else 0)) * (1 + 0.5 * trouble[place])
        rows = np.ones((3, size), dtype=np.int64)
        rows[0] = level * (1 + 0.07 * chance.standard_normal(size))
        rows[:, ~there[month]] = 0
        if unmeasured:
            rows[:, ::5] = 0
        yield month, rows, MEASURE


@pytest.mark.slow
@pytest.mark.parametrize(("seasonal", "unmeasured"), [(False, False), (True, True)])
def test_where_nothing_foretells_a_list_is_hidden(seasonal: bool, unmeasured: bool) -> None:
    chance = np.random.default_rng(7)
    runs = [company(chance, 500, follows=False, seasonal=seasonal, unmeasured=unmeasured) for _ in range(COMPANIES)]
    assert sum(one.shown for one in runs) <= 0.04 * COMPANIES
    assert sum(one.warned >= 30 and one.lost >= 10 for one in runs) >= 0.75 * COMPANIES


@pytest.mark.slow
def test_where_the_warned_leave_three_times_as_often_it_is_shown() -> None:
    chance = np.random.default_rng(8)
    runs = [company(chance, 1_000, follows=True, seasonal=False, unmeasured=False) for _ in range(COMPANIES)]
    assert sum(one.shown for one in runs) >= 0.8 * COMPANIES
    lift = sum(float(one.lift or 0) for one in runs) / COMPANIES
    assert lift > 1.5


def test_value_is_lost_below_half_and_asked_where_every_month_has_a_fact() -> None:
    months = months_between(Month(202401), Month(202412))
    rows = {month: np.array([2, 2, -1, 0]) if month <= 202406 else np.array([1, 0, 0, 0]) for month in months}
    values = Values(rows, 4)
    fell = values.fell(Month(202406))
    assert fell is not None
    assert fell.tolist() == [False, True, False, False]
    assert Values({month: row for month, row in rows.items() if month != 202409}, 4).fell(Month(202406)) is None
