"""Months as texts."""

from __future__ import annotations

import pytest

from core.periods import PeriodError, parse_month


def test_a_month_is_read() -> None:
    assert parse_month("2011-09") == 201109
    assert (parse_month("1900-01"), parse_month("2199-12")) == (190001, 219912)


@pytest.mark.parametrize("text", ["", "2011", "2011-13", "2011-Q3", "0999-12", "0000-01", "２０１１-09", "2011-9"])
def test_what_is_no_month_that_can_be_kept_is_refused(text: str) -> None:
    with pytest.raises(PeriodError, match="2011-09"):
        parse_month(text)
