"""Moments of truth: each rule of their chain, in the order of the rules."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from initiatives.choices import ChainStep
from initiatives.formulas import ChainLink, Measure, Promise, chain_of

GOOD, MISSED = Measure(True, True, True, False), Measure(True, True, False, False)
MENDED = MISSED._replace(worked_on=True)
BROUGHT = Promise(True, Fraction(5), Fraction(5))


def weakest(
    criterion: str = "At once", measures: tuple[Measure, ...] = (GOOD,), promises: tuple[Promise, ...] = (BROUGHT,)
) -> str:
    broken: ChainLink | None = next((one for one in chain_of(criterion, measures, promises) if not one.holds), None)
    return broken.step if broken else ""


def test_the_steps_stand_in_their_order() -> None:
    assert [link.step for link in chain_of("", (), ())] == list(ChainStep)


@pytest.mark.parametrize(
    ("step", "given"),
    [
        (ChainStep.CRITERION, {"criterion": " \n"}),
        (ChainStep.METRIC, {"measures": ()}),
        (ChainStep.MEASURED, {"measures": (GOOD, Measure(False, True, False, True))}),
        (ChainStep.TARGET, {"measures": (GOOD, Measure(True, False, False, True))}),
        (ChainStep.KEPT, {"measures": (GOOD, MISSED)}),
        (ChainStep.PLANNED, {"promises": ()}),
        (ChainStep.APPROVED, {"promises": (BROUGHT, Promise(False, Fraction(9), Fraction(1)))}),
        (ChainStep.REALISED, {"promises": (BROUGHT, Promise(True, Fraction(4), Fraction(5)))}),
        (ChainStep.REALISED, {"promises": (Promise(True, None, Fraction(5)),)}),
        (ChainStep.REALISED, {"promises": (Promise(True, None, None),)}),
        ("", {}),
        ("", {"promises": (Promise(True, None, Fraction(0)),)}),
    ],
)
def test_the_weakest_link_is_the_first_that_is_not_so_of_all(step: str, given: dict[str, object]) -> None:
    assert weakest(**given) == step  # type: ignore[arg-type]


def test_work_is_asked_of_what_is_not_kept_alone() -> None:
    kept = chain_of("x", (GOOD,), ())[5]
    assert (kept.holds, kept.asks) == (True, False)
    assert chain_of("x", (GOOD, MENDED), ())[5] == ChainLink(ChainStep.WORKED_ON, 1, 1)
    assert not chain_of("x", (MENDED, MISSED), ())[5].holds
    assert not chain_of("x", (), ())[5].holds


def test_nothing_holds_of_nothing() -> None:
    assert not any(link.holds for link in chain_of("", (), ()))


def test_a_step_holds_where_it_is_so_of_each() -> None:
    for measured, aimed, kept, worked in product((True, False), repeat=4):
        links = {link.step: link for link in chain_of("x", (GOOD, Measure(measured, aimed, kept, worked)), ())}
        found = [links[step].holds for step in (ChainStep.MEASURED, ChainStep.TARGET, ChainStep.KEPT)]
        assert found == [measured, aimed, kept]
        assert links[ChainStep.WORKED_ON].holds is (kept or worked)
