"""The status of a cell, its pace, variance, attainment and the value before."""

# fractions are compared with whole numbers, within tuples too
# mypy: disable-error-code="comparison-overlap"

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import product

import pytest

from kpis.models import Kpi
from kpis.reading.matrix import Cell
from tests import factories
from tests.factories import Number, all_customers
from tests.kpis.reading import cell, cells, record, status

pytestmark = pytest.mark.django_db

RATE = {"customer_method": "mean", "time_method": "pool"}
LONG_AFTER = date(2030, 1, 1)


def judged(value: Number, goal: Number | tuple[Number, Number], **fields: object) -> Cell:
    """The cell of one month with that value and target (a pair is a range)."""
    return cell("2011-01", measured(value, goal, **fields))


def verdicts(values: Iterable[Number], goal: Number | tuple[Number, Number], **fields: object) -> list[str]:
    """The verdicts on these values, each of a KPI of its own, beside each other in one matrix."""
    kpis = [measured(value, goal, **fields) for value in values]
    return [str(found.status) for found in cells("2011-01", kpis)]


def measured(value: Number, goal: Number | tuple[Number, Number], **fields: object) -> Kpi:
    """A KPI with that value and target of one month."""
    kpi = factories.kpi(**RATE | fields)  # type: ignore[arg-type]
    record(kpi, factories.customer(), {201101: value})
    bounds = {"low": goal[0], "high": goal[1]} if isinstance(goal, tuple) else {"value": goal}
    factories.target(kpi, all_customers(), 201101, **bounds)
    return kpi


def test_no_data_goes_before_all() -> None:
    kpi = factories.kpi()
    assert status("2011-01", kpi) == "no_data"
    factories.target(kpi, all_customers(), 201101, 5)
    found = cell("2011-01", kpi)
    assert (str(found.status), found.target, found.variance, found.attainment) == ("no_data", 5, None, None)


def test_a_value_without_an_approved_target_has_no_target() -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(), {201101: 5})
    assert status("2011-Q1", kpi) == "no_target"


def test_higher_is_better() -> None:
    expected = {"100": "met", "100.0001": "met", "99.9999": "near", "90": "near", "89.9999": "missed"}
    assert verdicts(expected, 100) == list(expected.values())


def test_lower_is_better() -> None:
    expected = {"12": "met", "11": "met", "12.0001": "near", "13.2": "near", "13.2001": "missed"}
    assert verdicts(expected, 12, direction="lower") == list(expected.values())


def test_a_range_is_met_within_and_near_by_the_band_of_the_nearer_bound() -> None:
    within = dict.fromkeys(("10", "20", "15"), "met")
    near = dict.fromkeys(("9.9999", "9", "20.0001", "22"), "near")
    expected = within | near | dict.fromkeys(("8.9999", "22.0001"), "missed")
    assert verdicts(expected, (10, 20), direction="range") == list(expected.values())


def test_an_absolute_band_is_in_the_kpis_unit_and_goes_first() -> None:
    found = verdicts(("91.5", "91.4999", "92"), 92, near_band_abs="0.5", near_band=50)
    assert found == ["near", "missed", "met"]


def test_a_band_of_its_own_in_percent() -> None:
    assert verdicts(("95", "94.9999"), 100, near_band=5) == ["near", "missed"]


@pytest.mark.parametrize("fields", [{"near_band_abs": 0}, {"near_band": 0}])
def test_a_band_of_0_is_given_and_not_the_default(fields: dict[str, int]) -> None:
    assert verdicts(("99.9999", 100), 100, **fields) == ["missed", "met"]


def test_the_band_is_judged_on_the_exact_value() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="pool", near_band_abs="0.3333")
    for value in (1, 0, 1):
        record(kpi, factories.customer(), {201101: value})
    factories.target(kpi, all_customers(), 201101, 1)
    assert status("2011-01", kpi) == "missed"


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("higher", {-100: "met", -110: "near", "-110.0001": "missed", -90: "met"}),
        ("lower", {-100: "met", -90: "near", "-89.9999": "missed", -200: "met"}),
    ],
)
def test_negative_targets_work_by_distance(direction: str, expected: dict[Number, str]) -> None:
    assert verdicts(expected, -100, direction=direction) == list(expected.values())


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("lower", {0: "met", "0.0001": "missed", -1: "met"}), ("higher", {0: "met", "-0.0001": "missed"})],
)
def test_a_target_of_zero_has_no_band_in_percent(direction: str, expected: dict[Number, str]) -> None:
    assert verdicts(expected, 0, direction=direction) == list(expected.values())


def test_a_target_of_zero_may_have_an_absolute_band() -> None:
    assert str(judged(2, 0, direction="lower", near_band_abs=2).status) == "near"


def test_a_range_below_zero() -> None:
    expected: dict[Number, str] = {-20: "met", "-22": "near", "-22.0001": "missed", "-9": "near", "-8.9999": "missed"}
    assert verdicts(expected, (-20, -10), direction="range") == list(expected.values())


