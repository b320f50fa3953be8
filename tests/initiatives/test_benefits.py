"""Planned benefits are decided by finance, four eyes, and never changed afterwards; what they brought is counted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from time_machine import TimeMachineFixture

from accounts.choices import Role
from accounts.models import AuditEntry, ExchangeRate, User
from core.periods import Month
from core.registry import asks_of
from core.writes import StaleTransition, StaleWrite
from initiatives.choices import BenefitKind, BenefitState, Level, Stage
from initiatives.models import Benefit, Initiative, RealisedBenefit
from initiatives.reading.benefits import read_benefits, report_benefits
from initiatives.rules.benefit import may_decide
from initiatives.services.benefit_decisions import decide_benefit, take_back_benefit
from initiatives.services.benefits import (
    propose_benefit,
    realise_benefit,
    submit_benefit,
    withdraw_benefit,
)
from kpis.choices import CustomerMethod, Direction, TimeMethod, Unit
from kpis.rollup.runs import roll_up_now
from tests import factories

DAY = date(2026, 5, 14)
VALUES = {
    "name": "Interest saved",
    "kind": BenefitKind.MONEY,
    "value_per_year": Decimal(1200),
    "from_month": Month(202601),
}


@pytest.fixture(autouse=True)
def _in_may(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-05-14 12:00Z", tick=False)


@pytest.fixture
def invoices(omar: User) -> Initiative:
    """Omar's initiative."""
    return factories.initiative("invoices", owner=omar, baseline_start=date(2026, 2, 1), started_on=date(2026, 2, 1))


@pytest.fixture
def proposed(invoices: Initiative, omar: User) -> Benefit:
    """What he proposed."""
    return propose_benefit(initiative=invoices, by=omar, values=VALUES)


def test_an_owner_proposes_and_finance_approves(proposed: Benefit, omar: User, fay: User) -> None:
    assert (proposed.state, proposed.version, proposed.created_by) == (BenefitState.PROPOSED, 1, omar)
    approved = decide_benefit(benefit=proposed, by=fay, approve=True)
    assert (approved.state, approved.decided_by) == (BenefitState.APPROVED, fay)
    assert approved.decided_at is not None
    assert [entry.verb for entry in AuditEntry.objects.order_by("pk")] == ["proposed", "approved"]


def test_nobody_approves_the_own_proposal(invoices: Initiative, fay: User) -> None:
    own = propose_benefit(initiative=invoices, by=fay, values=VALUES)
    with pytest.raises(PermissionDenied, match="own proposal"):
        decide_benefit(benefit=own, by=fay, approve=True)
    assert Benefit.objects.get().state == BenefitState.PROPOSED


@pytest.mark.parametrize("who", ["executive", "owner", "steward", "administrator", "none"])
def test_only_finance_decides(proposed: Benefit, everyone: dict[str, User], who: str) -> None:
    with pytest.raises(PermissionDenied):
        decide_benefit(benefit=proposed, by=everyone[who], approve=True)


def test_who_has_no_part_in_the_initiative_proposes_nothing(invoices: Initiative, ines: User) -> None:
    other = factories.person("Olga", Role.OWNER)
    for person in (other, ines):
        with pytest.raises(PermissionDenied):
            propose_benefit(initiative=invoices, by=person, values=VALUES)


def test_a_rejection_needs_a_reason(proposed: Benefit, fay: User) -> None:
    with pytest.raises(ValidationError, match="why"):
        decide_benefit(benefit=proposed, by=fay, approve=False, reason=" ")
    rejected = decide_benefit(benefit=proposed, by=fay, approve=False, reason="Counted twice.")
    assert (rejected.state, rejected.decision_note) == (BenefitState.REJECTED, "Counted twice.")


def test_a_decision_comes_too_late_where_somebody_decided_before(proposed: Benefit, fay: User) -> None:
    colleague = factories.person("Fred", Role.FINANCE)
    decide_benefit(benefit=proposed, by=fay, approve=True)
    with pytest.raises(StaleTransition, match="approved by now"):
        decide_benefit(benefit=proposed, by=colleague, approve=False, reason="No.")


def test_the_same_decision_sent_twice_is_one(proposed: Benefit, fay: User) -> None:
    first = decide_benefit(benefit=proposed, by=fay, approve=True)
    assert decide_benefit(benefit=proposed, by=fay, approve=True).decided_at == first.decided_at
    assert AuditEntry.objects.filter(verb="approved").count() == 1


