"""The stories of the demo company's register, each held on several days and fiscal calendars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db.models import F, Sum

from accounts.company import company
from accounts.models import User
from demo import people
from demo.pains import LOUDEST_DEPARTMENT
from demo.timeline import Timeline
from initiatives.access import may_edit, may_name
from initiatives.choices import BenefitState, Level, Quadrant, ReasonKind, ScheduleStatus, Stage, TurnaroundState
from initiatives.models import Benefit, Initiative, InitiativeKpi, PainPoint, RealisedBenefit, Thanks, Turnaround
from initiatives.reading.standings import Standing, read_standings
from kpis.choices import Status
from kpis.reading.matrix import build_matrix
from tests.demo import DAYS, founded_company


@dataclass
class Register:
    """The register of a founded demo company, as seen on a day."""

    day: date
    timeline: Timeline

    def standings(self, day: date | None = None) -> dict[str, Standing]:
        """All initiatives by code, today or on a past day."""
        read = read_standings(Initiative.objects.all(), as_of=day or self.day)
        return {standing.initiative.code: standing for standing in read}

    def running(self) -> list[Standing]:
        """What runs today."""
        return [standing for standing in self.standings().values() if standing.running]


pytestmark = pytest.mark.slow  # a company of years is founded, which takes seconds


@pytest.fixture(scope="module", params=DAYS)
def register(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Register]:
    """A register that all tests of the module look at."""
    day, fiscal_start = request.param
    with django_db_blocker.unblock(), founded_company(day, fiscal_start=fiscal_start):
        yield Register(day, Timeline(day, company().calendar))


@pytest.fixture(autouse=True)
def _looks_only(register: Register, db: None) -> None:
    """Each test's own changes are taken back; the company stays for the next."""


def kinds(standing: Standing) -> set[ReasonKind]:
    """The reasons of a verdict."""
    assert standing.verdict is not None
    return {reason.kind for reason in standing.verdict.reasons}


def test_about_sixty_initiatives_run_wait_and_have_ended(register: Register) -> None:
    stages = Counter(standing.stage for standing in register.standings().values())
    assert 55 <= stages.total() <= 65
    assert set(stages) == set(Stage)
    assert 30 <= stages[Stage.IN_PROGRESS] <= 40


def test_every_schedule_status_is_there_and_most_is_on_schedule(register: Register) -> None:
    statuses = Counter(standing.status for standing in register.running())
    assert set(statuses) == set(ScheduleStatus)
    assert statuses[ScheduleStatus.ON_SCHEDULE] * 2 > statuses.total()
    assert all(count >= 4 for count in statuses.values())


def test_customer_service_has_the_largest_share_of_pain_and_nothing_running(register: Register) -> None:
    quarter = register.timeline.newest_quarter
    points = PainPoint.objects.filter(month__gte=quarter.first, month__lte=quarter.last)
    total = Sum(F("mentions") * F("severity"))
    weights: dict[str, int] = dict(
        points.values_list("department__code").annotate(total_weight=total).order_by("-total_weight")
    )
    assert next(iter(weights)) == LOUDEST_DEPARTMENT
    assert Fraction(1, 3) < Fraction(weights[LOUDEST_DEPARTMENT], sum(weights.values())) < Fraction(1, 2)
    served = {(one.initiative.serves or one.initiative.department).code for one in register.running()}
    assert served == {code for code, _ in people.DEPARTMENTS} - {LOUDEST_DEPARTMENT}


def test_ideas_for_customer_service_wait_are_on_hold_or_were_cancelled(register: Register) -> None:
    rows = [one for one in register.standings().values() if one.initiative.department.code == LOUDEST_DEPARTMENT]
    assert {one.stage for one in rows} == {Stage.CANDIDATE, Stage.ON_HOLD, Stage.CANCELLED}
    waiting = next(one for one in rows if one.initiative.code == "call-back-in-an-hour")
    assert waiting.scores.quadrant == Quadrant.QUICK_WIN


def test_some_pain_of_another_department_is_answered_by_no_theme(register: Register) -> None:
    answered = {one.initiative.theme.lower() for one in register.running()}
    assert not {"no report after the visit"} & answered
    assert PainPoint.objects.filter(department__code="services", theme="no report after the visit").exists()
    assert all(one.initiative.theme for one in register.running() if one.initiative.served_id == _services())


def _services() -> int:
    return Initiative.objects.get(code="early-renewal").department_id


def test_key_accounts_have_nothing_running_and_business_units_few_enough_to_name(register: Register) -> None:
    levels = Counter(standing.initiative.level for standing in register.running())
    assert levels[Level.KEY_ACCOUNT] == 0
    assert 1 <= levels[Level.BUSINESS_UNIT] <= 5
    assert levels[Level.CORPORATE] > 20
    accounts = {one.stage for one in register.standings().values() if one.initiative.level == Level.KEY_ACCOUNT}
    assert accounts == set(Stage) - {Stage.IN_PROGRESS}


def test_a_redated_one_is_late_though_its_owner_says_on_schedule(register: Register) -> None:
    redated = register.standings()["sell-value"]
    assert redated.latest is not None
    assert redated.latest.health == ScheduleStatus.ON_SCHEDULE
    assert redated.plan.due is not None
    assert redated.plan.due > register.day
    assert redated.status == ScheduleStatus.LATE
    assert kinds(redated) == {ReasonKind.SLIP}
    assert redated.plan.redated == 2


