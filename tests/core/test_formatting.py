"""How numbers, targets, periods and moments are written."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import formatting as f
from core.periods import FiscalCalendar, Kind, Period, make_month
from core.scales import Number, Scale, scale_for

CALENDAR = FiscalCalendar()
APRIL = FiscalCalendar(4)
PERCENT = f.Style("percent", "", 1)
EUROS = f.Style("currency", "EUR", 0)


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (Fraction(1, 2), 0, "1"),
        (Fraction(-1, 2), 0, "−1"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(2345, 1000), 2, "2.35"),
        (1234567, 0, "1,234,567"),
        (Decimal("-1234.5"), 1, "−1,234.5"),
        (None, 2, "–"),
    ],
)
def test_numbers_are_rounded_half_up_and_never_minus_nought(value: Number | None, decimals: int, written: str) -> None:
    assert f.number(value, decimals) == written


@given(st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**4), st.integers(0, 4))
def test_a_written_number_is_the_rounded_number(value: Fraction, decimals: int) -> None:
    written = f.number(value, decimals).replace(",", "").replace("−", "-")
    exact = Decimal(value.numerator * 10**8) / Decimal(value.denominator) / 10**8
    assert Decimal(written) == exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert not written.startswith("-0") or Decimal(written) != 0


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_a_scale_leaves_at_most_five_digits_before_the_point(values: list[int]) -> None:
    scale = scale_for(values)
    assert max(abs(scale.apply(value)) for value in values) < 100_000


@pytest.mark.parametrize(
    ("values", "label", "written"),
    [
        ([48_200_000, 9_600_000, None], "M€", ["48.20", "9.60", "–"]),
        ([105_600_000, 9_640_000], "M€", ["105.6", "9.6"]),
        ([3_060_400, 250_100], "k€", ["3,060", "250"]),
        ([30_820, 5_757, 0], "€", ["30,820", "5,757", "0"]),
        ([84, 12], "€", ["84.0", "12.0"]),
        ([10**14, 3], "bn€", ["100,000", "0"]),
    ],
)
def test_a_row_is_scaled_so_that_its_columns_can_be_compared(
    values: list[int | None], label: str, written: list[str]
) -> None:
    style = f.Style("currency", "EUR", 1, scale_for(values))
    assert (style.label, [style.bare(value) for value in values]) == (label, written)


def test_a_scale_is_named_with_the_unit() -> None:
    assert f.Style("currency", "CHF", 0, scale_for([10**6])).label == "M CHF"
    assert f.Style("number", "", 0, scale_for([10**6])).label == "million"


@pytest.mark.parametrize(
    ("style", "written"),
    [
        (PERCENT, "84.1 %"),
        (EUROS, "€84"),
        (f.Style("currency", "CHF", 2), "84.10 CHF"),
        (f.Style("days", "", 0), "84 days"),
        (f.Style("score", "", 1), "84.1"),
    ],
)
def test_a_value_alone_carries_its_unit(style: f.Style, written: str) -> None:
    assert style.full(Fraction(841, 10)) == written


def test_a_negative_amount_has_its_sign_before_the_currency() -> None:
    assert EUROS.full(-1234) == "−€1,234"


def test_a_target_is_written_as_it_was_agreed() -> None:
    assert PERCENT.full_target(Decimal("82")) == "82 %"
    assert PERCENT.full_target(Decimal("1.3025")) == "1.3025 %"
    assert EUROS.full_target(Decimal("100")) == "€100"


@pytest.mark.parametrize(
    ("direction", "target", "low", "high", "words", "goal"),
    [
        ("higher", 82, None, None, "at least 82 %", f.Goal("≥", "at least", "82")),
        ("lower", 12, None, None, "at most 12 %", f.Goal("≤", "at most", "12")),
        ("range", None, 3, 5, "between 3 % and 5 %", f.Goal("", "between", "3–5")),
        ("range", None, -3, 5, "between −3 % and 5 %", f.Goal("", "between", "−3 to 5")),
        ("higher", None, None, None, "no target", None),
    ],
)
def test_the_words_of_a_target_say_the_direction(
    direction: str, target: int | None, low: int | None, high: int | None, words: str, goal: f.Goal | None
) -> None:
    assert f.target_words(PERCENT, direction, target, low, high) == words
    assert f.goal(PERCENT, direction, target, low, high) == goal


@pytest.mark.parametrize(
    ("direction", "actual", "previous", "amount", "arrow", "judgement"),
    [
        ("higher", 5, 3, "+2.0", "↑", "better"),
        ("higher", 3, 5, "−2.0", "↓", "worse"),
        ("lower", 5, 3, "+2.0", "↑", "worse"),
        ("lower", 3, 5, "−2.0", "↓", "better"),
        ("range", 3, 5, "−2.0", "↓", ""),
        ("lower", 5, 5, "0.0", "→", "unchanged"),
    ],
)
def test_a_change_is_good_or_bad_by_direction(
    direction: str, actual: int, previous: int, amount: str, arrow: str, judgement: str
) -> None:
    assert f.change(PERCENT, direction, actual, previous) == f.Change(amount, arrow, judgement)


def test_a_change_is_withheld_without_both_values() -> None:
    assert f.change(PERCENT, "higher", 5, None) is None
    assert f.change(PERCENT, "higher", None, 5) is None


def test_a_change_is_told_in_words() -> None:
    change = f.change(PERCENT, "lower", 5, 3)
    assert change is not None
    assert change.words == "up 2.0 points, worse"


@pytest.mark.parametrize(
    ("actual", "amount", "words"),
    [
        (Fraction(496, 100), "−0.04", "down 0.04 points, better"),
        (Fraction(5001, 1000), "+0.001", "up 0.001 points, worse"),
        (Fraction(49, 10), "−0.1", "down 0.1 points, better"),
        (5 + Fraction(1, 10**9), "+0.0", "up less than 0.1 points, worse"),
    ],
)
def test_a_change_that_rounds_to_nothing_shows_its_first_digit(actual: Fraction, amount: str, words: str) -> None:
    change = f.change(PERCENT, "lower", actual, 5)
    assert change is not None
    assert (change.amount, change.words) == (amount, words)


def test_a_change_of_thousands_is_shown_in_their_scale() -> None:
    millions = f.Style("currency", "EUR", 0, Scale(6, "M", "million", 2))
    change = f.change(millions, "higher", 5_000_300, 5_000_000)
    assert change is not None
    assert change.words == "up 0.0003 M€, better"


def test_months_are_counted_in_words() -> None:
    assert f.months_words(2, 3) == "2 of 3 months"
    assert f.months_words(0, 1) == "0 of 1 month"


@pytest.mark.parametrize(
    ("code", "calendar", "name", "months"),
    [
        ("2011-09", CALENDAR, "September 2011", ""),
        ("2011-Q3", CALENDAR, "Quarter 3, 2011", "July to September 2011"),
        ("2011", CALENDAR, "Year 2011", ""),
        ("2019-Q4", APRIL, "Quarter 4, 2019", "January to March 2019"),
        ("2019", APRIL, "Year 2019", "April 2018 to March 2019"),
        ("2019-Q3", FiscalCalendar(7), "Quarter 3, 2019", "January to March 2019"),
        ("2019-Q2", FiscalCalendar(9), "Quarter 2, 2019", "December 2018 to February 2019"),
    ],
)
def test_a_period_says_which_months_it_is_made_of(code: str, calendar: FiscalCalendar, name: str, months: str) -> None:
    period = Period.parse(code, calendar)
    assert (f.period_name(period), f.period_months(period)) == (name, months)


@given(st.integers(1990, 2090), st.integers(1, 12), st.integers(1, 12), st.sampled_from(list(Kind)))
def test_every_period_has_a_name(year: int, number: int, start: int, kind: Kind) -> None:
    period = FiscalCalendar(start).period(kind, make_month(year, number))
    assert str(period.year) in f.period_name(period)


NOW = datetime(2011, 10, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(hours=30), "yesterday"),
        (timedelta(hours=40), "on 18 October 2011"),
    ],
)
def test_freshness_is_told_as_people_say_it(age: timedelta, words: str) -> None:
    assert f.ago(NOW - age, NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "under a second"), (1, "1 second"), (185, "3 minutes 5 seconds"), (3720, "1 hour 2 minutes")],
)
def test_durations_are_told_in_their_two_largest_parts(seconds: float, words: str) -> None:
    assert f.duration(seconds) == words


@pytest.mark.parametrize(("items", "words"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_lists_read_as_sentences(items: list[str], words: str) -> None:
    assert f.sentence_list(items) == words


@pytest.mark.parametrize(
    ("value", "bound", "told"),
    [
        ("8.27", "8.3", "8.27"),
        ("8.2996", "8.3", "8.2996"),
        ("8.3", "8.3", "8.3"),
        ("7", "8.3", "7.0"),
    ],
)
def test_a_value_that_misses_its_target_by_little_does_not_read_like_it(value: str, bound: str, told: str) -> None:
    style = f.Style("number", decimals=1).told_apart(Decimal(value), [Decimal(bound)])
    assert style.bare(Decimal(value)) == told


def test_in_a_scale_the_target_gets_the_same_decimals() -> None:
    actual, bound = Decimal("8320000"), Decimal("8340000")
    style = f.Style("currency", "EUR", 2, Scale(6, "M", "million", 1)).told_apart(actual, [bound])
    assert (style.bare(actual), style.bare_target(bound)) == ("8.32", "8.34")


@given(st.fractions(-1000, 1000), st.fractions(-1000, 1000))
def test_telling_apart_ends(value: Fraction, bound: Fraction) -> None:
    style = f.Style(decimals=0).told_apart(value, [bound, None])
    assert style.decimals <= 4


def test_a_third_of_a_target_is_rounded_and_an_agreed_one_is_not() -> None:
    assert f.Style().bare_target(Fraction(65, 3)) == "21.67"
    assert f.Style().bare_target(Decimal("0.4375")) == "0.4375"
    assert f.Style("percent").full_target(Fraction(40, 3)) == "13.33 %"


def test_a_day_is_written_out_and_shortened_for_columns() -> None:
    day = date(2026, 9, 3)
    assert (f.day_name(day), f.short_day(day)) == ("3 September 2026", "3 Sep 2026")


def test_how_often_is_said_in_words() -> None:
    assert [f.times(count) for count in (1, 2, 3, 1200)] == ["once", "twice", "3 times", "1,200 times"]


def test_a_difference_holds_as_it_is_shown() -> None:
    before, now = Fraction("84.75"), Fraction("88.84")
    style = f.Style("percent", decimals=1).adding_up(now - before, now, before)
    assert (style.full(before), style.full(now), style.full(now - before)) == ("84.75 %", "88.84 %", "4.09 %")
    assert f.Style("percent", decimals=1).adding_up(None, now, before).decimals == 1
