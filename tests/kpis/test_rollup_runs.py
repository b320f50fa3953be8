"""A run: marks seen before facts are read, parts in any order, published once."""

from __future__ import annotations

import errno
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.company import company
from core.periods import Period
from customers.models import Customer
from kpis.choices import RunState, Trigger
from kpis.models import Fact, Kpi, MonthCell, PeriodCell, RollupRun, SliceTouch, StagedCell
from kpis.reading.matrix import build_matrix
from kpis.rollup import runs, staging, writing
from kpis.rollup.runs import finish, roll_up_now, start_run, wake
from kpis.rollup.staging import stage
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


@kept
def revenue() -> Kpi:
    gold = factories.tier("T1")
    revenue = factories.kpi("revenue")
    for name, month, value in (("A", 202601, 10), ("B", 202601, 5), ("A", 202602, 7)):
        known = Customer.objects.filter(external_id=name).first() or factories.customer(name, tier=gold)
        factories.fact(revenue, known, month, value)
    return revenue


def compute(run: RollupRun) -> None:
    for part in run.parts.all():
        stage(part, Period.parse(part.period, company().calendar))


def begun() -> RollupRun:
    run = start_run(trigger=Trigger.COMMAND)
    assert run is not None
    return run


def change(kpi: Kpi, month: int, value: int) -> None:
    """A load that replaces customer A's fact and leaves its mark."""
    Fact.objects.filter(kpi=kpi, month=month, customer__external_id="A").update(numerator=value)
    factories.touch(kpi, month)


def actual(code: str = "2026-Q1", tier: str = "all") -> Fraction | None:
    matrix = build_matrix(Period.parse(code, company().calendar), today=TODAY)
    return next(cell.actual for cell in matrix.rows[0].cells if cell.tier.code == tier)


def snapshot() -> tuple[list[Any], list[Any]]:
    fields = ("kpi_id", "tier_id", "numerator", "denominator", "facts", "customers")
    months = MonthCell.objects.order_by("kpi", "tier", "month").values_list("month", *fields)
    periods = PeriodCell.objects.order_by("period", "kpi", "tier")
    return list(months), list(
        periods.values_list("period", "value_numerator", "value_denominator", "months_with_data", *fields)
    )


def test_rolls_up_what_is_touched_and_clears_the_marks(revenue: Kpi) -> None:
    run = roll_up_now()
    assert run is not None
    assert (run.state, run.slices) == (RunState.DONE, 2)
    assert actual() == 22
    assert not SliceTouch.objects.exists()
    assert not StagedCell.objects.exists()


def test_nothing_touched_writes_nothing(revenue: Kpi, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    roll_up_now()
    before = snapshot()
    with django_assert_num_queries(3):  # whether events came is the third
        assert roll_up_now() is None
    assert snapshot() == before


def test_computes_only_the_slices_that_were_touched(revenue: Kpi) -> None:
    roll_up_now()
    change(revenue, 202602, 8)
    run = begun()
    assert [(part.period, part.kpis) for part in run.parts.all()] == [("2026-02", [revenue.pk])]


def test_the_same_rollup_twice_gives_the_same_cells(revenue: Kpi) -> None:
    roll_up_now()
    before = snapshot()
    factories.touch(revenue, 202601)
    factories.touch(revenue, 202602)
    roll_up_now()
    assert snapshot() == before


def test_a_load_during_a_rollup_keeps_its_mark_for_the_next_one(revenue: Kpi) -> None:
    run = begun()
    compute(run)
    change(revenue, 202602, 100)
    finish(run)
    assert actual() == 22  # as the facts were when this run read them
    assert SliceTouch.objects.count() == 1
    roll_up_now()
    assert actual() == 115


def test_a_reader_sees_nothing_of_a_run_before_it_is_published(revenue: Kpi) -> None:
    roll_up_now()
    change(revenue, 202601, 11)
    change(revenue, 202602, 8)
    run = begun()
    for part in run.parts.all():
        stage(part, Period.parse(part.period, company().calendar))
        assert actual() == 22
    finish(run)
    assert actual() == 24


def test_a_run_that_a_later_one_overtook_publishes_nothing(revenue: Kpi) -> None:
    early = begun()
    compute(early)
    change(revenue, 202602, 100)
    late = begun()
    compute(late)
    finish(late)
    finish(early)
    early.refresh_from_db()
    assert early.state == RunState.SUPERSEDED
    assert actual() == 115
    assert not SliceTouch.objects.exists()


def test_two_runs_at_once_agree_whichever_publishes_first(revenue: Kpi) -> None:
    early, late = begun(), begun()
    compute(late)
    compute(early)
    finish(early)
    first = snapshot()
    finish(late)
    assert snapshot() == first
    assert set(RollupRun.objects.values_list("state", flat=True)) == {RunState.DONE}


def test_a_part_computed_twice_is_kept_once(revenue: Kpi) -> None:
    run = begun()
    compute(run)
    cells = StagedCell.objects.count()
    compute(run)
    assert StagedCell.objects.count() == cells


def test_a_run_that_fails_says_why_and_keeps_every_mark(revenue: Kpi) -> None:
    with patch.object(runs, "stage", side_effect=RuntimeError("disk full")), pytest.raises(RuntimeError):
        roll_up_now()
    run = RollupRun.objects.get()
    assert (run.state, run.error) == (RunState.FAILED, "RuntimeError: disk full")
    assert SliceTouch.objects.exists()
    roll_up_now()
    assert actual() == 22


@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), InterfaceError("already closed")])
def test_a_run_whose_database_went_away_goes_on_when_it_is_back(revenue: Kpi, error: Exception) -> None:
    run = begun()
    with patch.object(runs, "stage", side_effect=error), pytest.raises(type(error)):
        runs.roll_up_part(run.parts.all()[0])
    RollupRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
    assert send.call_count == 2
    assert RollupRun.objects.get().state == RunState.RUNNING


