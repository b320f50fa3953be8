"""How things stood on a past day: from what was known on that day, loaded rows from their own dates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import Company, User
from core.stale import revision_of
from initiatives.choices import Level, ReasonKind, ScheduleStatus, Stage
from initiatives.models import Initiative, Milestone, Policy
from initiatives.reading.standings import Standing, read_standings
from initiatives.services.milestones import drop_milestone, redate_milestone, tick_milestone, untick_milestone
from initiatives.services.register import create_initiative, edit_initiative
from initiatives.services.stages import approve_initiative, move_stage
from initiatives.services.status_updates import give_update
from tests import factories
from tests.kept import kept

LATE, AT_RISK, SILENT, GREEN = (
    ScheduleStatus.LATE,
    ScheduleStatus.AT_RISK,
    ScheduleStatus.NOT_REPORTED,
    ScheduleStatus.ON_SCHEDULE,
)


@contextmanager
def on(day: str) -> Iterator[None]:
    """Noon of that day, in the company's time zone."""
    with time_machine.travel(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC), tick=False):
        yield


def stood(initiative: Initiative, day: str | None = None) -> Standing | None:
    """How it stood on the day; None where nobody knew of it."""
    rows = Initiative.objects.filter(pk=initiative.pk)
    found = read_standings(rows, as_of=date.fromisoformat(day) if day else None)
    return found[0] if found else None


def told(initiative: Initiative, day: str | None = None) -> tuple[str, str | None]:
    """Its stage and schedule status on a day."""
    found = stood(initiative, day)
    assert found is not None
    return found.stage, found.status


@kept
def loaded(company: Company) -> Initiative:
    """One from a file: runs since the start of February 2026, due at the end of June, silence never ends it."""
    Policy.objects.update(silence_corporate=9_999)
    with on("2026-05-01"):
        return factories.initiative(baseline_start=date(2026, 2, 1), baseline_due=date(2026, 6, 30))


def current(initiative: Initiative) -> Initiative:
    return Initiative.objects.get(pk=initiative.pk)


# Loaded rows count from their own dates


def test_a_loaded_one_runs_from_its_baseline_start_where_it_has_no_other(loaded: Initiative) -> None:
    assert told(loaded, "2026-01-31") == (Stage.APPROVED, None)
    assert told(loaded, "2026-02-01") == (Stage.IN_PROGRESS, GREEN)


def test_a_loaded_one_runs_from_its_actual_start_where_it_has_one(loaded: Initiative) -> None:
    Initiative.objects.update(started_on=date(2026, 2, 20))
    assert told(loaded, "2026-02-19") == (Stage.APPROVED, None)
    assert told(loaded, "2026-02-20") == (Stage.IN_PROGRESS, GREEN)


def test_before_a_late_start_it_counts_as_not_started(loaded: Initiative) -> None:
    Initiative.objects.update(started_on=date(2026, 2, 20))
    found = {day: stood(loaded, day) for day in ("2026-02-08", "2026-02-09", "2026-02-20")}
    assert [one.not_started for one in found.values() if one] == [False, True, False]


def test_a_loaded_one_is_done_from_its_finish(loaded: Initiative) -> None:
    Initiative.objects.update(stage=Stage.DONE, finished_on=date(2026, 4, 1))
    assert told(loaded, "2026-03-31") == (Stage.IN_PROGRESS, GREEN)
    assert told(loaded, "2026-04-01") == (Stage.DONE, None)
    assert told(loaded, "2026-01-31") == (Stage.APPROVED, None)


def test_a_loaded_one_without_a_finish_was_always_done(loaded: Initiative) -> None:
    Initiative.objects.update(stage=Stage.DONE)
    assert told(loaded, "2026-01-01") == (Stage.DONE, None)


@pytest.mark.parametrize("stage", [Stage.CANDIDATE, Stage.APPROVED, Stage.ON_HOLD, Stage.CANCELLED])
def test_other_loaded_stages_always_were(loaded: Initiative, stage: Stage) -> None:
    Initiative.objects.update(stage=stage)
    assert told(loaded, "2020-01-01") == (stage, None)


