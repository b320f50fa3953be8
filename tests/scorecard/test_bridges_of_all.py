"""Whatever people do after a period was signed: the bridge of every cell adds up, and each row names its cause."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from core.periods import FiscalCalendar, Period
from kpis.rollup.runs import roll_up_now
from scorecard.reading.bridges import OTHER, OWED, differences_json
from scorecard.services.editions import close_by_command
from tests.kpis.test_properties import examples, rolled_back
from tests.scorecard.changing import TODAY, Changing

PERIODS = ("2011-08", "2011-Q3", "2011-Q3", "2011")


def bridged(world: Changing, people: dict[str, User], code: str, deeds: int) -> list[dict[str, Any]]:
    """The cells that differ from an edition after so many deeds, with what was done told where one fails."""
    world.begin()
    roll_up_now()
    period = Period.parse(code, FiscalCalendar())
    edition = close_by_command(
        period=period, prepared_by=people["finance"], signed_by=people["executive"], anyway="It is small."
    )
    done = [world.act() for _ in range(deeds)]
    roll_up_now()
    cells: list[dict[str, Any]] = differences_json(edition, period, TODAY)["cells"]
    for cell in cells:
        assert adds_up(cell), (done, cell)
        assert not {row["cause"] for row in cell["bridge"]} & {OTHER, OWED}, (done, cell)
    return cells


def adds_up(cell: dict[str, Any]) -> bool:
    """Whether the rows are the difference: numerator, denominator, facts and value."""
    then, now, rows = cell["then"] or {}, cell["now"] or {}, cell["bridge"]
    pairs = (("numerator", "numerator"), ("denominator", "denominator"), ("effect", "actual"), ("facts", "facts"))
    return all(
        sum(Fraction(row[of] or 0) for row in rows) == Fraction(now.get(name) or 0) - Fraction(then.get(name) or 0)
        for of, name in pairs
    )


@examples(4)
@pytest.mark.slow
@given(seed=st.integers(0, 2**32), code=st.sampled_from(PERIODS))
def test_every_bridge_adds_up_and_names_its_causes(
    everyone: dict[str, User], tmp_path: Path, seed: int, code: str
) -> None:
    with rolled_back():
        bridged(Changing(everyone, Random(seed), tmp_path), everyone, code, 12)
