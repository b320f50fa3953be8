"""The demo company's stories, each held on the rolled-up cells of several days and fiscal calendars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from accounts.company import company
from accounts.models import Load
from core.periods import Kind, Period, shift
from customers.choices import LifecycleKind
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from demo import behaviour, people
from demo.timeline import Timeline
from kpis.choices import CustomerMethod, Indicator, Status, TargetState, TimeMethod, Unit
from kpis.models import Fact, Kpi, SliceTouch, Target
from kpis.reading.changes import explain_change
from kpis.reading.matrix import Cell, Matrix, build_matrix
from tests.demo import DAYS, founded_company
from tests.oracle.agreement import differences
from tests.oracle.database import stored_company


@dataclass
class Demo:
    """A founded demo company, as seen on a day."""

    day: date
    timeline: Timeline

    def quarter(self, number: int) -> Period:
        """A quarter by its distance from the newest ended one: 0, -1 …"""
        return self.timeline.calendar.period(Kind.QUARTER, shift(self.timeline.newest_quarter.first, 3 * number))

    def matrix(self, number: int = 0) -> Matrix:
        """The matrix of a quarter."""
        return build_matrix(self.quarter(number), today=self.day)

    def cell(self, kpi: str, tier: str, number: int = 0) -> Cell:
        """One cell of it."""
        row = next(row for row in self.matrix(number).rows if row.kpi.code == kpi)
        return next(cell for cell in row.cells if cell.tier.code == tier)

    def actual(self, kpi: str, tier: str, number: int = 0) -> Fraction:
        """Its actual, which there must be."""
        value = self.cell(kpi, tier, number).actual
        assert value is not None
        return value

    def actuals(self, kpi: str, tier: str, numbers: range) -> list[Fraction]:
        """The actuals of several quarters."""
        return [self.actual(kpi, tier, number) for number in numbers]

    def against_plan(self, kpi: str, tier: str, number: int) -> Fraction:
        """Actual over target: the season falls out."""
        cell = self.cell(kpi, tier, number)
        assert cell.actual is not None
        assert cell.target
        return cell.actual / cell.target


pytestmark = pytest.mark.slow  # a company of years is founded, which takes seconds


@pytest.fixture(scope="module", params=DAYS)
def demo(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Demo]:
    """A demo company that all tests of the module look at."""
    day, fiscal_start = request.param
    with django_db_blocker.unblock(), founded_company(day, fiscal_start=fiscal_start):
        yield Demo(day, Timeline(day, company().calendar))


@pytest.fixture(autouse=True)
def _looks_only(demo: Demo, db: None) -> None:
    """Each test's own changes are taken back; the company stays for the next."""


def test_repeat_contacts_rise_in_gold_and_its_revenue_falls_two_quarters_later(demo: Demo) -> None:
    repeats = demo.actuals("repeat_contacts", "gold", range(-6, 1))
    assert repeats[0] < 14 < repeats[2] < repeats[3] < repeats[4]
    against_plan = [demo.against_plan("revenue", "gold", number) for number in range(-4, 1)]
    assert min(against_plan[:2]) - Fraction("0.02") > against_plan[2] > against_plan[3] > against_plan[4]
    assert demo.cell("repeat_contacts", "gold").status == demo.cell("revenue", "gold").status == Status.MISSED


def test_nothing_like_it_happens_in_the_other_tiers(demo: Demo) -> None:
    for tier in ("platinum", "silver", "bronze"):
        first, last = demo.actual("repeat_contacts", tier, -6), demo.actual("repeat_contacts", tier)
        assert abs(last - first) < 2, tier
        assert demo.against_plan("revenue", tier, 0) > Fraction("0.95"), tier


def test_the_customers_of_gold_that_call_again_are_those_that_buy_less(demo: Demo) -> None:
    repeats = _by_customer("repeat_contacts", [demo.quarter(number) for number in range(-3, 1)])
    before, now = (_by_customer("revenue", [demo.quarter(number)]) for number in (-4, 0))
    gold = set(TierMembership.objects.filter(tier__code="gold").values_list("customer_id", flat=True))
    seen = gold & before.keys() & now.keys() & repeats.keys()
    again = {customer for customer in seen if repeats[customer][0] * 5 > repeats[customer][1]}
    assert len(again) > 50
    callers, others = (_sum(now, group) / _sum(before, group) for group in (again, seen - again))
    assert callers < others - Decimal("0.05")