def test_variance_is_actual_less_target_and_attainment_their_share() -> None:
    found = judged(90, 120)
    assert (found.variance, found.attainment) == (-30, Fraction(3, 4))


def test_attainment_of_lower_is_better_is_target_over_actual() -> None:
    found = judged(90, 120, direction="lower")
    assert (found.variance, found.attainment) == (-30, Fraction(4, 3))


def test_attainment_is_only_where_both_are_above_0() -> None:
    pairs = [(0, 5), (-1, 5), (5, 0), (5, -5), (-5, -5)]
    kpis = [measured(*pair, direction=direction) for pair in pairs for direction in ("higher", "lower")]
    found = [(one.variance, one.attainment) for one in cells("2011-01", kpis)]
    assert found == [(value - goal, None) for value, goal in pairs for _ in range(2)]


def test_a_range_has_no_variance_and_no_attainment() -> None:
    found = judged(5, (1, 9), direction="range")
    assert (found.target, found.low, found.high, found.variance, found.attainment) == (None, 1, 9, None, None)


COUNTS = {"sum", "distinct"}


def test_what_counts_or_sums_customers_is_not_held_against_its_whole_target_to_date() -> None:
    methods = list(product(("sum", "mean", "ratio", "distinct"), ("pool", "sum", "mean", "ttm")))
    kpis = [a_year_of_nines(*method) for method in methods]
    to_date = cells("2011-Q1", kpis, today=date(2011, 3, 31))
    # of the twelve months that end with February one is missing, so that those of a trailing value are no exception
    expected = ["partial" if customer_method in COUNTS else "met" for customer_method, _ in methods]
    assert [str(found.status) for found in to_date] == expected
    assert {str(found.status) for found in cells("2011-Q1", kpis, today=date(2011, 4, 1))} == {"met"}


def a_year_of_nines(customer_method: str, time_method: str) -> Kpi:
    """A KPI of the twelve months that end with March 2011, with targets that it meets by far."""
    kpi = factories.kpi(customer_method=customer_method, time_method=time_method)
    record(kpi, factories.customer(), dict.fromkeys([201004 + n for n in range(9)] + [201101, 201102, 201103], (9, 9)))
    for start in (201001, 201101):
        factories.target(kpi, all_customers(), start, 1, per="year")
    if time_method != "ttm":
        factories.target(kpi, all_customers(), 201101, 1, per="quarter")
    return kpi


def test_a_trailing_twelve_with_all_its_months_has_a_verdict_to_date() -> None:
    kpi = factories.kpi(time_method="ttm")
    record(kpi, factories.customer(), dict.fromkeys([201003 + n for n in range(10)] + [201101, 201102], 1))
    factories.target(kpi, all_customers(), 201101, 12, per="year")
    assert status("2011-Q1", kpi, today=date(2011, 3, 20)) == "met"


def test_last_from_a_month_that_is_not_the_last_is_partial() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="last")
    customer = factories.customer()
    record(kpi, customer, {201101: 9, 201102: 9})
    factories.target(kpi, all_customers(), 201101, 5)
    found = cell("2011-Q1", kpi)
    assert (str(found.status), found.actual, found.variance, found.attainment) == ("partial", 9, None, None)
    record(kpi, customer, {201103: 9})
    assert status("2011-Q1", kpi) == "met"


def test_last_with_a_month_missing_before_its_last_is_compared() -> None:
    kpi = factories.kpi(customer_method="mean", time_method="last")
    record(kpi, factories.customer(), {201103: 9})
    factories.target(kpi, all_customers(), 201101, 5)
    assert status("2011-Q1", kpi) == "met"


def test_no_target_goes_before_partial() -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(), {201101: 5})
    assert status("2011-Q1", kpi, today=date(2011, 2, 2)) == "no_target"


# pace


def sums(months: dict[int, int], goal: int = 10, **fields: str) -> Kpi:
    """A KPI that scales with a target of 10 a month."""
    kpi = factories.kpi(**fields)
    record(kpi, factories.customer(), months)
    factories.target(kpi, all_customers(), 201101, goal)
    return kpi


@pytest.mark.parametrize("time_method", ["sum", "pool"])
@pytest.mark.parametrize(
    ("months", "pace"),
    [
        ({201101: 9, 201102: 11}, "met"),
        ({201101: 8, 201102: 10, 201103: 50}, "near"),
        ({201101: 8, 201102: 9}, "missed"),
    ],
)
def test_pace_holds_ended_months_against_their_own_target(time_method: str, months: dict[int, int], pace: str) -> None:
    found = cell("2011-Q1", sums(months, time_method=time_method), today=date(2011, 3, 20))
    assert (str(found.status), str(found.pace), found.target) == ("partial", pace, 30)


def test_pace_leaves_out_months_without_data() -> None:
    found = cell("2011-Q1", sums({201101: 10, 201103: 10}))
    assert (str(found.status), str(found.pace)) == ("partial", "met")