def test_a_later_version_supersedes_once_it_is_approved(proposed: Benefit, omar: User, fay: User) -> None:
    decide_benefit(benefit=proposed, by=fay, approve=True)
    more = propose_benefit(initiative=proposed.initiative, by=omar, values={**VALUES, "value_per_year": Decimal(1500)})
    assert more.version == 2
    assert Benefit.objects.get(state=BenefitState.APPROVED).version == 1
    decide_benefit(benefit=more, by=fay, approve=True)
    assert dict(Benefit.objects.values_list("version", "state")) == {1: "superseded", 2: "approved"}


def test_a_late_approval_leaves_the_version_before_in_force(proposed: Benefit, omar: User, fay: User) -> None:
    decide_benefit(benefit=proposed, by=fay, approve=True)
    more = propose_benefit(initiative=proposed.initiative, by=omar, values={**VALUES, "value_per_year": Decimal(1500)})
    withdraw_benefit(benefit=more, by=omar)
    with pytest.raises(StaleTransition, match="withdrawn by now"):
        decide_benefit(benefit=more, by=fay, approve=True)
    assert Benefit.objects.get(state=BenefitState.APPROVED).version == 1


@pytest.fixture
def second(proposed: Benefit, omar: User, fay: User) -> Benefit:
    """The second approved version of what he proposed."""
    decide_benefit(benefit=proposed, by=fay, approve=True)
    more = propose_benefit(initiative=proposed.initiative, by=omar, values={**VALUES, "value_per_year": Decimal(1500)})
    return decide_benefit(benefit=more, by=fay, approve=True)


def test_taken_back_the_version_before_stands_again_and_it_is_recorded(second: Benefit, fay: User) -> None:
    take_back_benefit(benefit=second, by=fay, reason="Too early.")
    assert dict(Benefit.objects.values_list("version", "state")) == {1: "approved", 2: "withdrawn"}
    back, again = AuditEntry.objects.order_by("pk")[5:]
    assert (back.verb, back.after) == ("taken back", {"state": "withdrawn", "reason": "Too early."})
    assert (again.verb, again.after) == ("approved again", {"state": "approved"})
    with pytest.raises(StaleTransition, match="withdrawn by now"):
        take_back_benefit(benefit=second, by=fay)


def test_only_finance_takes_back_and_neither_its_own_nor_what_a_later_version_replaced(
    second: Benefit, proposed: Benefit, omar: User, stella: User, fay: User
) -> None:
    for person in (omar, stella):
        with pytest.raises(PermissionDenied):
            take_back_benefit(benefit=second, by=person)
    with pytest.raises(StaleTransition, match="a later version counts"):
        take_back_benefit(benefit=proposed, by=fay)
    own = factories.benefit(proposed.initiative, "Own", created_by=fay)
    with pytest.raises(PermissionDenied, match="own proposal"):
        take_back_benefit(benefit=own, by=fay)
    assert Benefit.objects.filter(state=BenefitState.APPROVED).count() == 2


@pytest.mark.parametrize("change", [{"value_per_year": 9}, {"name": "Other"}, {"state": BenefitState.DRAFT}])
def test_what_was_approved_is_frozen_at_every_door(invoices: Initiative, change: dict[str, Any]) -> None:
    factories.benefit(invoices)
    with pytest.raises(DatabaseError, match="approved benefit cannot be changed"), transaction.atomic():
        Benefit.objects.update(**change)
    with pytest.raises(DatabaseError, match="approved benefit cannot be changed or deleted"), transaction.atomic():
        Benefit.objects.all().delete()
    assert Benefit.objects.get().value_per_year == 1200


def test_the_same_proposal_sent_twice_is_one(proposed: Benefit, omar: User) -> None:
    again = propose_benefit(initiative=proposed.initiative, by=omar, values=VALUES)
    assert again.pk == proposed.pk
    assert Benefit.objects.count() == 1


def test_one_version_waits_at_a_time(proposed: Benefit, omar: User) -> None:
    with pytest.raises(ValidationError, match="waits for finance already"):
        propose_benefit(initiative=proposed.initiative, by=omar, values={**VALUES, "value_per_year": Decimal(5)})


