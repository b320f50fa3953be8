"""What an initiative is worth and costs: impact, burden, quadrant, priority, and costs in other currencies."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from accounts.models import Company, ExchangeRate
from initiatives.choices import Quadrant
from initiatives.formulas import Scores, cost_band, in_company_money, larger
from initiatives.models import Initiative, Policy
from initiatives.reading.standings import Standing, read_standings
from tests import factories
from tests.kept import kept

LIMITS = [Fraction(10), Fraction(100), Fraction(1_000), Fraction(10_000)]


@pytest.mark.parametrize(
    ("loyalty", "vendor_choice", "impact"), [(2, 5, 5), (5, 2, 5), (3, 3, 3), (None, 4, 4), (4, None, 4)]
)
def test_impact_is_the_larger_of_its_two_faces(loyalty: int | None, vendor_choice: int | None, impact: int) -> None:
    assert larger(loyalty, vendor_choice) == impact


def test_nothing_known_is_not_scored_and_never_0() -> None:
    assert larger(None, None) is None
    assert Scores(None, 3).quadrant is None
    assert Scores(5, None).quadrant is None
    assert not Scores(None, None).scored


@pytest.mark.parametrize(
    ("cost", "band"),
    [("0", 1), ("9.9999", 1), ("10", 2), ("99.9999", 2), ("100", 3), ("1000", 4), ("9999", 4), ("10000", 5)],
)
def test_a_cost_on_a_threshold_is_in_the_band_above_it(cost: str, band: int) -> None:
    assert cost_band(Fraction(cost), LIMITS) == band


def test_no_cost_has_no_band() -> None:
    assert cost_band(None, LIMITS) is None


@pytest.mark.parametrize(
    ("impact", "burden", "quadrant"),
    [
        (4, 3, Quadrant.QUICK_WIN),
        (5, 1, Quadrant.QUICK_WIN),
        (4, 4, Quadrant.MAJOR_BET),
        (5, 5, Quadrant.MAJOR_BET),
        (3, 3, Quadrant.FILL_IN),
        (1, 1, Quadrant.FILL_IN),
        (3, 4, Quadrant.RECONSIDER),
        (1, 5, Quadrant.RECONSIDER),
    ],
)
def test_four_is_high(impact: int, burden: int, quadrant: Quadrant) -> None:
    assert Scores(impact, burden).quadrant == quadrant


def test_priority_is_by_quadrant_then_impact_down_then_burden_up() -> None:
    ranked = [
        *(Scores(5, 1), Scores(5, 3), Scores(4, 1)),  # quick wins
        *(Scores(5, 4), Scores(5, 5), Scores(4, 4)),  # major bets
        *(Scores(3, 1), Scores(3, 2), Scores(1, 1)),  # fill-ins
        *(Scores(3, 4), Scores(2, 4), Scores(2, 5)),  # to reconsider
        Scores(None, 5),
    ]
    shuffled = random.Random(1).sample(ranked, len(ranked))
    assert shuffled != ranked
    assert sorted(shuffled, key=lambda scores: scores.priority) == ranked


def test_money_without_a_rate_is_unknown_and_not_0() -> None:
    assert in_company_money(Fraction(100), None) is None
    assert in_company_money(None, Fraction(2)) is None
    assert in_company_money(Fraction(100), Fraction(1, 3)) == Fraction(100, 3)


# As the product reads it


@kept
def euros(company: Company) -> Company:
    """A company that counts in euros."""
    Company.objects.update(currency="EUR")
    return company


def standing(**fields: Any) -> Standing:
    made = factories.initiative(**fields)
    return read_standings(Initiative.objects.filter(pk=made.pk))[0]


@pytest.mark.parametrize(
    ("effort", "cost", "burden"),
    [(2, None, 2), (None, 250_000, 4), (2, 250_000, 4), (5, 9_999, 5), (None, None, None), (None, 0, 1)],
)
def test_burden_is_the_larger_of_effort_and_cost_band(
    euros: Company, effort: int | None, cost: int | None, burden: int | None
) -> None:
    assert standing(effort=effort, cost=cost).scores.burden == burden


def test_the_thresholds_are_the_companys(euros: Company) -> None:
    Policy.objects.update(cost_band_2=1, cost_band_3=2, cost_band_4=3, cost_band_5=4)
    assert standing(cost=3).scores.burden == 4


def test_a_cost_counts_in_the_companys_currency_by_the_rate_of_its_year(euros: Company) -> None:
    ExchangeRate.objects.create(currency="USD", year=2025, rate="0.5")
    ExchangeRate.objects.create(currency="USD", year=2026, rate="0.25")
    found = standing(cost=20_000, spent=10, currency="USD", baseline_start=date(2025, 12, 31))
    assert (found.cost, found.spent, found.scores.burden) == (10_000, 5, 2)
    later = standing(cost=20_000, currency="USD", baseline_start=date(2026, 1, 1))
    assert (later.cost, later.scores.burden) == (5_000, 1)


def test_the_year_of_a_rate_is_the_fiscal_year(euros: Company) -> None:
    Company.objects.update(fiscal_year_start_month=4)
    ExchangeRate.objects.create(currency="USD", year=2026, rate="0.5")
    assert standing(cost=10, currency="USD", baseline_start=date(2025, 4, 1)).cost == 5
    assert standing(cost=10, currency="USD", baseline_start=date(2025, 3, 31)).cost is None


def test_a_cost_without_a_rate_is_named_and_left_out_of_the_burden(euros: Company) -> None:
    found = standing(cost=9_000_000, currency="JPY", effort=2)
    assert (found.cost, found.without_rate, found.scores.burden) == (None, True, 2)
    alone = standing(cost=9_000_000, currency="JPY")
    assert (alone.without_rate, alone.scores.burden) == (True, None)


@pytest.mark.parametrize("currency", ["", "EUR"])
def test_the_companys_own_currency_needs_no_rate(euros: Company, currency: str) -> None:
    found = standing(cost=12, currency=currency)
    assert (found.cost, found.without_rate) == (12, False)


def test_no_cost_is_no_missing_rate(euros: Company) -> None:
    assert not standing(currency="JPY").without_rate
