"""Numbers as people type and paste them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.numbers import NumberError, to_text
from core.typed import COMMA, POINT, Ambiguous, decimal_sign, plain, read_typed


def read(*texts: str) -> list[str]:
    """A block, each number as text."""
    sign = decimal_sign(texts)
    return [to_text(int(read_typed(text, sign, {"€", "EUR", "%"}).scaleb(4))) for text in texts]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234.5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("12,345,678", "12345678"),
        ("1 234.5", "1234.5"),
        ("1’234.50", "1234.5"),
        ("1.234,5", "1234.5"),
        ("45.000.000", "45000000"),
        ("1 234,5", "1234.5"),
        ("1\u202f234,50", "1234.5"),
        ("1\u2009234", "1234"),
        ("104500000,5", "104500000.5"),
        ("12,5", "12.5"),
        ("7,25 %", "7.25"),
        ("−3,5", "-3.5"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("12,3456", "12.3456"),
        ("1234.567", "1234.567"),
        ("31%", "31"),
        ("-45.000.000", "-45000000"),
        ("€ 1,234.50", "1234.5"),
        ("1.234,50 €", "1234.5"),
        ("1.234,50\u00a0€", "1234.5"),
        ("EUR 17", "17"),
        ("(3,000.5)", "-3000.5"),
        ("(€3)", "-3"),
        ("€(3)", "-3"),
        ("-€3", "-3"),
        ("€ -3", "-3"),
        ("3-", "-3"),
        ("+3", "3"),
        ("-0", "0"),
    ],
)
def test_a_number_is_read_as_it_is_written_here_and_there(typed: str, number: str) -> None:
    assert read(typed) == [number]


@pytest.mark.parametrize(
    ("block", "numbers"),
    [
        (["45.000", "47.500,50", "52.250", "1.045.000"], ["45000", "47500.5", "52250", "1045000"]),
        (["45,000", "47,500.50", "52,250"], ["45000", "47500.5", "52250"]),
        (["45.125", "45.5"], ["45.125", "45.5"]),
        (["45,125", "45,5"], ["45.125", "45.5"]),
        (["(3,000)", "12.5"], ["-3000", "12.5"]),
        (["(3.000) €", "12,5"], ["-3000", "12.5"]),
        (["3 000", "45.000", "0,5"], ["3000", "45000", "0.5"]),
    ],
)
def test_a_block_is_read_as_one(block: list[str], numbers: list[str]) -> None:
    assert read(*block) == numbers


@pytest.mark.parametrize("block", [["45.000"], ["45,000"], ["(3,000)"], ["45.000", "12", "3 000"], ["-1.234 €"]])
def test_what_stays_ambiguous_is_never_guessed(block: list[str]) -> None:
    with pytest.raises(Ambiguous):
        read(*block)


def test_a_block_that_disagrees_with_itself_decides_nothing() -> None:
    assert decimal_sign(["1,5", "1.5"]) is None
    with pytest.raises(Ambiguous) as asked:
        read("1,5", "1.5", "45.000")
    assert (asked.value.with_point, asked.value.with_comma) == (Decimal(45), Decimal(45000))
    assert "may be 45 or 45000" in str(asked.value)


def test_who_was_asked_decides() -> None:
    assert [read_typed("45.000", sign) for sign in (POINT, COMMA)] == [Decimal(45), Decimal(45000)]
    assert read_typed("12,5", POINT) == Decimal("12.5")


@pytest.mark.parametrize(
    "typed",
    [
        "1,23,456",
        "1,234,5",
        "1.234,5.6",
        "1,234 567",
        "1.23.456",
        "12,34567",
        "0,125,000",
        "1 23",
        "five",
        "1,",
        ",5",
        "",
        "-",
        "()",
        "--5",
        "(5",
        "1e5",
        "٣",
        "1000000000000",
    ],
)
def test_what_is_no_number_in_any_country_is_refused(typed: str) -> None:
    with pytest.raises(NumberError):
        read(typed)


@pytest.mark.parametrize("typed", ["$5", "5 k€", "k€ 5", "5 USD", "5 days", "€5 €k", "1.7M"])
def test_another_unit_is_refused_and_named(typed: str) -> None:
    with pytest.raises(NumberError, match="names “"):
        read(typed)


@pytest.mark.parametrize("text", ["1234.5", "0.125", "1234.567", "-3", "45000", "12.3456"])
def test_what_the_product_writes_into_a_field_reads_one_way(text: str) -> None:
    assert plain(Decimal(text)) == text


def test_three_decimals_get_a_fourth_so_that_nobody_takes_them_for_thousands() -> None:
    assert (plain(Decimal("1.234")), plain(Decimal("-45.125")), plain(None)) == ("1.2340", "-45.1250", "")
    assert read("1.2340") == ["1.234"]
