"""Numbers as people type them and as spreadsheets of several countries write them."""

from __future__ import annotations

import pytest

from core.numbers import NumberError, to_text
from kpis.forms.grid import parse_number


@pytest.mark.parametrize(
    ("typed", "read"),
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
        ("104500000,5", "104500000.5"),
        ("12,5", "12.5"),
        ("7,25 %", "7.25"),
        ("−3,5", "-3.5"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("12,3456", "12.3456"),
        ("31%", "31"),
        ("1,234", "1234"),
        ("1.234", "1.234"),
        ("-45.000.000", "-45000000"),
    ],
)
def test_a_number_is_read_as_it_is_written_here_and_there(typed: str, read: str) -> None:
    assert to_text(int(parse_number(typed).scaleb(4))) == read


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
        "€5",
    ],
)
def test_what_is_no_number_in_any_country_is_refused(typed: str) -> None:
    with pytest.raises(NumberError):
        parse_number(typed)