def test_a_loaded_due_date_always_was(loaded: Initiative) -> None:
    Initiative.objects.update(due=date(2026, 8, 30))  # 61 days of slip
    assert told(loaded, "2026-02-01") == (Stage.IN_PROGRESS, AT_RISK)


def test_loaded_milestones_and_updates_count_from_their_own_days(loaded: Initiative) -> None:
    factories.milestone(loaded, due=date(2026, 3, 1), done_on=date(2026, 3, 5))
    factories.status_update(loaded, "late", on=date(2026, 4, 1))
    factories.status_update(loaded, "on_schedule", on=date(2026, 4, 10))
    days = (
        "2026-03-01",
        "2026-03-02",
        "2026-03-04",
        "2026-03-05",
        "2026-03-31",
        "2026-04-01",
        "2026-04-09",
        "2026-04-10",
    )
    assert [told(loaded, day)[1] for day in days] == [GREEN, AT_RISK, AT_RISK, GREEN, GREEN, LATE, LATE, GREEN]


# What was changed later is rolled back


def test_a_new_due_date_counts_from_the_day_it_was_given(loaded: Initiative, stella: User) -> None:
    with on("2026-07-10"):
        values = {"due": date(2026, 8, 15)}
        edit_initiative(initiative=loaded, by=stella, values=values, seen=revision_of(loaded), reason="Supplier")
        assert told(loaded) == (Stage.IN_PROGRESS, AT_RISK)
        assert told(loaded, "2026-07-09") == (Stage.IN_PROGRESS, LATE)
        assert told(loaded, "2026-06-30") == (Stage.IN_PROGRESS, GREEN)


