"""A number in a field of a form."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.fields import ExactFormField


@pytest.mark.parametrize(
    ("kept", "shown"), [("1.5000", "1.5"), ("6500.0000", "6500"), ("-0.0001", "-0.0001"), ("0.0000", "0")]
)
def test_it_stands_as_a_person_would_write_it(kept: str, shown: str) -> None:
    assert ExactFormField().prepare_value(Decimal(kept)) == shown


def test_what_somebody_typed_stays_as_it_was() -> None:
    assert ExactFormField().prepare_value("1,50") == "1,50"
