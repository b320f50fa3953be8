"""Formulas of calculated KPIs: what they may say, what they give, which units go together."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kpis.formulas.calculated import (
    LARGEST,
    LONGEST,
    Dimension,
    FormulaError,
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


AT_ONCE = 0.3  # seconds of this process; on a busy machine the same work takes up to three times as long

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
    "a" * 1_000_000,
    "(" * 1_000_000,
    "a + " * 300_000 + "a",
    "a+" * 101 + "a",
    "*".join("a" * 250),
    "9" * 499 + "*a",
    "a.b.c",
    "a.__init__.__globals__['os']",
    "getattr(a, 'b')",
    "(a).real",
    "1 .real + a",
    "a['b']",
    "a[0]",
    "'{0.__class__}'.format(a)",
    "a ** -1",
    "a ** 0.5",
    "2 ** 999999999 * a",
    "-2 ** 99999 ** 99999 + a",
    "1 << 10 ** 10",
    "a @ b",
    "~a",
    "not a",
    "a ^ b",
    "a | b",
    "... + a",
    "None * a",
    "{a: b}",
    "{a}",
    "(a, b)",
    "*a",
    "yield a",
    "a # + b",
    "a if a",
    "a \\ + b",
    "b'a' * 9",
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


@contextmanager
def at_once() -> Iterator[None]:
    """What is in it takes no time to speak of; the collection of what other tests left is not counted."""
    gc.disable()
    began = time.process_time()
    try:
        yield
        took = time.process_time() - began
    finally:
        gc.enable()
    assert took < AT_ONCE


@pytest.mark.parametrize("text", HOSTILE)
def test_anything_but_arithmetic_over_codes_is_refused_at_once(text: str) -> None:
    with at_once(), pytest.raises(FormulaError) as refusal:
        read_formula(text)
    assert str(refusal.value).endswith((".", ")."))
    assert len(str(refusal.value)) < 200


def read_or_refused(text: str, number: Fraction) -> bool:
    """Whether it was taken; then it has a value or none. Either way at once, and nothing else is raised."""
    with at_once():
        try:
            formula = read_formula(text)
        except FormulaError as refusal:
            formula, said = None, str(refusal)
        value = formula.value(dict.fromkeys(formula.inputs, number)) if formula else None
    assert value is None or abs(value) <= LARGEST
    assert formula or 0 < len(said) < 200
    return formula is not None


@given(st.text(alphabet="ab1.+-*/()[]{}'\"\\_ ,:=<>@!~^&|%#\n\té٣", max_size=600))
@example("a.b")
@example("٣ + a")
@example("ａ.ｂ")
@settings(deadline=None)
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    read_or_refused(text, Fraction(3))


OPERATORS = ["+", "-", "*", "/"]
FORBIDDEN = ["**", "//", "%", "@", "<<", "&", "==", " and ", " if b else ", ".real+", "[0]*", "(0)-", ":="]
ATOMS = st.sampled_from(["a", "b", "1", "0", "0.5", "999999999999", "12.25"])


def expressions(operators: list[str]) -> st.SearchStrategy[str]:
    """Arithmetic nested as it comes: in parentheses, with signs, over these operators."""

    def longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.builds("({}{}{})".format, inner, st.sampled_from(operators), inner)
        return pair | st.builds("{}{}".format, st.sampled_from("+-"), inner)

    return st.recursive(ATOMS, longer, max_leaves=60).map("a*{}".format)


@given(expressions(OPERATORS), st.fractions(-LARGEST, LARGEST))
@settings(deadline=None)
def test_whatever_is_arithmetic_is_taken_and_worked_out_at_once(text: str, number: Fraction) -> None:
    assume(len(text) <= LONGEST)
    assert read_or_refused(text, number)


@given(expressions(OPERATORS), st.sampled_from(FORBIDDEN), expressions(OPERATORS))
@settings(deadline=None)
def test_one_forbidden_operator_anywhere_is_enough(before: str, operator: str, after: str) -> None:
    assert not read_or_refused(f"({before}){operator}{after}", Fraction(2))


def test_a_product_that_no_company_measures_is_blank() -> None:
    formula = read_formula("*".join("a" * 100))
    assert formula.value({"a": Fraction(10)}) is None
    assert formula.value({"a": Fraction(1, 10**3)}) == Fraction(1, 10**300)
    assert formula.value({"a": Fraction(1, 10**30)}) is None  # nor would anybody read its 3,000 digits
    assert read_formula("a * a").value({"a": Fraction(10**9)}) == 10**18
    assert read_formula("a * a").value({"a": Fraction(10**9 + 1)}) is None


def test_formulas_over_formulas_do_not_grow_without_end() -> None:
    formula, value = read_formula("1" + "/a" * 99), Fraction(10**9, 10**9 + 7)
    with at_once():
        for _ in range(20):
            value = formula.value({"a": value}) or Fraction(7, 10**9)


def test_a_cycle_is_named_with_its_path() -> None:
    assert find_cycle({"a": ["b"], "b": ["x", "c"], "c": ["a"]}, "a") == ("a", "b", "c", "a")
    assert find_cycle({"a": ["a"]}, "a") == ("a", "a")


def test_a_cycle_elsewhere_is_not_ones_own() -> None:
    assert find_cycle({"a": ["b"], "b": ["c"], "c": ["b"]}, "a") is None
    assert find_cycle({}, "a") is None


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