def test_the_redated_one_was_no_later_than_its_plan_before_it_was_moved(register: Register) -> None:
    before = register.standings(register.day - timedelta(days=240))["sell-value"]
    assert (before.plan.slip, before.plan.redated) == (0, 0)
    assert before.status == ScheduleStatus.ON_SCHEDULE


def test_a_silent_one_whose_last_word_was_good_is_not_reported(register: Register) -> None:
    silent = register.standings()["early-renewal"]
    assert silent.latest is not None
    assert silent.latest.health == ScheduleStatus.ON_SCHEDULE
    assert silent.status == ScheduleStatus.NOT_REPORTED
    assert register.standings(register.day - timedelta(days=40))["early-renewal"].status == ScheduleStatus.ON_SCHEDULE


def test_a_pilot_is_twelve_days_overdue_though_its_owner_says_on_schedule(register: Register) -> None:
    verdict = register.standings()["contract-portal"].verdict
    assert verdict is not None
    assert verdict.status == ScheduleStatus.LATE
    assert [(reason.milestone, reason.days) for reason in verdict.reasons] == [("Pilot", 12)]


def test_what_is_approved_should_have_begun_in_two_cases(register: Register) -> None:
    late = {code for code, standing in register.standings().items() if standing.not_started}
    assert late == {"engineer-in-house", "process-training"}


def test_every_quadrant_has_something_running_and_some_is_not_scored(register: Register) -> None:
    quadrants = {standing.scores.quadrant for standing in register.running()}
    assert quadrants == {None, *Quadrant}


def test_what_runs_began_as_the_rules_want_it(register: Register) -> None:
    for standing in register.running():
        row = standing.initiative
        if standing.scores.quadrant == Quadrant.MAJOR_BET:
            assert row.justification, row.code
            assert row.approved_as == Quadrant.MAJOR_BET, row.code
        if standing.scores.quadrant == Quadrant.RECONSIDER:
            assert row.override_reason, row.code


def test_two_currencies_of_which_one_has_no_rate(register: Register) -> None:
    running = register.running()
    assert {one.initiative.currency for one in running} == {"", "USD", "JPY"}
    assert {one.initiative.code for one in running if one.without_rate} == {"manuals-in-japanese"}
    american = register.standings()["spares-in-america"]
    assert american.cost is not None
    assert american.cost < 180_000


def test_missed_cells_have_initiatives_that_serve_them_one_late_or_none(register: Register) -> None:
    missed = {
        (row.kpi.code, cell.tier.code)
        for row in build_matrix(register.timeline.newest_quarter, today=register.day).rows
        for cell in row.cells
        if cell.status == Status.MISSED
    }
    statuses = {one.initiative.pk: one.status for one in register.running()}
    links = InitiativeKpi.objects.filter(initiative__in=statuses, tier__isnull=False).select_related("kpi", "tier")
    serving: dict[tuple[str, str], set[ScheduleStatus | None]] = {}
    for link in links:
        assert link.tier is not None
        serving.setdefault((link.kpi.code, link.tier.code), set()).add(statuses[link.initiative_id])
    assert ScheduleStatus.ON_SCHEDULE in serving["dso", "platinum"]
    assert serving["margin_pct", "silver"] == {ScheduleStatus.LATE}
    assert {("dso", "platinum"), ("margin_pct", "silver"), ("repeat_contacts", "gold")} <= missed
    assert not links.filter(kpi__code="repeat_contacts").exists()


def test_the_owner_who_signs_in_has_some_of_each(register: Register) -> None:
    oskar = User.objects.get(email=people.OWNER.email)
    own = [one for one in register.standings().values() if one.initiative.owner_id == oskar.pk]
    assert {one.status for one in own if one.running} >= {
        ScheduleStatus.LATE,
        ScheduleStatus.NOT_REPORTED,
        ScheduleStatus.ON_SCHEDULE,
    }
    assert may_edit(oskar, Initiative.objects.get(code="ninety-days"))  # in its team
    assert not may_edit(oskar, Initiative.objects.get(code="sell-value"))


def test_the_owner_reads_the_name_of_the_own_key_accounts_alone(register: Register) -> None:
    oskar = User.objects.get(email=people.OWNER.email)
    named = {row.code for row in Initiative.objects.filter(level=Level.KEY_ACCOUNT) if may_name(oskar, row.customer)}
    assert named == {"joint-plan", "engineer-in-house", "uptime-promise"}


def test_benefits_wait_for_finance_were_approved_rejected_and_superseded(register: Register) -> None:
    states = set(Benefit.objects.values_list("state", flat=True))
    assert states == set(BenefitState) - {BenefitState.WITHDRAWN}
    assert not Benefit.objects.filter(created_by=F("decided_by")).exists()
    assert RealisedBenefit.objects.filter(initiative__stage=Stage.DONE).count() == 6


def test_turnarounds_are_nominated_and_confirmed_and_people_thank_each_other(register: Register) -> None:
    assert set(Turnaround.objects.values_list("state", flat=True)) == {
        TurnaroundState.NOMINATED,
        TurnaroundState.CONFIRMED,
    }
    assert Thanks.objects.count() >= 5
    assert not Thanks.objects.filter(by=F("initiative__owner")).exists()


def test_nothing_happens_before_it_began_or_after_today(register: Register) -> None:
    for standing in register.standings().values():
        row = standing.initiative
        days = [update.on for update in row.updates.all()] + [step.done_on for step in row.milestones.all()]
        known = [day for day in days if day]
        assert all(row.baseline_start and row.baseline_start <= day <= register.day for day in known), row.code
    assert not PainPoint.objects.filter(month__gte=register.day.year * 100 + register.day.month).exists()
