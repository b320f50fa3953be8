"""What the chart of a cell says of its target."""

from __future__ import annotations

import pytest

from kpis.choices import Assurance, Signal
from scorecard.pages.signals import assured_words


def test_which_months_meet_a_target_is_chance_where_nothing_changed() -> None:
    assert assured_words(Assurance.MAY_MISS, None).endswith("others miss it: which ones is chance.")


@pytest.mark.parametrize("signal", Signal)
def test_nothing_is_called_chance_where_something_changed(signal: Signal) -> None:
    assert assured_words(Assurance.MAY_MISS, signal).endswith("others miss it.")
