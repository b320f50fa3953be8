"""The second calculator of early warnings itself, held against what can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from tests.oracle.company import Company, Fact, Kpi
from tests.oracle.events import Life
from tests.oracle.invented_warnings import invented_record, invented_scene, seeds
from tests.oracle.months import later, run_of
from tests.oracle.warnings import (
    Scene,
    by_chance,
    changes,
    counting,
    is_lost,
    looked_at,
    month_ends,
    months_to_left,
    ranked,
    record,
    told,
    warned,
)

YEAR = run_of(201101, 12)
DECEMBER = YEAR[-1]
CALLS = Kpi("calls", "sum", "sum", direction="lower")
ORDERS = Kpi("orders", "mean", "mean")
VALUE = Kpi("value", "sum", "sum", indicator="trailing")


def facts(kpi: str, customer: str, numbers: Mapping[int, object]) -> list[Fact]:
    return [Fact(kpi, customer, month, Fraction(str(number))) for month, number in numbers.items()]


def year_of(kpi: str, customer: str, before: object, after: object) -> list[Fact]:
    """Nine months of one number, and three of another."""
    return facts(kpi, customer, {month: before if month < YEAR[9] else after for month in YEAR})


def scene_of(rows: list[Fact], *kpis: Kpi, **more: Any) -> Scene:
    return Scene(Company(kpis=list(kpis or (CALLS, ORDERS, VALUE)), facts=rows), **more)


def test_only_leading_kpis_with_facts_of_their_own_are_looked_at() -> None:
    kpis = [
        CALLS,
        VALUE,
        replace(CALLS, code="again", facts_of="value"),
        replace(CALLS, code="between", direction="range"),
        replace(CALLS, code="many", customer_method="distinct"),
        replace(CALLS, code="active"),
        replace(CALLS, code="of_active", facts_of="active"),
        Kpi("made", formula="calls * 2"),
        replace(CALLS, code="once", retired_from=DECEMBER),
    ]
    scene = scene_of([], *kpis, value="value", derived_from=frozenset({"active"}))
    assert [kpi.code for kpi in looked_at(scene, DECEMBER)] == ["calls"]
    assert [kpi.code for kpi in looked_at(scene, YEAR[0])] == ["calls", "once"]


def test_a_change_is_in_bands_of_the_earlier_value_less_what_is_usual() -> None:
    """Ann +5 of 10 are 5 bands, Bob +1 one, Cem none: the median is 1."""
    rows = year_of("calls", "Ann", 10, 15) + year_of("calls", "Bob", 10, 11) + year_of("calls", "Cem", 10, 10)
    found = changes(scene_of(rows), DECEMBER)
    assert {customer: own[0].bands for customer, own in found.items()} == {"Ann": 4, "Bob": 0, "Cem": -1}
    assert set(warned(scene_of(rows), DECEMBER)) == {"Ann"}
    assert found["Ann"][0].earlier, found["Ann"][0].recent == (10, 15)


def test_two_kpis_warn_by_more_than_one_band_each_and_one_alone_by_more_than_three() -> None:
    calm = [row for name in "PQRS" for kpi in ("calls", "orders") for row in year_of(kpi, name, 10, 10)]
    both = year_of("calls", "Ann", 10, "11.1") + year_of("orders", "Ann", 10, "8.9")
    three = year_of("calls", "Bob", 10, 13) + year_of("orders", "Bob", 10, 9)
    more = year_of("calls", "Cem", 10, "13.1")
    assert set(warned(scene_of(calm + both + three + more), DECEMBER)) == {"Ann", "Cem"}
    one = replace(ORDERS, code="again", facts_of="calls", direction="lower")
    assert set(
        warned(scene_of(calm + both + three + more, CALLS, one, replace(ORDERS, indicator="trailing")), DECEMBER)
    ) == {"Cem"}


def test_with_a_band_of_0_any_change_to_the_worse_counts_as_one_kpi() -> None:
    calm = [row for name in "PQR" for row in year_of("orders", name, 10, 10)]
    ann = year_of("calls", "Ann", 0, 900) + year_of("orders", "Ann", 10, "8.9")
    bob = year_of("calls", "Bob", 0, 900) + year_of("orders", "Bob", 10, 10)
    scene = scene_of(calm + ann + bob)
    assert {customer: [one.kpi for one in own] for customer, own in warned(scene, DECEMBER).items()} == {
        "Ann": ["calls", "orders"]
    }


def test_a_window_needs_two_facts_and_silence_may_mean_zero() -> None:
    few = facts("calls", "Ann", {YEAR[0]: 9, YEAR[1]: 9, YEAR[11]: 9})
    assert changes(scene_of(few), DECEMBER) == {}
    spoken = [row for month in YEAR for row in facts("calls", "Bob", {month: 1})]
    zero = replace(CALLS, absent="zero")
    two = few + facts("calls", "Ann", {YEAR[10]: 3})
    found = changes(scene_of(two + spoken, zero), DECEMBER)["Ann"][0]
    # without events she is on the book for six months from each fact on: January to July, November, December
    assert (found.earlier, found.recent) == (Fraction(18, 7), 6)
    lives = [Life("Ann", date(2011, 1, 1), "joined"), Life("Ann", date(2011, 9, 30), "left")]
    lives.append(Life("Ann", date(2011, 11, 30), "returned"))
    found = changes(scene_of(two + spoken, zero, lifecycle=lives), DECEMBER)["Ann"][0]
    assert (found.earlier, found.recent) == (Fraction(18, 8), 6)


def test_who_is_off_the_book_can_not_be_warned_and_the_dearest_stands_first() -> None:
    calm = [row for name in "PQR" for row in year_of("calls", name, 10, 10)]
    rows = calm + [row for name in ("Ann", "Bob", "Cem") for row in year_of("calls", name, 10, 20)]
    rows += facts("value", "Bob", {YEAR[0]: 5, later(YEAR[0], -1): 70}) + facts("value", "Cem", {DECEMBER: 6})
    assert ranked(scene_of(rows, value="value"), DECEMBER) == [("Cem", 6), ("Bob", 5), ("Ann", 0)]
    lives = [Life(name, date(2011, 12, 31), "joined") for name in ("Ann", "P", "Q", "R")]
    assert set(warned(scene_of(rows, lifecycle=lives), DECEMBER)) == {"Ann"}
    assert set(warned(scene_of(rows), later(DECEMBER, 6))) == set()


def test_lost_is_who_left_within_six_months_or_bought_less_than_half() -> None:
    span = run_of(201107, 12)
    halves = {"Ann": (10, 5), "Bob": (10, 4), "Cem": (0, 0), "Dee": (0, -1)}
    rows = [Fact("value", name, m, Fraction(two[m > DECEMBER])) for name, two in halves.items() for m in span]
    lives = [Life("Ann", date(2012, 6, 30), "left"), Life("Cem", date(2012, 7, 1), "left")]
    lives.append(Life("Dee", date(2011, 12, 31), "left"))
    scene = scene_of(rows, value="value", lifecycle=lives)
    assert [name for name in halves if is_lost(scene, name, DECEMBER)] == ["Ann", "Bob"]
    assert (months_to_left(scene, "Ann", DECEMBER), months_to_left(scene, "Bob", DECEMBER)) == (6, None)
    gap = [row for row in rows if row.month != 201203]
    assert not is_lost(scene_of(gap, value="value"), "Bob", DECEMBER)


def test_the_record_is_of_24_month_ends_six_months_ago() -> None:
    assert (month_ends(date(2012, 6, 30))[-1], month_ends(date(2012, 7, 1))[-1]) == (201111, DECEMBER)
    assert (month_ends(date(2012, 7, 1))[0], len(month_ends(date(2012, 7, 1)))) == (201001, 24)


def test_who_was_warned_in_the_six_months_before_does_not_count_again() -> None:
    """Ann gets worse in October; the change is more than three bands from then on, and counts once."""
    calm = [row for name in "PQ" for row in facts("calls", name, dict.fromkeys(run_of(201101, 20), 10))]
    ann = facts("calls", "Ann", {month: 10 if month < 201110 else 30 for month in run_of(201101, 20)})
    scene = scene_of(calm + ann, lifecycle=[Life(name, date(2010, 1, 1), "joined") for name in ("Ann", "P", "Q")])
    scene.lifecycle.append(Life("Ann", date(2012, 2, 10), "left"))
    assert counting(scene, date(2013, 1, 1)) == [("Ann", 201110)]
    found = record(scene, date(2013, 1, 1))
    assert (found.warned, found.lost, found.base, found.lift, found.lead) == (1, 1, Fraction(1, 3), 3, 4)
    assert found.sentence == "warned 1, lost 1: too few to tell"


def test_chance_is_counted_exactly() -> None:
    assert by_chance(3, 2, Fraction(1, 4)) == Fraction(10, 64)
    assert (by_chance(5, 0, Fraction(1, 7)), by_chance(2, 2, Fraction(1))) == (1, 1)


NO_BETTER = "warned {} %); of those that could be warned {} %: no better than guessing"


@pytest.mark.parametrize(
    ("count", "lost", "base", "sentence"),
    [
        (22, 6, "0.1", "warned 22, lost 6: too few to tell"),
        (41, 6, "0.14", NO_BETTER.format("41, lost 6 (15", 14)),
        (41, 9, "0.01", "warned 41, lost 9: too few to tell"),
        (41, 10, "0.1", None),
        (29, 10, "0.1", "warned 29, lost 10: too few to tell"),
        (30, 10, "0.15", None),
        (30, 10, "0.2", NO_BETTER.format("30, lost 10 (33", 20)),
        (200, 100, "0.34", NO_BETTER.format("200, lost 100 (50", 34)),
        (40, 0, "0", "warned 40, lost 0: too few to tell"),
    ],
)
def test_shown_only_where_it_foretold(count: int, lost: int, base: str, sentence: str | None) -> None:
    """10 of 30 are not shown beside 20 %, for so many are lost by chance once in 16; of 34 % the lift is too small."""
    found = told(count, lost, Fraction(base), None)
    assert (found.shown, found.sentence) == (sentence is None, sentence)


@settings(deadline=None)
@given(seeds)
def test_who_is_warned_could_be_and_has_a_reason(seed: int) -> None:
    scene, month, _ = invented_scene(seed)
    found = warned(scene, month)
    assert set(found) <= set(changes(scene, month))
    assert all(own and all(one.worse_by > 0 or one.bands is not None for one in own) for own in found.values())


@settings(max_examples=5, deadline=None)
@given(seeds)
def test_no_record_has_more_lost_than_warned(seed: int) -> None:
    found = record(*invented_record(seed))
    assert found.lost <= found.warned
    assert found.shown == (found.sentence is None)
