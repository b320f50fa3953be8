"""Exactness: sums and comparisons are exact on every database, however large and however small."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from customers.models import Customer
from kpis.models import Fact, Kpi
from tests import factories
from tests.kpis.reading import actual, cell, record, status

pytestmark = pytest.mark.django_db

LARGEST = Decimal("999999999999.9999")
MANY = 1000  # of the largest make more ten-thousandths than 64 bits hold


def many_of_the_largest(kpi: Kpi, month: int, sign: int = 1) -> None:
    """A fact of the largest size from each of 1000 customers in tier T1, weighed by the same."""
    tier = factories.tier("T1")
    customers = [Customer(external_id=f"L{n}", name="Large") for n in range(MANY)]
    Customer.objects.bulk_create(customers)
    for customer in customers:
        factories.member(customer, tier)
    Fact.objects.bulk_create(
        Fact(kpi=kpi, customer=c, month=month, numerator=sign * LARGEST, denominator=LARGEST, load_id=0)
        for c in customers
    )
    factories.touch(kpi, month)


@pytest.mark.parametrize(
    ("direction", "parts", "total"), [("lower", ("0.1", "0.2"), "0.3"), ("higher", ("0.7", "0.1"), "0.8")]
)
def test_a_sum_exactly_on_target_is_met(direction: str, parts: tuple[str, str], total: str) -> None:
    kpi = factories.kpi(direction=direction, near_band_abs=0)
    for part in parts:
        record(kpi, factories.customer(), {201101: part})
    factories.target(kpi, factories.all_customers(), 201101, total)
    found = cell("2011-01", kpi)
    assert found.actual == Fraction(total)
    assert found.variance == 0
    assert found.status == "met"


def test_months_that_add_up_exactly_to_the_target_meet_it() -> None:
    kpi = factories.kpi(direction="lower", near_band_abs=0)
    record(kpi, factories.customer(), {201101: "0.1", 201102: "0.2", 201103: "0.3"})
    factories.target(kpi, factories.all_customers(), 201101, "0.6", per="quarter")
    assert status("2011-Q1", kpi) == "met"


def test_a_quarter_of_a_year_that_no_decimal_divides_is_met_exactly() -> None:
    kpi = factories.kpi(direction="lower", near_band_abs=0)
    record(kpi, factories.customer(), {201101: "253.9133", 201102: "253.9133", 201103: "253.9134"})
    factories.target(kpi, factories.all_customers(), 201101, "3046.96", per="year")
    found = cell("2011-Q1", kpi)
    assert found.target == Fraction("761.74")
    assert found.status == "met"


@pytest.mark.parametrize(("value", "verdict"), [("761.7399", "near"), ("761.74", "met")])
def test_the_last_decimal_decides(value: str, verdict: str) -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(), {201101: 0, 201102: 0, 201103: value})
    factories.target(kpi, factories.all_customers(), 201101, "3046.96", per="year")
    assert status("2011-Q1", kpi) == verdict


def test_a_ratio_is_compared_with_its_target_as_a_fraction() -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="pool", near_band_abs=0)
    record(kpi, factories.customer(), {201101: (1, 3)})
    target = factories.target(kpi, factories.all_customers(), 201101, "0.3333")
    assert status("2011-01", kpi) == "met"
    factories.target(kpi, target.tier, 201102, "0.3334")
    record(kpi, factories.customer(), {201102: (1, 3)})
    assert status("2011-02", kpi) == "missed"


def test_a_sum_beyond_64_bits_is_exact() -> None:
    kpi = factories.kpi()
    many_of_the_largest(kpi, 201101)
    assert actual("2011-01", kpi, "T1") == MANY * Fraction(LARGEST)
    assert actual("2011-01", kpi) == MANY * Fraction(LARGEST)


def test_a_negative_sum_beyond_64_bits_is_exact() -> None:
    kpi = factories.kpi()
    many_of_the_largest(kpi, 201101, sign=-1)
    assert actual("2011-Q1", kpi) == -MANY * Fraction(LARGEST)


def test_means_and_ratios_of_sums_beyond_64_bits_are_exact() -> None:
    mean = factories.kpi(customer_method="mean", time_method="pool")
    ratio = factories.kpi(customer_method="ratio", time_method="ttm", unit="percent", facts_of=mean)
    many_of_the_largest(mean, 201102)
    record(mean, factories.customer(), {201103: (-1, 1)})
    total = MANY * Fraction(LARGEST)
    assert actual("2011-Q1", mean) == (total - 1) / (MANY + 1)
    assert actual("2011-Q1", ratio) == (total - 1) / (total + 1) * 100


def test_a_mean_of_means_is_exact() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="mean")
    for value in (1, 0, 0):
        record(kpi, factories.customer(), {201101: value, 201102: 2 * value})
    record(kpi, factories.customer(), {201102: 0, 201103: "0.0001"})
    assert actual("2011-Q1", kpi) == (Fraction(1, 3) + Fraction(2, 4) + Fraction("0.0001")) / 3


def test_numbers_that_cancel_out_leave_zero_and_not_less() -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(), {201101: "0.1", 201102: "-0.3", 201103: "0.2"})
    assert actual("2011-Q1", kpi) == 0


def test_the_largest_target_is_compared_exactly() -> None:
    kpi = factories.kpi(near_band_abs=0)
    record(kpi, factories.customer(), {201101: "999999999999.9998"})
    factories.target(kpi, factories.all_customers(), 201101, LARGEST)
    found = cell("2011-01", kpi)
    assert found.variance == Fraction(-1, 10_000)
    assert found.status == "missed"
