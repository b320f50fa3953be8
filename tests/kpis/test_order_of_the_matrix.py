"""Worst first: by the largest of a KPI's tiers' distance from target, in near bands; held against a plain walk."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Direction, Indicator, MatrixOrder, Status
from kpis.formulas.values import Goal, status
from kpis.models import Kpi
from kpis.reading.goals import band_of
from kpis.reading.matrix import Cell, Row
from kpis.reading.selection import Selection, in_order

WORST = Selection(order=MatrixOrder.WORST, counted=frozenset({"gold", "silver"}))
GOLD, SILVER = (Tier(code=code, scope=TierScope.TIER) for code in ("gold", "silver"))
ALL = Tier(code="all", scope=TierScope.ALL)
NUMBERS = st.integers(-20, 20)
CELLS = st.one_of(st.none(), st.tuples(NUMBERS, NUMBERS))


def row(number: int, indicator: str, direction: str, band: int | None, numbers: list[tuple[int, int] | None]) -> Row:
    """A KPI with (actual, target) by column, or None where nothing can be said; a band in its unit, else 10 %."""
    kpi = Kpi(pk=number, code=f"k{number}", indicator=indicator, direction=direction, near_band_abs=band)
    columns = zip((GOLD, SILVER, ALL), numbers, strict=True)
    return Row(kpi, tuple(cell(kpi, tier, *(pair or (None, None))) for tier, pair in columns))


def cell(kpi: Kpi, tier: Tier, actual: int | None, target: int | None) -> Cell:
    verdict = Status.NO_DATA
    if actual is not None and target is not None:
        verdict = status(Fraction(actual), Goal(Fraction(target)), Direction(kpi.direction), band_of(kpi))
    value, goal = (None if number is None else Fraction(number) for number in (actual, target))
    return Cell(tier, value, goal, None, None, None, None, verdict, None, None, 0, 0, 0)


def plainly(rows: list[Row]) -> list[str]:
    """The same by walking: of what is left, the first that nothing is worse than."""

    def badness(one: Row) -> Fraction | float:
        found: list[Fraction | float] = [-1]
        for place in (0, 1):  # gold and silver; all customers hold the same facts again
            actual, target = one.cells[place].actual, one.cells[place].target
            if actual is None or target is None:
                continue
            beyond = target - actual if one.kpi.direction == "higher" else actual - target
            short = max(Fraction(0), beyond)
            wide = abs(target) / 10 if one.kpi.near_band_abs is None else Fraction(one.kpi.near_band_abs)
            found.append(0 if not short else short / wide if wide else float("inf"))
        return max(found)

    left, order = list(rows), []
    while left:
        leading = [one for one in left if one.kpi.indicator == "leading"] or left
        worst = max(leading, key=badness)
        order.append(worst.kpi.code)
        left.remove(worst)
    return order


@st.composite
def matrices(draw: st.DrawFn) -> list[Row]:
    """Leading rows before trailing ones, as a matrix has them."""
    some = st.tuples(
        st.sampled_from(Indicator.values),
        st.sampled_from(["higher", "lower"]),
        st.sampled_from([None, 0, 2, 5]),
        st.lists(CELLS, min_size=3, max_size=3),
    )
    made = sorted(draw(st.lists(some, max_size=8)), key=lambda one: one[0])
    return [row(number, *one) for number, one in enumerate(made, 1)]


@given(matrices())
def test_worst_first_is_by_the_largest_distance_in_bands(rows: list[Row]) -> None:
    assert [one.kpi.code for one in in_order(rows, WORST)] == plainly(rows)


def test_a_band_of_0_comes_before_all_and_what_is_equal_stays_as_defined() -> None:
    far = row(1, "leading", "higher", None, [(1, 100), None, None])
    strict = row(2, "leading", "higher", 0, [(99, 100), None, None])
    met, unknown, met_too = (
        row(number, "leading", "higher", 0, [pair, None, (0, 9)])
        for number, pair in ((3, (9, 9)), (4, None), (5, (20, 9)))
    )
    assert [one.kpi.pk for one in in_order([unknown, met, met_too, far, strict], WORST)] == [2, 1, 3, 5, 4]


def test_of_one_tier_its_own_distance_counts() -> None:
    gold_is_worse = row(1, "leading", "higher", None, [(1, 100), (100, 100), None])
    silver_is_worse = row(2, "leading", "higher", None, [(95, 100), (50, 100), None])
    of_silver = Selection(order=MatrixOrder.WORST, tier="silver", counted=frozenset({"silver"}))
    assert [one.kpi.pk for one in in_order([gold_is_worse, silver_is_worse], WORST)] == [1, 2]
    assert [one.kpi.pk for one in in_order([gold_is_worse, silver_is_worse], of_silver)] == [2, 1]
