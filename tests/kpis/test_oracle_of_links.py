"""The second calculator of links itself, held against what can be worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings

from tests.oracle.company import Company, Kpi
from tests.oracle.invented_links import linked_company, seeds, tiers_of_changes
from tests.oracle.links import (
    Link,
    Trial,
    changes,
    convincing,
    decided,
    effective_pairs,
    link_told,
    may_be_linked,
    paired,
    smallest_r,
    told,
    trial,
    tried,
)
from tests.oracle.students_t import r_at, upper_tail

Drawn = tuple[Link, dict[str, dict[int, Fraction]], dict[str, dict[int, Fraction]]]
FEW = {201101: Fraction(1), 201102: Fraction(4), 201104: Fraction(5), 201105: Fraction(3)}
YEAR_LATER = FEW | {201201: Fraction(3), 201202: Fraction(9), 201204: Fraction(5)}


def from_t(t: float, freedom: float) -> float:
    return upper_tail(t / math.sqrt(freedom + t * t), freedom)


@pytest.mark.parametrize("t", [-3.0, -0.4, 0.0, 0.7, 2.5, 30.0])
def test_the_tail_is_that_of_the_closed_forms(t: float) -> None:
    two = 0.5 - t / (2 * math.sqrt(2 + t * t))
    four = 0.5 - t / math.sqrt(4 + t * t) * (1 + 2 / (4 + t * t)) / 2
    three = 0.5 - (math.atan(t / math.sqrt(3)) + math.sqrt(3) * t / (3 + t * t)) / math.pi
    found = [from_t(t, 2), from_t(t, 3), from_t(t, 4)]
    assert found == pytest.approx([two, three, four], abs=1e-11)


def test_the_tail_is_that_of_the_tables() -> None:
    """5 % of 18 degrees of freedom lie beyond 1.7341, 0.5 % of 40 beyond 2.7045."""
    assert (from_t(1.734064, 18), from_t(2.704459, 40)) == pytest.approx((0.05, 0.005), abs=1e-7)
    assert upper_tail(r_at(0.0123, 21.7), 21.7) == pytest.approx(0.0123)


def test_a_change_needs_both_months_and_a_season_both_years() -> None:
    assert changes(FEW, seasonal=False) == {201102: 3, 201105: -2}
    assert changes(YEAR_LATER, seasonal=True) == {201202: 3}


def test_a_lag_pairs_the_leading_change_of_so_many_months_before() -> None:
    leading, trailing = {201111: Fraction(7), 201112: Fraction(8)}, {201201: Fraction(1), 201202: Fraction(2)}
    assert paired(leading, trailing, 2) == [(7, 1), (8, 2)]
    assert paired(leading, trailing, 1) == [(8, 1)]
    assert paired(leading, trailing, 0) == []


def test_series_that_resemble_themselves_count_as_fewer_pairs() -> None:
    """1, 2, 3, 4: of squares 5, ρ(1) = (0.75 − 0.25 + 0.75) ÷ 5 = 0.25, ρ(2) = −0.3, ρ(3) = −0.45."""
    rising = [Fraction(n) for n in (1, 2, 3, 4)]
    s = 1 + 2 * (Fraction("0.0625") + Fraction("0.09") + Fraction("0.2025"))
    assert effective_pairs(rising, rising) == 4 / s
    assert effective_pairs(rising, [Fraction(n) for n in (1, -1, 1, -1)]) == Fraction(4)


def pairs_of(*numbers: int) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(n), Fraction(place)) for place, n in enumerate(numbers)]


def test_no_test_of_fewer_than_twenty_pairs_nor_of_changes_half_of_which_are_equal() -> None:
    assert trial("A", 0, pairs_of(*range(19)), "same") == Trial("A", 0, 19, "too_short")
    assert trial("A", 0, pairs_of(*[5] * 11, *range(10, 19)), "same").why == "too_few_changes"
    assert trial("A", 0, pairs_of(*[5] * 10, *range(10, 20)), "same").why is None


def test_what_goes_wholly_together_has_a_p_of_0_or_1() -> None:
    whole = trial("A", 0, pairs_of(*range(0, 42, 2)), "same")
    assert (whole.r, whole.p, whole.interval) == (1.0, 0.0, (1.0, 1.0))
    assert trial("A", 0, pairs_of(*range(0, 42, 2)), "opposite").p == 1.0


def with_p(*numbers: float | None) -> list[Trial]:
    return [Trial("A", place, 20, p=p, effective=20.0) for place, p in enumerate(numbers)]


def test_benjamini_and_hochbergs_step_goes_up_to_the_last_that_holds() -> None:
    """Of 4: 0.025, 0.05, 0.075, 0.1; the second is too high, the third holds, and takes it along."""
    assert [one.passes for one in decided(with_p(0.06, 0.02, 0.3, 0.07))] == [True, True, False, True]
    assert [one.passes for one in decided(with_p(0.06, None, 0.07))] == [True, False, True]
    assert [one.passes for one in decided(with_p(0.06, 0.2, 0.3))] == [False, False, False]


@pytest.mark.parametrize(("months", "lags", "said"), [(25, 5, 0.472), (31, 7, 0.443), (37, 7, 0.405), (49, 7, 0.352)])
def test_the_smallest_r_that_could_have_been_is_that_of_the_rules(months: int, lags: int, said: float) -> None:
    """Of four tiers; with 25 months the longest two lags are too short."""
    trials = [
        Trial(tier, lag, months - 1 - lag, p=0.5, effective=float(months - 1 - lag))
        for tier in "ABCD"
        for lag in range(lags)
    ]
    assert round(smallest_r(trials) or 0, 3) == said


def passing(*places: tuple[str, int, float]) -> list[Trial]:
    return [Trial(tier, lag, 25, p=p, r=-0.5, effective=25.0, passes=p < 0.02) for tier, lag, p in places]


def test_seen_is_what_two_tiers_show_at_one_lag_now_and_three_months_ago() -> None:
    twice = passing(("A", 2, 0.01), ("B", 2, 0.001), ("C", 1, 0.0), ("C", 2, 0.5))
    once = passing(("A", 2, 0.01), ("B", 1, 0.001), ("C", 1, 0.5))
    none = passing(("A", 2, 0.5), ("B", 2, 0.5))
    assert [told(Link("a", "b"), now, then, 3, 3).state for now in (twice, once, none) for then in (twice, once)] == [
        *("seen", "hint"),
        *("hint", "hint"),
        *("not_seen", "not_seen"),
    ]
    assert told(Link("a", "b"), twice, twice, 3, 3).best_lag == 2
    assert told(Link("a", "b", undecided=True), twice, twice, 3, 3).state == "hint"
    assert told(Link("a", "b"), once[:1], once[:1], 1, 1).state == "seen"
    assert told(Link("a", "b"), [Trial("A", 0, 4, "too_short")], twice, 3, 3).state == "too_short"
    assert convincing([], 0) == set()


def test_what_is_a_range_or_over_twelve_months_or_of_the_same_facts_is_no_link() -> None:
    company = Company(
        kpis=[
            Kpi("a", "sum", "pool"),
            Kpi("b", "mean", "pool"),
            Kpi("again", "mean", "pool", facts_of="a"),
            Kpi("year", "sum", "ttm"),
            Kpi("between", "sum", "pool", direction="range"),
            Kpi("made", formula="a / b"),
            Kpi("of_year", formula="year * 2"),
        ]
    )
    assert may_be_linked(company, Link("a", "b"), 201101)
    for other in ("again", "year", "between", "made", "of_year"):
        assert not may_be_linked(company, Link("a", other), 201101)


@settings(max_examples=20, deadline=None)
@given(tiers_of_changes())
def test_the_sign_turns_each_p_about_and_no_lag_is_told_without_a_pass(drawn: Drawn) -> None:
    link, leading, trailing = drawn
    turned = {tier: {month: -one for month, one in series.items()} for tier, series in trailing.items()}
    other = Link("a", "b", "opposite" if link.sign == "same" else "same", link.lags)
    assert [one.p for one in tried(leading, trailing, link)] == [one.p for one in tried(leading, turned, other)]
    for one in tried(leading, trailing, link):
        assert (one.why is None) == (one.p is not None) == (one.r is not None)
        assert one.p is None or -1e-12 <= one.p <= 1 + 1e-12
        assert one.interval is None or one.r is None or one.interval[0] <= one.r <= one.interval[1]


@settings(max_examples=5, deadline=None)
@given(seeds)
def test_a_link_of_a_company_is_told_of_its_tiers_that_stay(seed: int) -> None:
    company, link, month, today = linked_company(seed)
    found = link_told(company, link, month, today)
    staying = [tier.code for tier in company.tiers if tier.retired_from is None or tier.retired_from > month]
    assert [(one.tier, one.lag) for one in found.trials] == [(tier, lag) for tier in staying for lag in link.lags]
    assert (found.best_lag is None) == (found.state in ("not_seen", "too_short"))
    assert (found.smallest is None) == (found.state != "not_seen")
