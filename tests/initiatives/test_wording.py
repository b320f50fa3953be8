"""Verdicts and their reasons in words."""

from __future__ import annotations

from datetime import date

import pytest

from initiatives import wording
from initiatives.choices import Health, ReasonKind, ScheduleStatus
from initiatives.formulas import MilestoneState, Plan, Reason, UpdateState, schedule_status

TODAY = date(2026, 5, 20)
YEAR = Plan(date(2026, 1, 1), date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 31), None)


def update(health: Health, on: date = TODAY) -> UpdateState:
    return UpdateState(1, on, health, 40)


def test_a_late_one_names_its_milestone_and_how_often_it_was_redated() -> None:
    plan = Plan(date(2026, 1, 1), date(2026, 12, 1), date(2026, 1, 1), date(2027, 2, 13), None, redated=2)
    pilot = MilestoneState(1, "pilot", date(2026, 5, 8))
    verdict = schedule_status(plan, [pilot], update(Health.ON_SCHEDULE), TODAY)
    assert wording.verdict_words(verdict, plan) == (
        "late: milestone “pilot” is 12 days overdue; re-dated twice, 74 days of slip"
    )


def test_what_is_on_schedule_says_so_and_hides_no_redating() -> None:
    verdict = schedule_status(YEAR, [], update(Health.ON_SCHEDULE), TODAY)
    assert wording.verdict_words(verdict, YEAR) == "on schedule: nothing is overdue"
    moved = Plan(YEAR.baseline_start, YEAR.baseline_due, YEAR.started_on, date(2027, 1, 10), None, redated=1)
    verdict = schedule_status(moved, [], update(Health.ON_SCHEDULE), TODAY)
    assert wording.verdict_words(verdict, moved) == ("on schedule: nothing is overdue; re-dated once, 10 days of slip")


def test_silence_and_the_owners_word_are_reasons() -> None:
    silent = schedule_status(YEAR, [], update(Health.ON_SCHEDULE, date(2026, 4, 1)), TODAY)
    assert wording.verdict_words(silent, YEAR) == "not reported: no word for 49 days"
    said = schedule_status(YEAR, [], update(Health.AT_RISK), TODAY)
    assert wording.verdict_words(said, YEAR) == "at risk: the owner says at risk"


@pytest.mark.parametrize("kind", ReasonKind)
def test_every_reason_has_words(kind: ReasonKind) -> None:
    words = wording.reason_words(Reason(ScheduleStatus.LATE, kind, 1, "pilot", 3))
    assert words
    assert "1 days" not in words


@pytest.mark.parametrize(
    ("slip", "redated", "words"),
    [
        (0, 0, "no slip"),
        (1, 0, "1 day of slip"),
        (-9, 1, "re-dated once, 9 days ahead of its baseline"),
        (0, 2, "re-dated twice, no slip"),
    ],
)
def test_slip_is_said_with_its_direction(slip: int, redated: int, words: str) -> None:
    assert wording.slip_words(slip, redated) == words


def test_a_finished_one_is_held_against_its_baseline() -> None:
    dates = (YEAR.baseline_start, date(2026, 4, 1), YEAR.started_on, date(2026, 5, 1))
    assert wording.finished_words(Plan(*dates, date(2026, 4, 13))) == "done on 13 April 2026, 12 days late"
    assert wording.finished_words(Plan(*dates, date(2026, 4, 1))) == "done on 1 April 2026, on time"
    assert wording.finished_words(Plan(None, None, None, None, None)) == "done"


def test_what_should_have_begun_says_when() -> None:
    plan = Plan(date(2026, 5, 1), date(2026, 6, 1), None, date(2026, 6, 1), None)
    assert wording.not_started_words(plan, TODAY) == "not started: should have begun 19 days ago, on 1 May 2026"