def test_of_several_changes_the_one_in_force_counts(loaded: Initiative, stella: User) -> None:
    for day, due in (("2026-03-01", date(2026, 7, 31)), ("2026-04-01", date(2026, 8, 31))):
        with on(day):
            row = current(loaded)
            edit_initiative(initiative=row, by=stella, values={"due": due}, seen=revision_of(row), reason="Supplier")
    found = [stood(loaded, day) for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")]
    assert [(one.plan.slip, one.plan.redated) for one in found if one] == [(0, 0), (31, 1), (31, 1), (62, 2)]


def test_a_stage_counts_from_the_day_it_was_reached(loaded: Initiative, stella: User) -> None:
    with on("2026-04-01"):
        move_stage(initiative=loaded, to=Stage.ON_HOLD, by=stella, seen=Stage.IN_PROGRESS, reason="No people")
    with on("2026-05-01"):
        move_stage(initiative=loaded, to=Stage.IN_PROGRESS, by=stella, seen=Stage.ON_HOLD)
    days = ("2026-01-31", "2026-02-01", "2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01")
    expected = [Stage.APPROVED, Stage.IN_PROGRESS, Stage.IN_PROGRESS, Stage.ON_HOLD, Stage.ON_HOLD, Stage.IN_PROGRESS]
    assert [told(loaded, day)[0] for day in days] == expected


def test_two_changes_in_a_day_leave_the_end_of_the_day(loaded: Initiative, stella: User) -> None:
    with on("2026-04-01"):
        move_stage(initiative=loaded, to=Stage.ON_HOLD, by=stella, seen=Stage.IN_PROGRESS, reason="No people")
        move_stage(initiative=loaded, to=Stage.CANCELLED, by=stella, seen=Stage.ON_HOLD, reason="No money")
    assert [told(loaded, day)[0] for day in ("2026-03-31", "2026-04-01")] == [Stage.IN_PROGRESS, Stage.CANCELLED]


def test_a_finish_that_is_reported_later_was_not_known_before(loaded: Initiative, stella: User) -> None:
    with on("2026-06-20"):
        finished: dict[str, Any] = {"to": Stage.DONE, "seen": Stage.IN_PROGRESS, "on": date(2026, 6, 10)}
        move_stage(initiative=loaded, by=stella, **finished)
    assert [told(loaded, day)[0] for day in ("2026-06-19", "2026-06-20")] == [Stage.IN_PROGRESS, Stage.DONE]


def test_what_was_reopened_was_done_before(loaded: Initiative, stella: User) -> None:
    Initiative.objects.update(stage=Stage.DONE, finished_on=date(2026, 4, 1))
    with on("2026-05-10"):
        move_stage(initiative=loaded, to=Stage.IN_PROGRESS, by=stella, seen=Stage.DONE, reason="It broke")
    days = ("2026-03-31", "2026-04-01", "2026-05-09", "2026-05-10")
    assert [told(loaded, day)[0] for day in days] == [Stage.IN_PROGRESS, Stage.DONE, Stage.DONE, Stage.IN_PROGRESS]


def test_what_was_planned_as_a_candidate_is_no_re_dating(company: Company, stella: User, ines: User) -> None:
    with on("2026-03-01"):
        made = create_initiative(by=stella, values=values(due=date(2026, 6, 1)))
        made = edit_initiative(initiative=made, by=stella, values={"due": date(2026, 7, 1)}, seen=revision_of(made))
        made = approve_initiative(initiative=made, by=ines, seen=Stage.CANDIDATE)
        made = edit_initiative(
            initiative=made, by=stella, values={"due": date(2026, 8, 1)}, seen=revision_of(made), reason="Supplier"
        )
        found = stood(made)
    assert found is not None
    assert found.plan.redated == 1


# Rows that people entered


def values(**fields: Any) -> dict[str, Any]:
    plain = {"title": "Portal", "level": Level.CORPORATE, "department": factories.department()}
    return plain | {"baseline_start": date(2026, 1, 1), "baseline_due": date(2026, 12, 31)} | fields


def test_an_entered_one_is_known_from_its_day(company: Company, stella: User) -> None:
    with on("2026-03-01"):
        made = create_initiative(by=stella, values=values())
        assert stood(made, "2026-02-28") is None
        assert told(made, "2026-03-01") == (Stage.CANDIDATE, None)


def test_an_entered_one_runs_from_the_day_it_was_started(company: Company, stella: User, ines: User) -> None:
    with on("2026-03-01"):
        made = create_initiative(by=stella, values=values())
    with on("2026-03-05"):
        approve_initiative(initiative=made, by=ines, seen=Stage.CANDIDATE)
    with on("2026-03-10"):
        started: dict[str, Any] = {"to": Stage.IN_PROGRESS, "seen": Stage.APPROVED, "on": date(2026, 3, 7)}
        move_stage(initiative=made, by=stella, **started)
    days = ("2026-03-04", "2026-03-05", "2026-03-09", "2026-03-10")
    assert [told(made, day)[0] for day in days] == [
        Stage.CANDIDATE,
        Stage.APPROVED,
        Stage.APPROVED,
        Stage.IN_PROGRESS,
    ]


def test_an_entered_update_is_known_from_its_day(loaded: Initiative, stella: User) -> None:
    with on("2026-04-01"):
        give_update(initiative=loaded, by=stella, health="at_risk", progress=5, note="", seen="")
    assert [told(loaded, day)[1] for day in ("2026-03-31", "2026-04-01", "2026-04-30")] == [GREEN, AT_RISK, AT_RISK]


# Milestones


@kept
def pilot(loaded: Initiative) -> Milestone:
    """Due on the first of April."""
    return factories.milestone(loaded, due=date(2026, 4, 1))


def test_a_milestone_that_is_ticked_later_was_overdue_before(pilot: Milestone, stella: User) -> None:
    with on("2026-04-12"):
        tick_milestone(milestone=pilot, by=stella, on=date(2026, 4, 2))
    days = ("2026-04-01", "2026-04-02", "2026-04-08", "2026-04-09", "2026-04-11", "2026-04-12")
    found = [told(pilot.initiative, day)[1] for day in days]
    assert found == [GREEN, AT_RISK, AT_RISK, LATE, LATE, GREEN]


def test_a_milestone_that_is_unticked_later_was_done_before(pilot: Milestone, stella: User) -> None:
    with on("2026-04-02"):
        tick_milestone(milestone=pilot, by=stella)
    with on("2026-04-20"):
        untick_milestone(milestone=pilot, by=stella)
    assert [told(pilot.initiative, day)[1] for day in ("2026-04-19", "2026-04-20")] == [GREEN, LATE]


def test_a_milestone_that_is_re_dated_later_was_overdue_before(pilot: Milestone, stella: User) -> None:
    with on("2026-04-20"):
        redate_milestone(milestone=pilot, by=stella, due=date(2026, 5, 1), reason="Holidays")
    assert [told(pilot.initiative, day)[1] for day in ("2026-04-19", "2026-04-20")] == [LATE, GREEN]


def test_a_milestone_that_is_dropped_counts_up_to_the_day_before(pilot: Milestone, stella: User) -> None:
    with on("2026-04-20"):
        drop_milestone(milestone=pilot, by=stella, reason="Not needed")
    assert [told(pilot.initiative, day)[1] for day in ("2026-04-19", "2026-04-20")] == [LATE, GREEN]


def test_how_often_a_milestone_was_moved_is_part_of_the_reason(pilot: Milestone, stella: User) -> None:
    for day, due in (("2026-04-01", date(2026, 4, 10)), ("2026-04-10", date(2026, 4, 20))):
        with on(day):
            redate_milestone(milestone=pilot, by=stella, due=due, reason="Holidays")
    found = stood(pilot.initiative, "2026-05-02")
    assert found is not None
    assert found.verdict is not None
    assert [(reason.kind, reason.days, reason.redated) for reason in found.verdict.reasons] == [
        (ReasonKind.MILESTONE, 12, 2)
    ]


# Whole readings


def test_silence_is_that_of_the_level(company: Company) -> None:
    Policy.objects.update(silence_corporate=10, silence_business_unit=60)
    start: dict[str, Any] = {"baseline_start": date(2026, 1, 1), "baseline_due": date(2026, 12, 31)}
    corporate = factories.initiative(**start)
    unit = factories.initiative(level=Level.BUSINESS_UNIT, business_unit=factories.business_unit(), **start)
    assert told(corporate, "2026-01-12") == (Stage.IN_PROGRESS, SILENT)
    assert told(unit, "2026-03-02") == (Stage.IN_PROGRESS, GREEN)
    assert told(unit, "2026-03-03") == (Stage.IN_PROGRESS, SILENT)


def test_a_day_ends_in_the_companys_time_zone(loaded: Initiative) -> None:
    Company.objects.update(time_zone="Pacific/Auckland")
    with time_machine.travel(datetime(2026, 6, 30, 13, tzinfo=UTC), tick=False):  # the first of July there
        assert told(loaded) == (Stage.IN_PROGRESS, LATE)


@pytest.mark.parametrize("number", [3, 40])
@pytest.mark.parametrize("day", [None, date(2026, 3, 1)])
def test_a_reading_takes_the_same_number_of_queries_however_many(
    company: Company, stella: User, number: int, day: date | None, django_assert_num_queries: Any
) -> None:
    tier = factories.tier()
    for _ in range(number):
        made = factories.initiative(tiers=(tier,), owner=stella, baseline_start=date(2026, 2, 1))
        factories.milestone(made, due=date(2026, 3, 1))
        factories.status_update(made, on=date(2026, 2, 20), author=stella)
    with django_assert_num_queries(10 if day is None else 11):
        found = read_standings(Initiative.objects.all(), as_of=day)
        assert [one.tier_ids for one in found] == [{tier.pk}] * number
