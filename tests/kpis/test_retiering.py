"""Tiers given anew by rank: who ranks, where the cuts lie, who is kept by hysteresis, and how all of it is undone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.loads import UndoRefused
from accounts.models import AuditEntry, User
from core.periods import FiscalCalendar, Month, Period
from core.writes import StaleWrite, TransitionRefused
from customers.models import Customer, Tier, TierMembership
from kpis.choices import CutBy
from kpis.models import Kpi, PeriodCell
from kpis.reading.customer_values import read_values
from kpis.reading.matrix import build_matrix
from kpis.reading.proforma import read_proforma
from kpis.reading.retiering import read_plan
from kpis.rollup.runs import roll_up_now
from kpis.rules.retiering import Terms
from kpis.services.retiering import apply_retiering, preview_retiering, undo_retiering
from tests import factories as make
from tests.kept import kept
from tests.kpis.reading import LONG_AFTER
from tests.oracle import retiering as oracle

pytestmark = pytest.mark.django_db
MONTHS = [Month(m) for m in (201101, 201102, 201103, 201104)]
STARTS = date(2011, 5, 1)
loosely = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
numbers = st.sampled_from([None, *range(-3, 12)])
lines = st.lists(numbers, min_size=len(MONTHS), max_size=len(MONTHS))


@kept
def tiers(db: None) -> list[Tier]:
    return [make.tier(f"T{number}") for number in (1, 2, 3)]


@kept
def revenue(db: None) -> Kpi:
    return make.kpi("revenue")


@kept
def stella(db: None) -> User:
    return make.person("stella", "steward")


def account(kpi: Kpi, tier: Tier | None, *amounts: int | None) -> Customer:
    """A customer in a tier with these amounts in the first months."""
    customer = make.customer(tier=tier)
    for month, amount in zip(MONTHS, amounts, strict=False):
        if amount is not None:
            make.fact(kpi, customer, month, amount)
    return customer


def terms(kpi: Kpi, by: str = "number", cuts: tuple[int, ...] = (1, 2), **more: Any) -> Terms:
    given: dict[str, Any] = {"end": MONTHS[-1], "months": 4, "starts_on": STARTS} | more
    return Terms(kpi, by=CutBy(by), cuts=tuple(map(Fraction, cuts)), **given)


def moves(of: Terms) -> dict[str, str]:
    """Who would move to which tier."""
    names = dict(Customer.objects.values_list("pk", "external_id"))
    return {names[move.customer]: move.after.code for move in preview_retiering(terms=of).moves}


# -- against the oracle


@loosely
@given(
    st.lists(lines, min_size=1, max_size=6),
    st.sampled_from(["sum", "mean", "ratio", "distinct"]),
    st.sampled_from(["pool", "sum", "mean", "last"]),
)
def test_a_customers_value_is_the_oracles(told: list[list[int | None]], customer_method: str, time_method: str) -> None:
    with transaction.atomic():
        kpi = make.kpi("x", customer_method=customer_method, time_method=time_method)
        expected = {}
        for line in told:
            customer, facts = make.customer(), []
            for month, number in zip(MONTHS, line, strict=True):
                if number is not None:
                    below = abs(number) % 4
                    make.fact(kpi, customer, month, number, below)
                    facts.append((month, Fraction(number), Fraction(below)))
            if facts:
                expected[customer.pk] = oracle.value(customer_method, time_method, facts)
        assert read_values(kpi, [MONTHS, MONTHS[:2]])[0] == expected
        transaction.set_rollback(True)


@st.composite
def cuts(draw: Any) -> tuple[str, tuple[int, ...], bool]:
    by, higher = draw(st.sampled_from(CutBy.values)), draw(st.booleans())
    found = sorted(draw(st.sets(st.integers(1, 40 if by != "share" else 100), min_size=2, max_size=2)))
    return by, tuple(reversed(found) if by == "value" and higher else found), higher


@loosely
@given(
    st.lists(st.tuples(lines, st.sampled_from([None, 0, 1, 2])), min_size=1, max_size=8),
    cuts(),
    st.sampled_from([None, 0, 10, 50]),
    st.sampled_from([0, 2, 3]),
)
def test_who_moves_is_what_the_oracle_says(told: Any, given: Any, percent: int | None, ends: int) -> None:
    by, at, higher = given
    with transaction.atomic():
        own = [make.tier(f"T{number}") for number in (1, 2, 3)]
        kpi = make.kpi("x", direction="higher" if higher else "lower")
        for line, place in told:
            account(kpi, None if place is None else own[place], *line)
        distance = None if percent is None else Fraction(percent)
        asked = terms(kpi, by, at, months=2, percent=distance, ends=ends)
        names = [str(number) for number in range(len(told))]
        windows = [range(max(0, end - 1), end + 1) for end in range(3, 3 - max(ends, 1), -1)]
        ranked = []
        for window in windows:
            facts = {
                n: [(m, Fraction(line[m]), None) for m in window if line[m] is not None]
                for n, (line, _) in zip(names, told, strict=True)
            }
            ranked.append({n: oracle.value("sum", "sum", some) for n, some in facts.items() if some})
        places = [oracle.placed(values, by, list(map(Fraction, at)), higher=higher) for values in ranked]
        expected = {}
        for name, (_, now) in zip(names, told, strict=True):
            if name in ranked[0]:
                wanted = places[0][0][name]
                if now is not None:
                    each, amounts = [one for one, _ in places], places[0][1]
                    wanted = oracle.settled(now, name, ranked[0], each, amounts, distance, higher=higher)
                if wanted != now:
                    expected[name] = own[wanted].pk
        ids = dict(zip(Customer.objects.order_by("pk").values_list("pk", flat=True), names, strict=True))
        assert {ids[move.customer]: move.after.pk for move in read_plan(asked).moves} == expected
        transaction.set_rollback(True)


# -- rules


def test_equal_values_stay_together_on_the_better_side(revenue: Kpi, tiers: list[Tier]) -> None:
    first, second, third = (account(revenue, tiers[2], amount) for amount in (5, 5, 1))
    assert moves(terms(revenue)) == {first.external_id: "T1", second.external_id: "T1"}
    plan = preview_retiering(terms=terms(revenue))
    assert (plan.cuts, plan.ranked, third.pk in {m.customer for m in plan.moves}) == ((5, 5), 3, False)


def test_shares_are_rounded_down_to_whole_customers(revenue: Kpi, tiers: list[Tier]) -> None:
    best = [account(revenue, tiers[2], amount) for amount in (9, 8, 7, 6, 5)]
    assert moves(terms(revenue, "share", (39, 59))) == {best[0].external_id: "T1", best[1].external_id: "T2"}


def test_who_is_off_the_book_keeps_the_tier_and_who_has_no_value_comes_last(revenue: Kpi, tiers: list[Tier]) -> None:
    gone, silent, there = account(revenue, tiers[2], 9), account(revenue, tiers[0]), account(revenue, tiers[2], 1)
    for customer in (gone, silent, there):
        make.lifecycle_event(customer, "2010-01-01", "joined")
    make.lifecycle_event(gone, "2011-04-30", "left")
    assert moves(terms(revenue)) == {silent.external_id: "T3", there.external_id: "T1"}


def test_who_has_no_tier_or_a_retired_one_is_placed_as_ranked(revenue: Kpi, tiers: list[Tier]) -> None:
    old = make.tier("T0", retired_from=201105)
    nowhere, retired = account(revenue, None, 5), account(revenue, old, 4)
    plan = preview_retiering(terms=terms(revenue, percent=Fraction(99)))
    assert {(move.customer, move.after.code, move.way) for move in plan.moves} == {
        (nowhere.pk, "T1", "new"),
        (retired.pk, "T2", "new"),
    }


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cuts": (2, 1)}, "cuts"),
        ({"cuts": (1,)}, "cuts"),
        ({"by": "share", "cuts": (50, 101)}, "cuts"),
        ({"by": "value", "cuts": (1, 2)}, "cuts"),
        ({"end": Month(202512)}, "end"),
        ({"months": 0}, "months"),
        ({"ends": 1}, "ends"),
    ],
)
def test_wrong_terms_are_refused_at_their_field(
    revenue: Kpi, tiers: list[Tier], wrong: Any, field: str, time_machine: Any
) -> None:
    time_machine.move_to(date(2025, 6, 1))
    with pytest.raises(ValidationError) as refused:
        preview_retiering(terms=terms(revenue, **wrong))
    assert list(refused.value.message_dict) == [field]


def test_a_range_and_a_calculated_kpi_rank_nobody(revenue: Kpi, tiers: list[Tier]) -> None:
    double = make.kpi("double", formula="revenue * 2", customer_method="", time_method="")
    for kpi in (double, make.kpi("between", direction="range")):
        with pytest.raises(ValidationError):
            preview_retiering(terms=terms(kpi))


# -- applied and undone


def cells() -> set[Any]:
    """All cells, after what was touched was rolled up."""
    roll_up_now()
    fields = ("kpi", "tier", "period", "value_numerator", "value_denominator", "facts", "customers", "months_with_data")
    return set(PeriodCell.objects.values_list(*fields))


@settings(loosely, max_examples=8)
@given(st.lists(st.tuples(lines, st.sampled_from([None, 0, 1, 2])), min_size=2, max_size=6))
def test_cells_after_undoing_are_those_before(told: Any) -> None:
    with transaction.atomic():
        own, by = [make.tier(f"T{number}") for number in (1, 2, 3)], make.person("mo", "steward")
        kpi = make.kpi("x", customer_method="distinct", time_method="pool")
        for line, place in told:
            account(kpi, None if place is None else own[place], *line)
        before, asked = cells(), terms(kpi, starts_on=date(2011, 3, 1))
        plan = preview_retiering(terms=asked)
        assume(plan.moves)
        made = apply_retiering(terms=asked, by=by, seen=plan.mark)
        assert preview_retiering(terms=asked).moves == ()
        cells()
        undo_retiering(retiering=made, by=by)
        assert cells() == before
        transaction.set_rollback(True)


def test_it_is_one_act_with_one_entry_and_undone_unless_a_move_of_it_was_changed(
    revenue: Kpi, tiers: list[Tier], stella: User
) -> None:
    first, second = account(revenue, tiers[2], 5), account(revenue, tiers[0], 1)
    asked = terms(revenue)
    with pytest.raises(StaleWrite):
        apply_retiering(terms=asked, by=stella, seen="another")
    made = apply_retiering(terms=asked, by=stella, seen=preview_retiering(terms=asked).mark)
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["re-tiered"]
    assert (made.up, made.down, made.new, made.cuts) == (1, 1, 0, {"T1": "1", "T2": "2"})
    TierMembership.objects.filter(customer=first, starts_on=STARTS).update(tier=tiers[1])
    with pytest.raises(UndoRefused, match=first.external_id):
        undo_retiering(retiering=made, by=stella)
    TierMembership.objects.filter(customer=first, starts_on=STARTS).update(tier=tiers[0])
    undo_retiering(retiering=made, by=stella)
    made.refresh_from_db()
    assert (made.stands, TierMembership.objects.count(), second.memberships.get().tier) == (False, 2, tiers[0])


def test_nobody_to_move_and_nobody_who_may_are_refused(revenue: Kpi, tiers: list[Tier], stella: User) -> None:
    account(revenue, tiers[0], 5)
    asked = terms(revenue)
    mark = preview_retiering(terms=asked).mark
    with pytest.raises(TransitionRefused):
        apply_retiering(terms=asked, by=stella, seen=mark)
    with pytest.raises(PermissionDenied):
        apply_retiering(terms=asked, by=make.person("fay", "finance"), seen=mark)


# -- pro forma


@settings(loosely, max_examples=8)
@given(
    st.lists(st.tuples(lines, st.sampled_from([None, 0, 1])), min_size=1, max_size=5),
    st.sampled_from(["2011-Q1", "2011-02", "2011"]),
)
def test_the_matrix_pro_forma_is_that_of_a_company_that_always_had_the_new_tiers(told: Any, code: str) -> None:
    with transaction.atomic():
        own = [make.tier("T1"), make.tier("T2")]
        kpis = [
            make.kpi(f"{customers}_{time}", customer_method=customers, time_method=time)
            for customers, time in (
                ("sum", "sum"),
                ("distinct", "pool"),
                ("mean", "last"),
                ("sum", "ttm"),
                ("distinct", "ttm"),
            )
        ]
        make.kpi("both", formula="sum_sum + distinct_pool", customer_method="", time_method="")
        for kpi in kpis:
            per = "year" if kpi.time_method == "ttm" else "month"
            make.target(kpi, own[0], 201101, 6, per=per)
        for line, place in told:
            customer = account(kpis[0], None if place is None else own[place], *line)
            for kpi in kpis[1:]:
                for month, number in zip(MONTHS, line, strict=True):
                    if number is not None:
                        make.fact(kpi, customer, month, Decimal(number))
        roll_up_now()
        period = Period.parse(code, FiscalCalendar())
        moved = dict.fromkeys(Customer.objects.values_list("pk", flat=True)[::2], own[0].pk)
        found = read_proforma(period, LONG_AFTER, moved)
        TierMembership.objects.filter(customer__in=moved).delete()
        for pk, tier in moved.items():
            make.member(Customer.objects.get(pk=pk), Tier.objects.get(pk=tier), date(2000, 1, 1))
        roll_up_now()
        told_of = {
            (row.kpi.pk, cell.tier.pk): cell
            for row in build_matrix(period, today=LONG_AFTER).rows
            for cell in row.cells
        }
        then = {(kpi.pk, one.tier.pk): one.then for kpi, row in found for one in row if one.then}
        assert {key: seen(cell) for key, cell in then.items()} == {key: seen(cell) for key, cell in told_of.items()}
        transaction.set_rollback(True)


def seen(cell: Any) -> Any:
    """What a matrix says of a cell but for what it is compared with."""
    return cell.actual, cell.status, cell.pace, cell.facts, cell.months_with_data, cell.target, cell.last_month