def test_a_draft_goes_to_finance_or_is_replaced(invoices: Initiative, omar: User) -> None:
    draft = factories.benefit(invoices, state=BenefitState.DRAFT)
    assert submit_benefit(benefit=draft, by=omar).state == BenefitState.PROPOSED
    other = factories.benefit(invoices, "Interest saved", state=BenefitState.DRAFT)
    assert propose_benefit(initiative=invoices, by=omar, values=VALUES).version == 2
    other.refresh_from_db()
    assert other.state == BenefitState.WITHDRAWN


def test_neither_who_wrote_nor_who_submitted_a_draft_decides_on_it(invoices: Initiative, fay: User) -> None:
    frank, finn = (factories.person(name, "finance") for name in ("Frank", "Finn"))
    draft = factories.benefit(invoices, state=BenefitState.DRAFT, created_by=fay)
    waiting = submit_benefit(benefit=draft, by=frank)
    for person in (fay, frank):
        assert not may_decide(person, waiting)
        assert not [ask for ask in asks_of(person) if "benefit" in ask.text]
        for approve in (True, False):
            with pytest.raises(PermissionDenied, match="own proposal"):
                decide_benefit(benefit=waiting, by=person, approve=approve, reason="Mine.")
    assert [ask for ask in asks_of(finn) if "benefit" in ask.text]
    assert decide_benefit(benefit=waiting, by=finn, approve=True).state == BenefitState.APPROVED