def test_pace_takes_the_shares_of_those_months() -> None:
    kpi = sums({201101: 9}, goal=9)
    factories.target(kpi, all_customers(), 201102, 1000)
    assert str(cell("2011-Q1", kpi).pace) == "met"
    factories.target(kpi, all_customers(), 201101, 9000, per="quarter")
    assert str(cell("2011-Q1", kpi).pace) == "met"


def test_pace_counts_the_target_of_a_month_with_data_whose_ratio_has_no_value() -> None:
    kpi = factories.kpi(customer_method="ratio", time_method="sum")
    record(kpi, factories.customer(), {201101: (1, 0), 201102: (3, 2)})
    factories.target(kpi, all_customers(), 201101, 1)
    found = cell("2011-Q1", kpi)
    assert (str(found.status), found.actual, str(found.pace)) == ("partial", Fraction(3, 2), "missed")


def test_pace_divides_a_quarter_target_by_its_months() -> None:
    kpi = factories.kpi()
    record(kpi, factories.customer(), {201101: 34, 201102: 33})
    factories.target(kpi, all_customers(), 201101, 100, per="quarter")
    found = cell("2011-Q1", kpi, today=date(2011, 3, 1))
    assert (str(found.status), str(found.pace)) == ("partial", "met")


def test_pace_of_all_customers_without_own_rows_is_against_the_sum_of_its_tiers() -> None:
    kpi = factories.kpi()
    for code, value in (("T1", 9), ("T2", 20)):
        tier = factories.tier(code)
        record(kpi, factories.customer(tier=tier), {201101: value})
        factories.target(kpi, tier, 201101, 15)
    found = cell("2011-Q1", kpi, today=date(2011, 2, 3))
    assert (str(found.status), found.target, str(found.pace)) == ("partial", 90, "near")


def test_pace_of_a_range_is_against_the_bounds_of_its_months() -> None:
    kpi = factories.kpi(direction="range")
    record(kpi, factories.customer(), {201101: 12})
    factories.target(kpi, all_customers(), 201101, low=10, high=20)
    assert str(cell("2011-Q1", kpi).pace) == "met"


def test_a_month_to_date_that_has_no_ended_month_has_no_pace() -> None:
    found = cell("2011-01", sums({201101: 10}), today=date(2011, 1, 31))
    assert (str(found.status), found.pace) == ("partial", None)


def test_a_cell_that_is_not_partial_has_no_pace() -> None:
    assert cell("2011-01", sums({201101: 10})).pace is None


@pytest.mark.parametrize(
    ("customer_method", "time_method"), [("distinct", "pool"), ("sum", "ttm"), ("sum", "mean"), ("sum", "last")]
)
def test_what_does_not_scale_has_no_pace(customer_method: str, time_method: str) -> None:
    kpi = factories.kpi(customer_method=customer_method, time_method=time_method)
    record(kpi, factories.customer(), {201101: 1})
    per = "year" if time_method == "ttm" else "quarter"
    factories.target(kpi, all_customers(), 201101, 1, per=per)
    found = cell("2011-Q1", kpi, today=date(2011, 3, 1))
    assert (str(found.status), found.pace) == ("partial", None)


# previous


def test_previous_is_the_value_of_the_period_before() -> None:
    kpi = factories.kpi(**RATE)
    record(kpi, factories.customer(), {200912: 1, 201012: 3, 201101: 5, 201104: 9})
    assert cell("2011-01", kpi).previous == 3
    assert cell("2011-Q2", kpi).previous == 5
    assert cell("2010", kpi).previous == 1


@pytest.mark.parametrize(
    ("before", "now", "previous"),
    [((1, 1, 1), (1, 1, 1), 3), ((1, 0, 1), (1, 1, 1), None), ((1, 1, 1), (1, 1, 0), None)],
)
def test_previous_is_withheld_where_either_sum_lacks_a_month(
    before: tuple[int, ...], now: tuple[int, ...], previous: int | None
) -> None:
    kpi = factories.kpi()
    months = (201010, 201011, 201012, 201101, 201102, 201103)
    record(kpi, factories.customer(), {m: 1 for m, known in zip(months, before + now, strict=True) if known})
    assert cell("2011-Q1", kpi).previous == previous


def test_previous_of_what_is_not_additive_is_shown_with_a_month_missing() -> None:
    kpi = factories.kpi(**RATE)
    record(kpi, factories.customer(), {201010: 4, 201103: 5})
    assert cell("2011-Q1", kpi).previous == 4


def test_previous_of_the_trailing_twelve_is_that_of_the_period_before() -> None:
    kpi = factories.kpi(time_method="ttm", customer_method="mean")
    record(kpi, factories.customer(), {201001: 2, 201012: 4, 201103: 12})
    assert cell("2011-Q1", kpi).previous == 3
    assert cell("2011-03", kpi).previous == 4
