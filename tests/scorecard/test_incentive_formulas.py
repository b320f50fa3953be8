"""What a goal pays for a value, and the share of initiatives finished on time."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from scorecard.formulas.incentives import Finish, Points, pay_out, share_on_time, weighted


def points(*numbers: int) -> Points:
    return Points(*(Fraction(one) for one in numbers))


HIGHER = points(80, 90, 100, 50, 150)
LOWER = points(20, 10, 0, 50, 150)


@pytest.mark.parametrize(
    ("of", "value", "paid"),
    [
        (HIGHER, "79.9999", "0"),
        (HIGHER, "80", "50"),
        (HIGHER, "85", "75"),
        (HIGHER, "90", "100"),
        (HIGHER, "96", "130"),
        (HIGHER, "100", "150"),
        (HIGHER, "400", "150"),
        (LOWER, "20.0001", "0"),
        (LOWER, "20", "50"),
        (LOWER, "15", "75"),
        (LOWER, "10", "100"),
        (LOWER, "5", "125"),
        (LOWER, "0", "150"),
        (LOWER, "-3", "150"),
        (points(0, 3, 6, 0, 100), "1", "100/3"),
    ],
)
def test_a_goal_pays_by_linear_pieces_on_exact_fractions(of: Points, value: str, paid: str) -> None:
    assert pay_out(of, Fraction(value)) == Fraction(paid)


FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
DUE = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("finishes", "share"),
    [
        ([Finish(DUE, DUE)], 100),
        ([Finish(DUE, DUE), Finish(DUE, date(2026, 9, 1))], 50),
        ([Finish(DUE, DUE), Finish(DUE, None), Finish(DUE, None)], Fraction(100, 3)),
        # due in another period, or in none: not among them
        ([Finish(DUE, DUE), Finish(date(2026, 10, 1), None), Finish(None, DUE)], 100),
        # let go before the day it is out, on the day or later it counts as not finished
        ([Finish(DUE, DUE), Finish(DUE, None, date(2026, 8, 30))], 100),
        ([Finish(DUE, DUE), Finish(DUE, None, DUE)], 50),
        ([Finish(DUE, None, date(2026, 8, 30))], None),
        ([], None),
    ],
)
def test_the_share_on_time_is_of_those_due_in_the_period(finishes: list[Finish], share: Fraction | None) -> None:
    assert share_on_time(finishes, FIRST, LAST) == share


def test_goals_come_together_by_their_weights() -> None:
    assert weighted([(Fraction(60), Fraction(75)), (Fraction(40), Fraction(100))]) == 85
