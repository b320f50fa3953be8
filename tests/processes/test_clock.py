"""Clocks that jump by hours or days, and machines that do not agree on the time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from celery.beat import ScheduleEntry
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.company import company as the_company
from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from accounts.services.tokens import create_token
from config.celery import app
from config.schedule import SteadyScheduler
from core.periods import Period
from kpis.choices import RunState, Trigger
from kpis.models import RollupRun, SliceTouch
from kpis.rollup.runs import fail, finish, start_run, wake
from kpis.rollup.staging import stage
from tests import factories
from tests.processes.company import founded

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
JUMPS = [timedelta(hours=5), timedelta(days=40), timedelta(hours=-5), timedelta(days=-40)]
NOTHING = {"SliceTouch": 0, "TierTouch": 0, "StagedCell": 0}


@pytest.fixture
def run(company: Any, time_machine: TimeMachineFixture) -> RollupRun:
    """A rollup of two months that began at noon."""
    time_machine.move_to(NOON)
    revenue, customer = factories.kpi("revenue"), factories.customer(tier=factories.tier())
    for month in (202512, 202601):
        factories.fact(revenue, customer, month, 10)
    begun = start_run(trigger=Trigger.LOAD)
    assert begun is not None
    return begun


def compute_one(run: RollupRun) -> None:
    part = run.parts.filter(staged_at=None)[0]
    stage(part, Period.parse(part.period, the_company().calendar))


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_a_run_that_lives_is_not_failed_and_ends_right(
    run: RollupRun, jump: timedelta, time_machine: TimeMachineFixture
) -> None:
    compute_one(run)
    time_machine.move_to(NOON + jump)
    with patch("kpis.tasks.stage_part.delay"):
        wake(trigger=Trigger.SCHEDULE)
    compute_one(run)
    finish(run)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert not SliceTouch.objects.exists()


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_what_a_lost_worker_left_is_sent_again_within_two_wakes(
    run: RollupRun, jump: timedelta, time_machine: TimeMachineFixture
) -> None:
    compute_one(run)
    time_machine.move_to(NOON + jump)
    with patch("kpis.tasks.stage_part.delay") as send:
        for minutes in (0, 2):
            time_machine.move_to(NOON + jump + timedelta(minutes=minutes))
            wake(trigger=Trigger.SCHEDULE)
    assert send.call_args.args == (run.parts.get(staged_at=None).pk,)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_scheduler_waits_no_longer_after_a_failure(
    run: RollupRun, jump: timedelta, time_machine: TimeMachineFixture
) -> None:
    fail(run, "disk full")
    time_machine.move_to(NOON + jump)
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
    assert send.call_count == 2


def test_a_token_ends_by_the_company_s_day_and_no_later(ines: User, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON)
    text = create_token(user=ines, name="x", scopes=[Right.READ], expires_on=today(), by=ines)[1]
    statuses = []
    for jump in (timedelta(), timedelta(days=1), timedelta()):
        time_machine.move_to(NOON + jump)
        answer = Client().get("/api/v1/matrix/?period=2026-Q1", headers={"Authorization": f"Bearer {text}"})
        statuses.append(answer.status_code)
    assert statuses == [200, 401, 200]


class Noting(SteadyScheduler):
    """The product's scheduler, which notes what it would send."""

    sent: ClassVar[list[str | None]] = []
    producer: Any = None

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send nothing."""
        self.sent.append(entry.name)


@pytest.fixture
def scheduler(tmp_path: Path, time_machine: TimeMachineFixture) -> Iterator[Noting]:
    """It has waked every minute until three past noon."""
    time_machine.move_to(NOON)
    made = Noting(app=app, schedule_filename=str(tmp_path / "beat"))
    pass_minutes(made, NOON, time_machine)
    assert "wake the rollup" in made.sent
    made.sent.clear()
    yield made
    made.close()


def pass_minutes(scheduler: Noting, start: datetime, clock: TimeMachineFixture, minutes: int = 3) -> None:
    """Let it look as often as it wants to for some minutes from then on."""
    seconds = 0.0
    while seconds < minutes * 60:
        clock.move_to(start + timedelta(seconds=seconds))
        seconds += max(scheduler.tick(), 0.5)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_scheduler_goes_on_waking_twice_a_minute(
    scheduler: Noting, jump: timedelta, time_machine: TimeMachineFixture
) -> None:
    pass_minutes(scheduler, NOON + jump, time_machine)
    assert scheduler.sent.count("wake the rollup") in {5, 6, 7}


@pytest.mark.slow
def test_workers_whose_clocks_differ_by_ten_hours_share_a_rollup(tmp_path: Path) -> None:
    with founded(tmp_path, "clocks") as installation:
        expected = installation.matrices()
        installation.set_up()
        workers = [installation.start("-m", "tests.processes.shifted", hours) for hours in ("5", "-5")]
        try:
            deadline = time.monotonic() + 90
            while installation.leftovers() != NOTHING and time.monotonic() < deadline:
                installation.run("manage.py", "shell", "-c", "from kpis.tasks import wake_rollup; wake_rollup.delay()")
            assert installation.leftovers() == NOTHING
        finally:
            for worker in workers:
                worker.terminate()
                worker.communicate(timeout=30)
        assert installation.matrices() == expected