def _sum(sums: dict[int, tuple[Decimal, Decimal]], customers: set[int]) -> Decimal:
    return sum((sums[customer][0] for customer in customers), Decimal(0))


def _by_customer(kpi: str, periods: list[Period]) -> dict[int, tuple[Decimal, Decimal]]:
    """The sums of numerators and denominators of each customer with a fact."""
    sums: dict[int, tuple[Decimal, Decimal]] = {}
    facts = Fact.objects.of(Kpi.objects.get(code=kpi)).in_months(month for period in periods for month in period.months)
    for fact in facts:
        numerator, denominator = sums.get(fact.customer_id, (Decimal(0), Decimal(0)))
        sums[fact.customer_id] = (numerator + fact.numerator, denominator + (fact.denominator or 0))
    return sums


def test_deep_discounts_keep_silvers_deals_while_its_margin_falls(demo: Demo) -> None:
    discounts = demo.actuals("deep_discount_share", "silver", range(-4, 1))
    margins = demo.actuals("margin_pct", "silver", range(-4, 1))
    assert discounts == sorted(discounts)
    assert discounts[-1] - discounts[0] > 8
    assert margins == sorted(margins, reverse=True)
    assert margins[0] - margins[-1] > 3
    assert demo.cell("deals_won", "silver").status == demo.cell("revenue", "silver").status == Status.MET
    assert demo.cell("margin_pct", "silver").status == demo.cell("margin_ttm", "silver").status == Status.MISSED


def test_customers_that_moved_up_make_two_tiers_look_better_though_nobody_pays_sooner(demo: Demo) -> None:
    dso = Kpi.objects.get(code="dso")
    for tier in ("silver", "bronze"):
        cell = demo.cell("dso", tier)
        assert cell.actual is not None
        assert cell.previous is not None
        assert cell.actual < cell.previous - Fraction("0.3"), tier
        change = explain_change(demo.quarter(0), dso, Tier.objects.get(code=tier), today=demo.day)
        assert change.split, change.not_split
        weight = {
            why: sum(abs(part.effect) for part in change.split.parts if part.why == why) for why in ("moved", None)
        }
        assert weight[None] < weight["moved"], tier
    assert demo.actual("dso", "all") > demo.actual("dso", "all", -1)


def test_each_tier_takes_more_services_and_all_together_take_less(demo: Demo) -> None:
    kpi, everybody = Kpi.objects.get(code="attach_rate"), Tier.objects.get(code="all")
    change = explain_change(demo.quarter(0), kpi, everybody, today=demo.day)
    assert change.split
    reversal = change.split.reversal
    assert reversal
    assert (reversal.tiers_rise, reversal.group) == (True, "bronze")
    assert reversal.share_now > reversal.share_before + Fraction("0.1")


def test_the_largest_customers_pay_later_each_quarter(demo: Demo) -> None:
    days = demo.actuals("dso", "platinum", range(-4, 1))
    assert days == sorted(days)
    assert days[-1] - days[0] > 7
    assert demo.cell("dso", "platinum").status == Status.MISSED


def test_platinum_refers_more_and_more(demo: Demo) -> None:
    before, now = demo.actual("referral_rate", "platinum", -4), demo.actual("referral_rate", "platinum")
    assert now > before + 4
    assert demo.cell("referral_rate", "platinum").status == Status.MET


def test_one_department_is_measured_by_nobody(demo: Demo) -> None:
    measured = {row.kpi.department.code for row in demo.matrix().rows if row.kpi.department}
    assert measured == {code for code, _ in people.DEPARTMENTS} - {people.UNMEASURED_DEPARTMENT}


def test_credit_notes_are_partial_for_the_ledger_closes_late(demo: Demo) -> None:
    for tier in ("platinum", "gold", "silver", "bronze", "all"):
        cell = demo.cell("credit_notes", tier)
        assert (cell.status, cell.months_with_data, cell.months_expected) == (Status.PARTIAL, 2, 3), tier
    assert demo.cell("credit_notes", "gold", -1).status != Status.PARTIAL


def test_a_month_without_measurements_is_told_and_still_compared(demo: Demo) -> None:
    cell = demo.cell("first_answer_hours", "gold", -2)
    assert (cell.months_with_data, cell.months_expected) == (2, 3)
    assert cell.status in {Status.MET, Status.NEAR, Status.MISSED}


