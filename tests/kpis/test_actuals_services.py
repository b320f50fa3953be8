"""Actuals entered by hand: all of a month or none, blank is not zero, a correction keeps the old value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry, User
from core.periods import Month
from core.writes import StaleWrite
from customers.models import Tier
from kpis.models import Kpi, Restatement, SliceTouch, TierActual
from kpis.services.actuals import ActualsRefused, Entry, enter_actuals, mark_complete
from tests import factories
from tests.kept import kept
from tests.kpis.test_semantics_versions import changed

pytestmark = pytest.mark.django_db
JANUARY = Month(201101)


@kept
def gold(db: None) -> Tier:
    return factories.tier("T1")


@kept
def score(omar: User) -> Kpi:
    return factories.kpi("score", customer_method="mean", time_method="pool", owner=omar)


def entry(tier: Tier, numerator: int | None, denominator: int | None = 4, **fields: object) -> Entry:
    pair = (None if part is None else Decimal(part) for part in (numerator, denominator))
    return Entry(tier, *pair, **fields)  # type: ignore[arg-type]


def stored() -> list[tuple[str, Decimal, Decimal | None]]:
    return list(TierActual.objects.order_by("tier").values_list("tier__code", "numerator", "denominator"))


def problems(kpi: Kpi, by: User, *entries: Entry, month: Month = JANUARY) -> list[tuple[str, str]]:
    with pytest.raises(ActualsRefused) as refusal:
        enter_actuals(kpi=kpi, month=month, entries=entries, by=by)
    return [(one.tier, one.field) for one in refusal.value.problems]


def test_an_owner_enters_the_own_kpis_month_and_it_is_rolled_up_again(score: Kpi, gold: Tier, omar: User) -> None:
    assert enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, 30)], by=omar) == 1
    assert stored() == [("T1", Decimal(30), Decimal(4))]
    assert SliceTouch.objects.get().month == JANUARY
    assert AuditEntry.objects.get(verb="entered").by == omar


def test_a_blank_is_no_actual_and_leaves_a_stored_one_alone(score: Kpi, gold: Tier, omar: User) -> None:
    assert enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, None)], by=omar) == 0
    factories.tier_actual(score, gold, JANUARY, 30, 4)
    assert enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, None)], by=omar) == 0
    assert len(stored()) == 1


def test_zero_is_an_actual(score: Kpi, gold: Tier, omar: User) -> None:
    enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, 0)], by=omar)
    assert stored() == [("T1", Decimal(0), Decimal(4))]


def test_a_correction_keeps_the_old_value_its_reason_and_who(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, JANUARY, 30, 4)
    seen = (Decimal(30), Decimal(4))
    assert problems(score, omar, entry(gold, 31, seen=seen)) == [("T1", "reason")]
    enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, 31, seen=seen, reason="Late forms")], by=omar)
    kept = Restatement.objects.get()
    assert (kept.old_numerator, kept.numerator, kept.reason, kept.by) == (30, 31, "Late forms", omar)


def test_a_stored_actual_is_taken_away_only_when_told_to(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, JANUARY, 30, 4)
    away = entry(gold, None, clear=True, seen=(Decimal(30), Decimal(4)), reason="Of another month")
    assert enter_actuals(kpi=score, month=JANUARY, entries=[away], by=omar) == 1
    assert stored() == []
    assert Restatement.objects.get().numerator is None


def test_the_same_again_changes_nothing(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, JANUARY, 30, 4)
    assert enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, 30)], by=omar) == 0


def test_what_somebody_entered_meanwhile_is_not_overwritten(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, JANUARY, 29, 4)
    with pytest.raises(StaleWrite):
        enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, 30, reason="Mine")], by=omar)
    assert stored() == [("T1", Decimal(29), Decimal(4))]


def test_a_mean_needs_its_observations_and_one_bad_entry_saves_none(score: Kpi, gold: Tier, omar: User) -> None:
    silver = factories.tier("T2")
    assert problems(score, omar, entry(gold, 30), entry(silver, 20, None)) == [("T2", "denominator")]
    assert stored() == []


def test_a_month_that_has_not_begun_has_no_actuals(score: Kpi, gold: Tier, omar: User) -> None:
    assert problems(score, omar, entry(gold, 30), month=Month(299901)) == [("", "month")]


def test_a_kpi_with_facts_or_a_formula_takes_none(gold: Tier, stella: User) -> None:
    measured = factories.kpi("measured")
    factories.fact(measured, factories.customer(), 201101, 1)
    assert problems(measured, stella, entry(gold, 30)) == [("", "kpi")]
    made = factories.kpi("made", formula="2 * measured", customer_method="", time_method="")
    with pytest.raises(PermissionDenied):
        enter_actuals(kpi=made, month=JANUARY, entries=[entry(gold, 30)], by=stella)


def test_others_enter_nothing(score: Kpi, gold: Tier, fay: User, ines: User) -> None:
    foreign = factories.kpi("foreign")
    for person in (fay, ines):
        with pytest.raises(PermissionDenied):
            enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, 1)], by=person)
    assert score.owner is not None
    with pytest.raises(PermissionDenied):
        enter_actuals(kpi=foreign, month=JANUARY, entries=[entry(gold, 1)], by=score.owner)


def test_a_steward_marks_a_month_complete_once(score: Kpi, stella: User, omar: User) -> None:
    (mark, new), again = (mark_complete(kpi=score, month=JANUARY, by=stella) for _ in range(2))
    assert new
    assert again == (mark, False)
    assert AuditEntry.objects.filter(verb="marked complete").count() == 1
    with pytest.raises(PermissionDenied):
        mark_complete(kpi=score, month=JANUARY, by=omar)


def test_a_month_asks_for_what_the_kpi_meant_in_it(score: Kpi, gold: Tier, omar: User) -> None:
    changed(score, 201104, customer_method="sum", time_method="sum")
    assert problems(score, omar, entry(gold, 30, None)) == [("T1", "denominator")]
    assert enter_actuals(kpi=score, month=Month(201104), entries=[entry(gold, 30, None)], by=omar) == 1


def test_a_month_in_which_the_kpi_was_calculated_takes_none(gold: Tier, omar: User) -> None:
    kpi = factories.kpi(owner=omar, formula="2 * score", customer_method="", time_method="")
    changed(kpi, 201104, formula="", customer_method="sum", time_method="sum")
    assert problems(kpi, omar, entry(gold, 30)) == [("", "kpi")]


def test_what_somebody_entered_is_told_before_a_reason_is_asked_for(score: Kpi, gold: Tier, omar: User) -> None:
    factories.tier_actual(score, gold, JANUARY, 29, 4)
    with pytest.raises(StaleWrite):
        enter_actuals(kpi=score, month=JANUARY, entries=[entry(gold, 30)], by=omar)
