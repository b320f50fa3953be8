"""Formulas of calculated KPIs: what they may say, what they give, which units go together."""

from __future__ import annotations

import time
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpis.calculated import (
    Dimension,
    FormulaError,
    can_be_named,
    check_units,
    dimension_of,
    find_cycle,
    read_formula,
)

EUR, USD = dimension_of("currency", "EUR"), dimension_of("currency", "USD")
PERCENT, NUMBER, DAYS, SCORE = (dimension_of(unit, "") for unit in ("percent", "number", "days", "score"))


def test_margin_is_an_exact_share_of_revenue() -> None:
    formula = read_formula("100 * margin / revenue")
    assert formula.inputs == ("margin", "revenue")
    assert formula.value({"margin": Fraction(1), "revenue": Fraction(3)}) == Fraction(100, 3)


def test_a_number_is_read_as_a_decimal_and_not_as_a_float() -> None:
    assert read_formula("0.1 * a + .2").value({"a": Fraction(1)}) == Fraction(3, 10)


def test_signs_and_parentheses_bind_as_in_arithmetic() -> None:
    formula = read_formula("-(a - b) * +2 / 4")
    assert formula.value({"a": Fraction(1), "b": Fraction(4)}) == Fraction(3, 2)


def test_a_blank_input_gives_a_blank() -> None:
    formula = read_formula("promoters - detractors")
    assert formula.value({"promoters": Fraction(1), "detractors": None}) is None
    assert formula.value({"promoters": Fraction(1)}) is None


def test_a_blank_input_gives_a_blank_even_where_it_is_multiplied_by_zero() -> None:
    assert read_formula("0 * a + b").value({"a": None, "b": Fraction(1)}) is None


def test_a_division_by_zero_gives_a_blank() -> None:
    assert read_formula("a / (b - b)").value({"a": Fraction(1), "b": Fraction(2)}) is None


HOSTILE = [
    "a.__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "9**9**9**9",
    "a**2",
    "a << 99999999",
    "(" * 300 + "a" + ")" * 300,
    "(" * 240 + "a" + ")" * 240,
    "-" * 490 + "a",
    "a+" * 240 + "a",
    "a" * 100_000,
    "'x' * 999999999",
    "f'{a}'",
    "lambda: a",
    "[a for a in b]",
    "a if b else c",
    "a; b",
    "x = 1",
    "(x := 1)",
    "1e9 + a",
    "0x10 + a",
    "1_000 + a",
    "1j * a",
    "True + a",
    "a // b",
    "a % b",
    "f(a)",
    "__import__('os')",
    "a and b",
    "a < b",
    "await a",
    "import os",
    "a b",
    "1234567890123 * a",
    "0.12345 * a",
    "\x00",
    "",
    "   ",
    "5",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_anything_but_arithmetic_over_codes_is_refused_at_once(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(FormulaError) as refusal:
        read_formula(text)
    assert time.perf_counter() - began < 0.1
    assert str(refusal.value).endswith((".", ")."))
    assert len(str(refusal.value)) < 200


@given(st.text(alphabet="ab1.+-*/()[]{}'\"\\_ ,:=<>@!~^&|%\n\té٣", max_size=60))
@example("a.b")
@example("٣ + a")
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    with suppress(FormulaError):
        formula = read_formula(text)
        value = formula.value(dict.fromkeys(formula.inputs, Fraction(3)))
        assert value is None or isinstance(value, Fraction)


def test_a_cycle_is_named_with_its_path() -> None:
    assert find_cycle({"a": ["b"], "b": ["x", "c"], "c": ["a"]}, "a") == ("a", "b", "c", "a")
    assert find_cycle({"a": ["a"]}, "a") == ("a", "a")


def test_a_cycle_elsewhere_is_not_ones_own() -> None:
    assert find_cycle({"a": ["b"], "b": ["c"], "c": ["b"]}, "a") is None
    assert find_cycle({}, "a") is None


def test_a_formula_can_name_codes_of_letters_digits_and_underscores() -> None:
    assert can_be_named("net_revenue2")
    assert not any(can_be_named(code) for code in ("net-revenue", "2nd", "a.b", "lambda", "né"))


@pytest.mark.parametrize(
    ("text", "units", "result"),
    [
        ("promoters - detractors", {"promoters": PERCENT, "detractors": PERCENT}, SCORE),
        ("100 * margin / revenue", {"margin": EUR, "revenue": EUR}, PERCENT),
        ("margin * share / 100", {"margin": EUR, "share": PERCENT}, EUR),
        ("revenue / customers", {"revenue": EUR, "customers": NUMBER}, EUR),
        ("100 - churn", {"churn": PERCENT}, PERCENT),
        ("dso - terms", {"dso": DAYS, "terms": DAYS}, DAYS),
        ("365 * owed / revenue", {"owed": EUR, "revenue": EUR}, NUMBER),
        ("a / b + c", {"a": NUMBER, "b": NUMBER, "c": PERCENT}, PERCENT),
    ],
)
def test_units_that_go_together(text: str, units: dict[str, Dimension], result: Dimension) -> None:
    check_units(read_formula(text), units, result)


@pytest.mark.parametrize(
    ("text", "units", "result", "said"),
    [
        ("m + p", {"m": EUR, "p": PERCENT}, EUR, "“m + p” adds EUR and a percentage"),
        ("m + u", {"m": EUR, "u": USD}, EUR, "adds two currencies, EUR and USD"),
        ("m / u", {"m": EUR, "u": USD}, NUMBER, "mixes two currencies"),
        ("d + n", {"d": DAYS, "n": NUMBER}, DAYS, "adds days and a number"),
        ("n + p", {"n": NUMBER, "p": PERCENT}, NUMBER, "adds a number and a percentage"),
        ("m * m", {"m": EUR}, EUR, "multiplies EUR by EUR"),
        ("m / n", {"m": EUR, "n": NUMBER}, NUMBER, "gives EUR"),
        ("a - b", {"a": PERCENT, "b": PERCENT}, EUR, "gives a percentage"),
        ("m / d", {"m": EUR, "d": DAYS}, EUR, "gives EUR and days"),
        ("d / m", {"d": DAYS, "m": EUR}, DAYS, "the KPI's unit says days"),
    ],
)
def test_units_that_do_not_are_refused_with_the_part_that_is_wrong(
    text: str, units: dict[str, Dimension], result: Dimension, said: str
) -> None:
    with pytest.raises(FormulaError, match=said.replace("*", r"\*").replace("+", r"\+")):
        check_units(read_formula(text), units, result)