def test_a_failed_run_cannot_publish_later(revenue: Kpi) -> None:
    run = begun()
    compute(run)
    runs.fail(run, "no worker")
    finish(run)
    assert not PeriodCell.objects.exists()


def test_waking_sends_the_parts_of_a_new_run(revenue: Kpi) -> None:
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
    assert send.call_count == 2


def test_waking_leaves_a_live_run_alone(revenue: Kpi) -> None:
    begun()
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
    assert not send.called
    assert RollupRun.objects.count() == 1


def test_waking_sends_again_what_a_lost_worker_left(revenue: Kpi) -> None:
    run = begun()
    parts = list(run.parts.all())
    stage(parts[0], Period.parse(parts[0].period, company().calendar))
    RollupRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
    send.assert_called_once_with(parts[1].pk)


def test_a_silent_run_is_sent_again_each_minute_and_no_more_often(revenue: Kpi) -> None:
    begun()
    RollupRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.LOAD)
        wake(trigger=Trigger.SCHEDULE)
    assert send.call_count == 2  # both parts, once
    assert RollupRun.objects.get().sent_again == 1


def test_waking_fails_a_run_that_was_sent_again_in_vain_and_begins_again(revenue: Kpi) -> None:
    lost = begun()
    with patch("kpis.tasks.stage_part.delay"):
        for _ in range(runs.MOST_SENDS):
            assert RollupRun.objects.get().state == RunState.RUNNING
            RollupRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
            wake(trigger=Trigger.SCHEDULE)
        RollupRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
        wake(trigger=Trigger.PERSON)
    lost.refresh_from_db()
    assert lost.state == RunState.FAILED
    assert RollupRun.objects.filter(state=RunState.RUNNING).exists()


def test_the_scheduler_begins_at_once_what_was_sent_again_in_vain(revenue: Kpi) -> None:
    begun()
    RollupRun.objects.update(sent_again=runs.MOST_SENDS, heartbeat_at=timezone.now() - timedelta(minutes=2))
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
    assert send.call_count == 2
    assert [run.state for run in RollupRun.objects.all()] == [RunState.RUNNING, RunState.FAILED]


def test_a_full_disk_fails_no_run_so_that_it_goes_on_when_there_is_room(revenue: Kpi) -> None:
    run = begun()
    with patch.object(runs, "stage", side_effect=OSError(errno.ENOSPC, "full")), pytest.raises(OSError, match="full"):
        runs.roll_up_part(run.parts.all()[0])
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_the_scheduler_waits_after_a_failure_but_a_person_need_not(revenue: Kpi) -> None:
    runs.fail(begun(), "disk full")
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
        assert not send.called
        wake(trigger=Trigger.PERSON)
        assert send.called


def test_a_move_rolls_up_the_months_it_concerns(revenue: Kpi) -> None:
    silver = factories.tier("T2")
    roll_up_now()
    moved = Fact.objects.filter(customer__external_id="A", month=202602).get().customer
    factories.member(moved, silver, "2026-02-15")
    run = begun()
    assert [part.period for part in run.parts.all()] == ["2026-02"]
    compute(run)
    finish(run)
    assert (actual("2026-01", "T1"), actual("2026-02", "T2")) == (15, 7)


def test_facts_that_are_all_gone_leave_no_cell(revenue: Kpi) -> None:
    roll_up_now()
    Fact.objects.all().delete()
    for month in (202601, 202602):
        factories.touch(revenue, month)
    roll_up_now()
    assert not MonthCell.objects.exists()
    assert not PeriodCell.objects.exists()


@pytest.mark.parametrize("kpis", [3, 30])
def test_the_matrix_takes_the_same_queries_whatever_its_size(
    kpis: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    gold = factories.tier("T1")
    known = factories.customer(tier=gold)
    for _ in range(kpis):
        kpi = factories.kpi()
        factories.fact(kpi, known, 202601, 1)
        factories.target(kpi, gold, 202601, 2)
    roll_up_now()
    period = Period.parse("2026-Q1", company().calendar)
    with django_assert_num_queries(4):
        build_matrix(period, today=TODAY)


def test_moves_of_customers_without_facts_are_settled_without_cells() -> None:
    factories.customer(tier=factories.tier("T1"))
    run = roll_up_now()
    assert run is not None
    assert (run.state, run.cells) == (RunState.DONE, 0)
    assert roll_up_now() is None


def test_a_part_of_a_run_that_ends_meanwhile_leaves_no_cells(revenue: Kpi) -> None:
    run = begun()
    part = run.parts.first()
    assert part is not None

    def overtaken(*args: Any) -> int:
        RollupRun.objects.filter(pk=run.pk).update(state=RunState.SUPERSEDED)
        return real(*args)

    real = writing.insert_rows
    with patch.object(staging, "insert_rows", overtaken):
        stage(part, Period.parse(part.period, company().calendar))
    assert not StagedCell.objects.exists()
    assert not run.parts.exclude(staged_at=None).exists()
