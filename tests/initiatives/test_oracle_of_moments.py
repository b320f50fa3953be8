"""The second calculator of moments of truth itself, held against chains that can be followed by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given

from tests.oracle.invented_moments import invented_moments, seeds
from tests.oracle.moments import (
    STEPS,
    Benefit,
    Cell,
    Moment,
    Pain,
    Shown,
    Work,
    cells_of,
    chain,
    counted,
    listed,
    serves,
    weakest,
    weight,
)

MET = Cell("speed", "T1", True, 4, True, "met")
LATER = replace(MET, tier="T2", status="missed")
WORK = Work("i", names=(("speed", None),))
BROUGHT = Benefit("i", "less work", True, Fraction(10), Fraction(10))
MOMENT = Moment("start", "It works at once", (("speed", None),), initiatives=("i",))
WHOLE = Shown(("T1", "T2"), [MET], [WORK], [BROUGHT])


def with_cell(cell: Cell) -> Shown:
    return replace(WHOLE, cells=[cell])


def test_a_chain_is_whole_to_the_end_and_each_step_can_be_its_weakest() -> None:
    assert set(chain(WHOLE, MOMENT)) == set(STEPS)
    assert weakest(WHOLE, MOMENT) is None
    assert weakest(WHOLE, replace(MOMENT, criterion=" ")) == "criterion"
    assert weakest(WHOLE, replace(MOMENT, metrics=())) == "metric"
    assert weakest(with_cell(replace(MET, has_value=False, status="no_data")), MOMENT) == "measured"
    assert weakest(with_cell(replace(MET, aimed=False, status="no_target")), MOMENT) == "target"
    assert weakest(with_cell(replace(MET, status="partial")), MOMENT) == "kept"
    assert weakest(with_cell(replace(MET, status="near")), MOMENT) is None
    assert weakest(replace(WHOLE, benefits=[]), MOMENT) == "benefit_planned"
    assert weakest(replace(WHOLE, benefits=[BROUGHT, Benefit("i", "more")]), MOMENT) == "benefit_approved"
    assert weakest(replace(WHOLE, benefits=[replace(BROUGHT, realised=Fraction(9))]), MOMENT) == "benefit_realised"
    assert weakest(replace(WHOLE, benefits=[replace(BROUGHT, initiative="other")]), MOMENT) == "benefit_planned"


def test_a_metric_is_asked_in_its_tier_or_those_of_the_moment_or_those_that_know_of_it() -> None:
    shown = replace(WHOLE, tiers=("T1", "T2", "T3"), cells=[MET, Cell("speed", "T2", aimed=True)])
    assert [one.tier for one in cells_of(shown, MOMENT)] == ["T1", "T2"]
    assert [one.tier for one in cells_of(shown, replace(MOMENT, tiers=("T3",)))] == ["T3"]
    assert [one.tier for one in cells_of(shown, replace(MOMENT, metrics=(("speed", "all"),), tiers=("T3",)))] == ["all"]
    assert weakest(replace(shown, cells=[]), MOMENT) == "measured"


def test_what_is_not_kept_is_worked_on_where_something_serves_it_that_is_not_late() -> None:
    shown = replace(WHOLE, cells=[MET, LATER])
    assert chain(shown, MOMENT)["worked_on"]
    assert weakest(shown, MOMENT) == "kept"
    for work in (replace(WORK, running=False), replace(WORK, status="late"), replace(WORK, tiers=("T1",))):
        assert not chain(replace(shown, work=[work]), MOMENT)["worked_on"]
    assert chain(replace(shown, work=[replace(WORK, names=(("speed", "T2"),))]), MOMENT)["worked_on"]
    assert serves(replace(WORK, names=(("speed", "T2"),)), replace(MET, tier="all"))
    assert not serves(WORK, replace(MET, kpi="price"))


def test_moments_are_listed_by_the_pain_behind_them_and_counted() -> None:
    shown = replace(WHOLE, pain=[Pain("slow", "T1", 4, 5), Pain("slow", None, 1, 3), Pain("dear", "T1", 99, 5)])
    slow = replace(MOMENT, code="z", themes=("slow",))
    unmeasured = replace(MOMENT, code="b", metrics=(("other", "T1"),), themes=("slow",), tiers=("T1",))
    assert (weight(shown, slow), weight(shown, unmeasured)) == (23, 20)
    moments = [MOMENT, unmeasured, slow]
    assert listed(shown, moments) == [("z", 23, None), ("b", 20, "measured"), ("start", 0, None)]
    assert counted(shown, moments) == (3, 2, 2, 1)


@given(seeds)
def test_what_is_kept_is_measured_and_the_weakest_is_the_first(seed: int) -> None:
    shown, moments = invented_moments(seed)
    for moment in moments:
        answers = chain(shown, moment)
        assert not answers["kept"] or (answers["measured"] and answers["worked_on"])
        assert all(answers.values()) == (weakest(shown, moment) is None)
