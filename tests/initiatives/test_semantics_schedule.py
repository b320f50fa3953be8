"""Schedule status: each condition on its edge, first that applies, and every reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initiatives.choices import Health, ReasonKind, ScheduleStatus, Stage
from initiatives.formulas import (
    MilestoneState,
    Plan,
    UpdateState,
    Verdict,
    is_not_started,
    schedule_status,
    slip_is_late,
)
from tests.oracle.schedule import Project, Step

DAY = date(2026, 6, 15)
LATE, AT_RISK, SILENT, GREEN = (
    ScheduleStatus.LATE,
    ScheduleStatus.AT_RISK,
    ScheduleStatus.NOT_REPORTED,
    ScheduleStatus.ON_SCHEDULE,
)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def plan(*, slip: int = 0, length: int = 1_000, started: int = 0) -> Plan:
    """Started that many days ago, due in a year, ``slip`` days after a baseline of that length."""
    due = DAY + days(365)
    baseline_due = due - days(slip)
    return Plan(baseline_due - days(length), baseline_due, DAY - days(started), due, None)


def said(health: Health, ago: int = 0) -> UpdateState:
    return UpdateState(1, DAY - days(ago), health, 50)


def step(overdue: int, done: date | None = None) -> MilestoneState:
    """A milestone that was due that many days ago."""
    return MilestoneState(1, "Pilot", DAY - days(overdue), done)


def status(dates: Plan, *steps: MilestoneState, word: UpdateState | None = None, silence: int = 30) -> ScheduleStatus:
    return schedule_status(dates, steps, word, DAY, silence).status


def reasons(verdict: Verdict) -> list[tuple[ReasonKind, int]]:
    return [(reason.kind, reason.days) for reason in verdict.reasons]


@pytest.mark.parametrize(("overdue", "expected"), [(1, LATE), (0, GREEN), (-1, GREEN)])
def test_late_is_past_the_due_date_and_not_on_it(overdue: int, expected: ScheduleStatus) -> None:
    due = DAY - days(overdue)
    assert status(Plan(due - days(100), due, DAY, due, None)) == expected


@pytest.mark.parametrize(
    ("overdue", "expected"), [(-1, GREEN), (0, GREEN), (1, AT_RISK), (6, AT_RISK), (7, AT_RISK), (8, LATE)]
)
def test_an_overdue_milestone_is_a_risk_for_seven_days_and_then_late(overdue: int, expected: ScheduleStatus) -> None:
    assert status(plan(), step(overdue)) == expected


def test_a_milestone_that_was_done_is_not_overdue_however_late() -> None:
    assert status(plan(), step(100, done=DAY)) == GREEN


@pytest.mark.parametrize(("slip", "expected"), [(-40, GREEN), (30, GREEN), (31, AT_RISK), (180, AT_RISK), (181, LATE)])
def test_slip_beyond_30_is_a_risk_and_beyond_180_late(slip: int, expected: ScheduleStatus) -> None:
    assert status(plan(slip=slip, length=10_000)) == expected


@pytest.mark.parametrize(
    ("slip", "length", "late"),
    [
        (91, 363, True),  # 25 % is 90.75
        (91, 364, False),  # exactly 25 %
        (91, 365, False),
        (90, 10, False),  # however short
        (180, 719, True),
        (180, 720, False),
        (181, 10_000, True),
        (91, 0, True),
    ],
)
def test_slip_beyond_90_is_late_where_it_is_more_than_a_quarter_of_the_baseline(
    slip: int, length: int, late: bool
) -> None:
    assert slip_is_late(slip, length) is late


def test_re_dating_never_makes_it_green() -> None:
    before = Plan(DAY - days(200), DAY - days(100), DAY, DAY - days(100), None)
    redated = Plan(DAY - days(200), DAY - days(100), DAY, DAY + days(100), None, redated=1)
    assert (status(before), status(redated)) == (LATE, LATE)


@pytest.mark.parametrize(
    ("health", "expected"), [(Health.LATE, LATE), (Health.AT_RISK, AT_RISK), (Health.ON_SCHEDULE, GREEN)]
)
def test_the_owner_can_say_it_is_worse(health: Health, expected: ScheduleStatus) -> None:
    assert status(plan(), word=said(health)) == expected


def test_the_owner_cannot_say_it_is_better() -> None:
    green = said(Health.ON_SCHEDULE)
    assert status(plan(slip=181), word=green) == LATE
    assert status(plan(slip=31), word=green) == AT_RISK
    assert status(plan(), step(8), word=said(Health.AT_RISK)) == LATE


@pytest.mark.parametrize(("quiet", "expected"), [(29, GREEN), (30, GREEN), (31, SILENT)])
def test_silence_counts_from_the_start_where_nobody_spoke(quiet: int, expected: ScheduleStatus) -> None:
    assert status(plan(started=quiet)) == expected


@pytest.mark.parametrize(("quiet", "expected"), [(30, GREEN), (31, SILENT)])
def test_silence_counts_from_the_last_word(quiet: int, expected: ScheduleStatus) -> None:
    assert status(plan(started=500), word=said(Health.ON_SCHEDULE, quiet)) == expected


def test_a_word_from_before_the_start_does_not_shorten_the_first_silence() -> None:
    assert status(plan(started=30), word=said(Health.ON_SCHEDULE, 90)) == GREEN


def test_without_an_actual_start_the_baselines_counts() -> None:
    silent = Plan(DAY - days(31), DAY + days(60), None, DAY + days(60), None)
    assert status(silent) == SILENT
    assert status(Plan(DAY - days(31), DAY + days(60), DAY - days(30), DAY + days(60), None)) == GREEN


def test_how_long_silence_may_last_is_a_setting() -> None:
    assert status(plan(started=11), silence=10) == SILENT
    assert status(plan(started=40), silence=60) == GREEN


def test_silence_is_never_green_and_hides_nothing_worse() -> None:
    old = said(Health.AT_RISK, 90)
    assert status(plan(started=400), word=old) == AT_RISK
    assert status(plan(started=400, slip=181)) == LATE


def test_every_reason_is_given_the_gravest_first() -> None:
    dates = Plan(DAY - days(400), DAY - days(130), DAY - days(400), DAY - days(30), None, redated=2)
    verdict = schedule_status(dates, [step(3), step(9)], said(Health.AT_RISK, 45), DAY)
    assert verdict.status == LATE
    assert reasons(verdict) == [
        (ReasonKind.PAST_DUE, 30),
        (ReasonKind.SLIP, 100),
        (ReasonKind.MILESTONE, 9),
        (ReasonKind.MILESTONE, 3),
        (ReasonKind.OWNER, 0),
        (ReasonKind.SILENT, 45),
    ]
    assert [reason.redated for reason in verdict.reasons if reason.kind == ReasonKind.SLIP] == [2]


def test_what_is_on_schedule_says_that_nothing_is_overdue() -> None:
    assert reasons(schedule_status(plan(), [], None, DAY)) == [(ReasonKind.NOTHING, 0)]


@pytest.mark.parametrize(("ago", "expected"), [(0, False), (7, False), (8, True)])
def test_not_started_is_approved_and_more_than_seven_days_past_the_baseline_start(ago: int, expected: bool) -> None:
    dates = Plan(DAY - days(ago), DAY + days(90), None, DAY + days(90), None)
    assert is_not_started(Stage.APPROVED, dates, DAY) is expected


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.APPROVED])
def test_only_what_is_approved_can_be_not_started(stage: Stage) -> None:
    assert not is_not_started(stage, Plan(DAY - days(90), DAY, None, DAY, None), DAY)


near = st.integers(-250, 250).map(lambda number: DAY + days(number))


@given(
    start=near,
    length=st.integers(0, 800),
    slip=st.integers(-200, 200),
    steps=st.lists(st.tuples(near, st.none() | near), max_size=3),
    words=st.dictionaries(near, st.sampled_from(Health), max_size=3),
)
def test_a_second_opinion_agrees(
    start: date, length: int, slip: int, steps: list[tuple[date, date | None]], words: dict[date, Health]
) -> None:
    due = start + days(length + slip)
    project = Project(
        start,
        start + days(length),
        due,
        tuple(Step(*found) for found in steps),
        tuple((on, health.value) for on, health in words.items()),
    )
    heard = max((on for on in words if on <= DAY), default=None)
    latest = UpdateState(1, heard, words[heard], 50) if heard else None
    states = [MilestoneState(1, "Step", at, done if done and done <= DAY else None) for at, done in steps]
    found = schedule_status(Plan(start, start + days(length), None, due, None), states, latest, DAY)
    if start <= DAY:
        assert found.status == project.status(DAY)