def test_only_what_is_undecided_is_withdrawn(proposed: Benefit, omar: User, fay: User) -> None:
    decide_benefit(benefit=proposed, by=fay, approve=True)
    with pytest.raises(StaleTransition):
        withdraw_benefit(benefit=proposed, by=omar)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"value_per_year": Decimal(0)}, "value_per_year"),
        ({"kind": BenefitKind.KPI}, "kpi"),
        ({"currency": "EURO"}, "currency"),
        ({"from_month": Month(202613)}, "from_month"),
    ],
)
def test_a_proposal_with_a_bad_value_names_the_field(
    invoices: Initiative, omar: User, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as error:
        propose_benefit(initiative=invoices, by=omar, values={**VALUES, **values})
    assert set(error.value.message_dict) == {field}
    assert not Benefit.objects.exists()


def test_money_is_planned_by_the_month_and_realised_as_entered(invoices: Initiative, omar: User) -> None:
    factories.benefit(invoices, "Interest saved", from_month=202602)
    for month, value in ((202603, "80"), (202604, "110.5")):
        realise_benefit(initiative=invoices, by=omar, name="Interest saved", month=Month(month), value=Decimal(value))
    (brought,) = read_benefits(Benefit.objects.all())
    assert (brought.planned, brought.to_date, brought.realised) == (1200, 300, Fraction("190.5"))
    assert brought.on_course is False


def test_a_month_is_corrected_seen_or_not_at_all(invoices: Initiative, omar: User) -> None:
    factories.benefit(invoices, "Savings", from_month=202602)
    entry: dict[str, Any] = {"initiative": invoices, "by": omar, "name": "Savings", "month": Month(202603)}
    realise_benefit(**entry, value=Decimal(80))
    with pytest.raises(StaleWrite):
        realise_benefit(**entry, value=Decimal(90))
    realise_benefit(**entry, value=Decimal(90), seen=Decimal(80))
    realise_benefit(**entry, value=Decimal(90), seen=Decimal(80))  # the same form again
    assert RealisedBenefit.objects.get().value == 90
    realise_benefit(**entry, value=None, seen=Decimal(90))
    assert not RealisedBenefit.objects.exists()
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["realised", "corrected", "deleted"]


def test_nothing_is_realised_ahead_or_of_what_nobody_approved(invoices: Initiative, omar: User) -> None:
    entry: dict[str, Any] = {"initiative": invoices, "by": omar, "name": "Savings", "value": Decimal(1)}
    with pytest.raises(ValidationError, match="approved no benefit"):
        realise_benefit(**entry, month=Month(202603))
    factories.benefit(invoices)
    with pytest.raises(ValidationError, match="lies ahead"):
        realise_benefit(**entry, month=Month(202606))


def test_a_sum_is_realised_against_the_mean_month_of_the_year_before(invoices: Initiative) -> None:
    orders, firm = factories.kpi("orders"), factories.customer("C1")
    for number in range(12):  # 2025-02 to 2026-01: 10 a month, but for one of 22
        month = 202502 + number if number < 11 else 202601
        factories.fact(orders, firm, month, 22 if month == 202506 else 10)
    for month, value in ((202602, 12), (202603, 14), (202604, 11)):
        factories.fact(orders, firm, month, value)
    factories.benefit(invoices, kpi=orders, value_per_year=24, from_month=202602)
    roll_up_now()
    (brought,) = read_benefits(Benefit.objects.all())
    assert (brought.baseline, brought.now) == (33, 37)  # three months of 11
    assert (brought.realised, brought.to_date) == (4, 6)
    assert (brought.before, brought.since) == ("February 2025 to January 2026", "February to April 2026")


def test_a_rate_is_compared_by_quarters_and_never_averaged(invoices: Initiative) -> None:
    rate = factories.kpi(
        "repeat",
        unit=Unit.PERCENT,
        direction=Direction.LOWER,
        customer_method=CustomerMethod.RATIO,
        time_method=TimeMethod.POOL,
    )
    firm, gold = factories.customer("C1"), factories.tier()
    factories.member(firm, gold)
    for month, parts in ((202510, (1, 2)), (202511, (1, 98)), (202601, (1, 50)), (202603, (0, 50))):
        factories.fact(rate, firm, month, *parts)
    Initiative.objects.update(started_on=date(2025, 12, 20))  # in the quarter that 2025-10 begins: before it is 2025-Q3
    factories.fact(rate, firm, 202508, 4, 100)
    factories.benefit(invoices, kpi=rate, tier=gold, value_per_year=2, from_month=202601)
    roll_up_now()
    factories.benefit(invoices, "Later", kpi=rate, tier=gold, value_per_year=9, from_month=202604)
    later, brought = read_benefits(Benefit.objects.order_by("from_month").reverse())
    assert (later.to_date, later.on_course) == (0, None)  # no quarter has ended that reaches into its time
    assert (brought.before, brought.since) == ("Quarter 3, 2025", "Quarter 1, 2026")
    assert (brought.baseline, brought.now, brought.realised) == (4, 1, 3)
    assert brought.on_course is True


def test_what_has_no_cells_before_its_start_brought_nothing_that_is_known(invoices: Initiative) -> None:
    factories.benefit(invoices, kpi=factories.kpi("orders"), value_per_year=24)
    (brought,) = read_benefits(Benefit.objects.all())
    assert brought.realised is None
    assert brought.on_course is None


def test_every_level_is_added_up_with_zeros_and_what_has_no_rate_is_named(invoices: Initiative) -> None:
    ExchangeRate.objects.create(currency="USD", year=2026, rate="0.5")
    unit = factories.business_unit()
    dollars = factories.initiative("dollars", level=Level.BUSINESS_UNIT, business_unit=unit, cost=100, currency="USD")
    factories.benefit(dollars, value_per_year=2400, currency="USD", from_month=202602)
    factories.benefit(invoices, "In yen", currency="JPY", from_month=202602)
    factories.benefit(invoices, "Waiting", state=BenefitState.PROPOSED, from_month=202602)
    factories.initiative("idea", stage=Stage.CANDIDATE, cost=1_000)
    Initiative.objects.filter(pk=invoices.pk).update(cost=70, spent=20)
    report = report_benefits()
    levels = {one.level: one for one in report.levels}
    assert list(levels) == list(Level)
    assert (levels[Level.KEY_ACCOUNT].initiatives, levels[Level.KEY_ACCOUNT].planned) == (0, 0)
    unit_sum = levels[Level.BUSINESS_UNIT]
    assert (unit_sum.planned, unit_sum.to_date, unit_sum.cost, unit_sum.promising) == (1200, 300, 50, 1)
    corporate = levels[Level.CORPORATE]
    assert (corporate.planned, corporate.waiting, corporate.cost, corporate.spent) == (0, 1200, 70, 20)
    assert [one.benefit.name for one in report.without_rate] == ["In yen"]
    assert (report.total.planned, report.total.cost) == (1200, 120)


def test_many_benefits_take_as_many_queries_as_one(
    invoices: Initiative, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    kpi = factories.kpi("orders")
    factories.benefit(invoices, kpi=kpi)
    with django_assert_max_num_queries(8) as one:
        read_benefits(Benefit.objects.all())
    for number in range(10):
        factories.benefit(factories.initiative(), f"Benefit {number}", **({"kpi": kpi} if number % 2 else {}))
    with django_assert_num_queries(len(one.captured_queries)):
        read_benefits(Benefit.objects.all())