def test_bronze_is_not_asked_whether_it_would_recommend(demo: Demo) -> None:
    assert demo.cell("promoters_share", "bronze").status == Status.NO_DATA


def test_an_acquisition_had_no_tiers_until_the_next_review(demo: Demo) -> None:
    untiered = demo.cell("active_customers", "untiered", behaviour.ACQUIRED_QUARTER)
    assert untiered.actual
    assert "untiered" not in {tier.code for tier in demo.matrix().tiers}


def test_the_newest_quarter_reads_like_a_real_company(demo: Demo) -> None:
    verdicts = Counter(cell.status for row in demo.matrix().rows for cell in row.cells)
    assert 40 <= verdicts[Status.MET] <= 75
    assert 20 <= verdicts[Status.NEAR] <= 45
    assert 10 <= verdicts[Status.MISSED] <= 28
    assert 1 <= verdicts[Status.PARTIAL] <= 10
    assert 3 <= verdicts[Status.NO_TARGET] <= 10


def test_its_numbers_have_plausible_sizes(demo: Demo) -> None:
    assert 80_000_000 < demo.actual("revenue_ttm", "all") < 130_000_000
    assert 1_000 < demo.actual("active_customers", "all") < 1_200
    assert 1 < demo.actual("contacts_per_issue", "all") < 4
    for row in demo.matrix().rows:
        for cell in row.cells:
            if row.kpi.unit == Unit.PERCENT and cell.actual is not None:
                assert 0 < cell.actual < 100, row.kpi


def test_every_method_and_both_kinds_of_indicator_are_there(demo: Demo) -> None:
    rows = demo.matrix().rows
    assert len(rows) == 27
    assert {row.kpi.customer_method for row in rows} == {*CustomerMethod, ""}
    assert {row.kpi.time_method for row in rows} == {*TimeMethod, ""}
    assert [row.kpi.code for row in rows if row.kpi.calculated] == ["nps"]
    assert {row.kpi.indicator for row in rows} == set(Indicator)
    assert sum(bool(row.kpi.customer_criterion) for row in rows) >= 5
    assert all(row.kpi.near_band_abs is not None for row in rows if row.kpi.unit == Unit.PERCENT)


def test_thirty_months_of_twelve_hundred_customers_all_from_loads(demo: Demo) -> None:
    months = set(Fact.objects.values_list("month", flat=True).distinct())
    assert months == set(demo.timeline.months)
    assert Customer.objects.count() == 1_200
    assert set(Fact.objects.values_list("load_id", flat=True).distinct()) == set(
        Load.objects.values_list("pk", flat=True)
    )
    assert not SliceTouch.objects.exists()


def test_lifecycles_are_legal_and_customers_come_go_return_and_move(demo: Demo) -> None:
    kinds: dict[int, list[str]] = {}
    for customer, kind in LifecycleEvent.objects.order_by("customer_id", "on").values_list("customer_id", "kind"):
        kinds.setdefault(customer, []).append(kind)
    legal = [LifecycleKind.JOINED, LifecycleKind.LEFT, LifecycleKind.RETURNED]
    assert len(kinds) == 1_200
    assert all(story == [str(kind) for kind in legal[: len(story)]] for story in kinds.values())
    assert {len(story) for story in kinds.values()} == {1, 2, 3}
    assert TierMembership.objects.count() > 1_300


def test_targets_are_proposed_by_the_steward_and_an_owner_and_decided_by_finance(demo: Demo) -> None:
    states = Counter(Target.objects.values_list("state", flat=True))
    assert states[TargetState.APPROVED] > 500
    assert states[TargetState.SUPERSEDED]
    assert states[TargetState.PROPOSED]
    assert states[TargetState.DRAFT]
    decided = Target.objects.filter(decided_by__isnull=False)
    assert {target.decided_by.email for target in decided.select_related("decided_by") if target.decided_by} == {
        people.FINANCE.email
    }
    proposers = {people.STEWARD.email, people.OWNER.email}
    assert set(Target.objects.values_list("created_by__email", flat=True)) == proposers


def test_an_independent_computation_agrees_with_every_cell(demo: Demo) -> None:
    assert differences(demo.matrix(), stored_company(), demo.day) == []
