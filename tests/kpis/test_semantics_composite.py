"""Composite of a tier: written weights, scores of verdicts, and held against a second calculator."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry, User
from core import scorecards
from core.numbers import rounded_text
from core.periods import FiscalCalendar, Month, Period
from core.writes import StaleWrite
from customers.models import Tier
from kpis.choices import Direction
from kpis.formulas.composite import Blend, blend, score
from kpis.formulas.values import Band, Goal
from kpis.models import Kpi, WeightSet
from kpis.reading.matrix import Composite, Matrix, build_matrix
from kpis.reading.weights import revision
from kpis.rollup.runs import roll_up_now
from kpis.services.weights import take_back_weights, write_weights
from tests import factories as make
from tests.kept import kept
from tests.kpis.test_properties import examples, rolled_back
from tests.oracle.agreement import as_period
from tests.oracle.company import Company
from tests.oracle.composite import composites
from tests.oracle.database import store
from tests.oracle.invented import WINDOW
from tests.oracle.meanings import changing_companies

pytestmark = pytest.mark.django_db

LONG_AFTER = date(2030, 1, 1)
JULY, AUGUST = Month(201107), Month(201108)


def percent(*weights: int) -> dict[str, Fraction]:
    return {f"k{place}": Fraction(weight) for place, weight in enumerate(weights)}


def test_a_score_falls_from_100_at_the_target_over_50_at_the_edge_of_near_to_0_and_never_passes_them() -> None:
    def of(actual: str, band: Band) -> Fraction:
        return score(Fraction(actual), Goal(Fraction(100)), Direction.HIGHER, band)

    ten = Band(Fraction(10))
    assert [of(actual, ten) for actual in ("250", "100", "95", "90", "81", "80", "10")] == [100, 100, 75, 50, 5, 0, 0]
    assert [of(actual, Band(absolute=Fraction(0))) for actual in ("100", "99.9999")] == [100, 0]
    bounds = Goal(None, Fraction(10), Fraction(20))
    assert score(Fraction(21), bounds, Direction.RANGE, Band(absolute=Fraction(2))) == 75


def test_the_index_is_of_the_weight_with_a_verdict_and_there_is_none_of_less_than_three_quarters() -> None:
    found = blend(percent(50, 25, 25), {"k0": Fraction(100), "k1": Fraction(50)})
    assert (found.index, found.weight, found.missing) == (Fraction(250, 3), 75, ("k2",))
    assert blend(percent(50, 26, 24), {"k0": Fraction(100), "k2": Fraction(0)}).index is None


def test_it_is_compared_only_with_one_of_the_same_weights_and_kpis_with_a_verdict() -> None:
    now = blend(percent(80, 20), {"k0": Fraction(100)})
    assert now.change_since(blend(percent(80, 20), {"k0": Fraction(40)})) == 60
    for other in (
        blend(percent(80, 20), {"k0": Fraction(100), "k1": Fraction(0)}),
        blend(percent(81, 19), {"k0": Fraction(100)}),
        Blend(),
    ):
        assert now.change_since(other) is None


@pytest.mark.slow
@examples(8)
@given(st.data())
def test_every_composite_is_the_oracles(data: st.DataObject) -> None:
    company: Company = data.draw(changing_companies())
    cuts = sorted(data.draw(st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    codes = data.draw(st.permutations([kpi.code for kpi in company.kpis]))[: len(parts)]
    parts[0] += sum(parts[len(codes) :])
    with rolled_back():
        store(company)
        roll_up_now()
        kpis = {kpi.code: kpi for kpi in Kpi.objects.all()}
        weights = {kpis[code]: Decimal(part) for code, part in zip(codes, parts, strict=False)}
        write_weights(from_month=Month(WINDOW[0]), weights=weights, by=make.person("Stella", "steward"))
        wanted = {kpi.code: Fraction(weight) for kpi, weight in weights.items()}
        for kind in ("month", "quarter", "year"):
            span = company.calendar.span(kind, data.draw(st.sampled_from(WINDOW[12:])))
            today = data.draw(st.sampled_from([LONG_AFTER, date(2011, 6, 15)]))
            matrix = build_matrix(as_period(span, company.calendar), today=today)
            assert [told(one) for one in matrix.composites] == composites(company, wanted, span, today)


def told(one: Composite) -> Any:
    index = None if one.blend.index is None else rounded_text(one.blend.index, 1)
    return one.tier.code, index, one.blend.weight, set(one.blend.missing)


# -- what is written


@kept
def calls(company: Any) -> Kpi:
    return make.kpi("calls")


@kept
def visits(company: Any) -> Kpi:
    return make.kpi("visits")


def write(by: User, month: Month = JULY, **weights: Any) -> WeightSet:
    kpis = {Kpi.objects.get(code=code): Decimal(str(weight)) for code, weight in weights.items()}
    return write_weights(from_month=month, weights=kpis, by=by)


def weights_in_force(month: str) -> dict[str, Fraction]:
    found: Matrix = build_matrix(Period.parse(month, FiscalCalendar()), today=LONG_AFTER)
    return dict(found.composites[0].blend.weights) if found.composites else {}


def test_a_period_uses_the_weights_of_its_last_month(calls: Kpi, visits: Kpi, stella: User) -> None:
    make.tier("T1")
    make.untiered()
    write(stella, JULY, calls=100)
    write(stella, AUGUST, calls="33.3334", visits="66.6666")
    later = {"calls": Fraction("33.3334"), "visits": Fraction("66.6666")}
    told = {code: weights_in_force(code) for code in ("2011-06", "2011-07", "2011-08", "2011-Q3", "2011-Q2", "2011")}
    assert told == {
        "2011-06": {}, "2011-07": {"calls": 100}, "2011-08": later, "2011-Q3": later, "2011-Q2": {}, "2011": later
    }  # fmt: skip
    matrix = build_matrix(Period.parse("2011-08", FiscalCalendar()), today=LONG_AFTER)
    assert [(one.tier.code, one.blend.index, one.blend.missing) for one in matrix.composites] == [
        ("T1", None, ("calls", "visits")), ("all", None, ("calls", "visits"))
    ]  # fmt: skip


def test_of_two_sets_of_a_month_the_later_stands_and_taken_back_the_earlier_does_again(
    calls: Kpi, visits: Kpi, stella: User
) -> None:
    first = write(stella, calls=100)
    second = write(stella, calls=60, visits=40)
    assert weights_in_force("2011-07") == {"calls": 60, "visits": 40}
    take_back_weights(weights=second, reason="A slip.", by=stella)
    assert weights_in_force("2011-07") == {"calls": 100}
    with pytest.raises(StaleWrite):
        take_back_weights(weights=second, reason="Again.", by=stella)
    entries = AuditEntry.objects.filter(object_type="kpis.weightset").order_by("pk")
    assert [(entry.verb, entry.object_id) for entry in entries] == [
        ("created", str(first.pk)), ("created", str(second.pk)), ("taken back", str(second.pk))
    ]  # fmt: skip
    assert entries[1].after
    assert entries[1].after["weights"] == {"calls": "60.0000", "visits": "40.0000"}


def test_what_cannot_be_weighed_is_refused_with_its_reason(calls: Kpi, visits: Kpi, stella: User, ines: User) -> None:
    make.kpi("draft", state="draft")
    make.kpi("gone", retired_from=JULY)
    for weights, field in (
        ({"calls": 60, "visits": "39.9999"}, "weights"),
        ({}, "weights"),
        ({"calls": 110, "visits": -10}, "weight-visits"),
        ({"calls": 50, "draft": 50}, "weight-draft"),
        ({"calls": 50, "gone": 50}, "weight-gone"),
    ):
        with pytest.raises(ValidationError) as refused:
            write(stella, **weights)
        assert field in refused.value.message_dict
    with pytest.raises(PermissionDenied):
        write(ines, calls=100)
    seen = revision()
    write(stella, calls=100)
    with pytest.raises(ValidationError, match="stand in that month already"):
        write(stella, AUGUST, calls=100)
    with pytest.raises(StaleWrite):
        write_weights(from_month=JULY, weights={visits: Decimal(100)}, by=stella, seen=seen)


def test_months_that_an_edition_covers_keep_their_weights(
    calls: Kpi, visits: Kpi, stella: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write(stella, Month(201101), calls=100)
    write(stella, Month(201110), visits=100)
    covered = [Month(201107), Month(201108), Month(201109)]
    monkeypatch.setattr(
        scorecards, "_covering", [lambda first, last: [m for m in covered if first <= m <= (last or 999912)]]
    )
    for month in (201104, 201109):
        with pytest.raises(ValidationError, match="an edition covers"):
            write(stella, Month(month), visits=50, calls=50)
    with pytest.raises(ValidationError, match="an edition covers"):
        take_back_weights(weights=old, reason="A slip.", by=stella)
    write(stella, Month(201110), visits=50, calls=50)


def test_a_matrix_asks_no_query_more_for_weights(calls: Kpi, stella: User, django_assert_num_queries: Any) -> None:
    tier: Tier = make.tier("T1")
    make.fact(calls, make.customer(tier=tier), JULY, 5)
    roll_up_now()
    quarter = Period.parse("2011-Q3", FiscalCalendar())
    with django_assert_num_queries(4):
        build_matrix(quarter, today=LONG_AFTER)
    write(stella, calls=100)
    with django_assert_num_queries(4):
        assert build_matrix(quarter, today=LONG_AFTER).composites
