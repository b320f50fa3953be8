"""What fails of a rollup fails alone and is named; the others are published, and no period cell mixes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.company import company
from core.periods import Period
from customers.models import Customer, Tier
from kpis.choices import RunState, Trigger
from kpis.models import Fact, Kpi, RollupRun, RunPart, SliceTouch, StagedCell
from kpis.reading.matrix import build_matrix
from kpis.rollup import distinct, merging, publishing, runs, staging
from kpis.rollup.runs import finish, roll_up_now, roll_up_part, start_run, wake
from tests import factories
from tests.kept import kept

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
JANUARY, FEBRUARY = 202601, 202602


@kept
def gold() -> Tier:
    return factories.tier("T1")


@kept
def customer(gold: Tier) -> Customer:
    return factories.customer("A", tier=gold)


@kept
def revenue(customer: Customer) -> Kpi:
    return two_months(factories.kpi("revenue", name="Net revenue"), customer)


@kept
def visits(customer: Customer) -> Kpi:
    """Counts customers over longer periods, with parts of its own."""
    kpi = factories.kpi("visits", name="Visits", customer_method="distinct", time_method="pool")
    return two_months(kpi, customer)


def two_months(kpi: Kpi, customer: Customer) -> Kpi:
    for month in (JANUARY, FEBRUARY):
        factories.fact(kpi, customer, month, 10)
    return kpi


def change(kpi: Kpi, month: int, value: int) -> None:
    Fact.objects.filter(kpi=kpi, month=month).update(numerator=value)
    factories.touch(kpi, month)


def actual(kpi: Kpi, code: str = "2026-Q1") -> Fraction | None:
    matrix = build_matrix(Period.parse(code, company().calendar), today=TODAY)
    row = next(row for row in matrix.rows if row.kpi.pk == kpi.pk)
    return next(cell.actual for cell in row.cells if cell.tier.code == "all")


@contextmanager
def failing_facts(kpi: Kpi, month: int, error: Exception | None = None) -> Iterator[None]:
    """The facts of one month of a KPI cannot be added up, alone or with others."""
    real: Callable[..., Any] = staging._sums

    def sums(of: int, kpis: list[int], memberships: str) -> Any:
        if of == month and kpi.pk in kpis:
            raise error or RuntimeError("out of memory")
        return real(of, kpis, memberships)

    with patch.object(staging, "_sums", sums):
        yield


@contextmanager
def failing_count(kpi: Kpi) -> Iterator[None]:
    """The customers of a KPI cannot be counted over several months."""
    real: Callable[..., Any] = distinct._pairs

    def pairs(of: int, months: Any, memberships: str) -> Any:
        if of == kpi.pk:
            raise RuntimeError("out of memory")
        return real(of, months, memberships)

    with patch.object(distinct, "_pairs", pairs):
        yield


@contextmanager
def failing_merge(kpi: Kpi) -> Iterator[None]:
    """The months of a KPI cannot be merged into periods."""
    real: Callable[..., Any] = merging.period_cells

    def cells(of: Kpi, code: str, store: Any) -> Any:
        if of.pk == kpi.pk:
            raise ValueError("no such method")
        return real(of, code, store)

    with patch.object(publishing, "period_cells", cells):
        yield


def rolled() -> RollupRun:
    run = roll_up_now()
    assert run is not None
    return run


def marks() -> set[tuple[str, int]]:
    return set(SliceTouch.objects.values_list("kpi__code", "month"))


def test_the_others_of_the_same_month_are_published(revenue: Kpi, customer: Customer) -> None:
    others = [two_months(factories.kpi(), customer) for _ in range(23)]
    with failing_facts(revenue, JANUARY):
        run = rolled()
    assert run.state == RunState.PARTIAL
    assert [actual(kpi) for kpi in others] == [20] * 23
    assert marks() == {("revenue", JANUARY)}
    assert not StagedCell.objects.exists()


def test_it_says_which_kpi_and_month_and_why(revenue: Kpi) -> None:
    with failing_facts(revenue, JANUARY):
        run = rolled()
    assert run.error == "Net revenue, January 2026: RuntimeError: out of memory"
    assert RunPart.objects.get(period="2026-01").failed == {str(revenue.pk): "RuntimeError: out of memory"}


def test_it_is_logged_with_what_happened(revenue: Kpi, caplog: pytest.LogCaptureFixture) -> None:
    with failing_facts(revenue, JANUARY), caplog.at_level(logging.WARNING, "kpis.rollup"):
        rolled()
    assert any(record.exc_info for record in caplog.records)


def test_the_other_months_of_the_kpi_are_published_and_its_longer_periods_stay(revenue: Kpi) -> None:
    rolled()
    change(revenue, JANUARY, 1)
    change(revenue, FEBRUARY, 2)
    with failing_facts(revenue, JANUARY):
        rolled()
    assert (actual(revenue, "2026-01"), actual(revenue, "2026-02")) == (10, 2)
    assert (actual(revenue, "2026-Q1"), actual(revenue, "2026")) == (20, 20)  # never 10 and 2
    rolled()
    assert (actual(revenue, "2026-01"), actual(revenue, "2026-Q1"), actual(revenue, "2026")) == (1, 3, 3)
    assert marks() == set()


def test_a_period_stays_as_it_was_however_often_its_other_months_change(revenue: Kpi) -> None:
    rolled()
    change(revenue, JANUARY, 1)
    with failing_facts(revenue, JANUARY):
        rolled()
        change(revenue, FEBRUARY, 5)
        rolled()
    assert (actual(revenue, "2026-02"), actual(revenue)) == (5, 20)


def test_trailing_months_that_hold_what_failed_stay(customer: Customer) -> None:
    trailing = two_months(factories.kpi(time_method="ttm"), customer)
    rolled()
    change(trailing, JANUARY, 1)
    change(trailing, FEBRUARY, 2)
    with failing_facts(trailing, JANUARY):
        rolled()
    assert [actual(trailing, f"2026-{month:02d}") for month in (1, 2, 10)] == [10, 20, 20]
    rolled()
    assert [actual(trailing, f"2026-{month:02d}") for month in (1, 2, 10)] == [1, 3, 3]


def test_a_kpi_that_takes_the_facts_of_what_failed_stays_too(revenue: Kpi) -> None:
    taker = factories.kpi("taker", facts_of=revenue, time_method="mean")
    rolled()
    change(revenue, JANUARY, 1)
    change(revenue, FEBRUARY, 2)
    with failing_facts(revenue, JANUARY):
        rolled()
    assert (actual(taker, "2026-02"), actual(taker)) == (2, 10)


def test_where_customers_cannot_be_counted_no_month_of_the_kpi_is_published(visits: Kpi, revenue: Kpi) -> None:
    rolled()
    change(visits, JANUARY, 0)
    change(revenue, JANUARY, 1)
    with failing_count(visits):
        run = rolled()
    assert run.error == "Visits, January 2026: RuntimeError: out of memory"
    assert (actual(visits, "2026-01"), actual(visits)) == (1, 1)
    assert actual(revenue) == 11
    assert marks() == {("visits", JANUARY)}


def test_a_count_stays_where_one_of_its_months_failed(visits: Kpi, customer: Customer, gold: Tier) -> None:
    rolled()
    factories.fact(visits, factories.customer("B", tier=gold), FEBRUARY, 1)
    factories.touch(visits, JANUARY)
    with failing_facts(visits, JANUARY):
        rolled()
    assert (actual(visits, "2026-02"), actual(visits)) == (2, 1)
    rolled()
    assert actual(visits) == 2


def test_a_kpi_whose_months_do_not_merge_leaves_the_others_alone(revenue: Kpi, customer: Customer) -> None:
    other = two_months(factories.kpi(), customer)
    with failing_merge(revenue):
        run = rolled()
    assert run.state == RunState.PARTIAL
    assert run.error == "Net revenue, January 2026 and 1 more month: Net revenue: ValueError: no such method"
    assert (actual(revenue, "2026-01"), actual(other)) == (None, 20)
    assert marks() == {("revenue", JANUARY), ("revenue", FEBRUARY)}
    rolled()
    assert actual(revenue) == 20


def test_a_run_of_which_nothing_could_be_computed_has_failed_and_keeps_every_mark(revenue: Kpi) -> None:
    rolled()
    change(revenue, JANUARY, 1)
    before = set(SliceTouch.objects.values_list("pk", flat=True))
    with failing_facts(revenue, JANUARY):
        run = rolled()
    assert (run.state, run.cells) == (RunState.FAILED, 0)
    assert "Net revenue, January 2026" in run.error
    assert set(SliceTouch.objects.values_list("pk", flat=True)) == before
    assert not StagedCell.objects.exists()


def test_what_failed_after_a_move_is_marked_by_itself(revenue: Kpi, customer: Customer) -> None:
    two_months(factories.kpi(), customer)
    silver = factories.tier("T2")
    rolled()
    factories.member(customer, silver, "2026-01-15")
    with failing_facts(revenue, JANUARY):
        run = rolled()
    assert run.state == RunState.PARTIAL
    assert marks() == {("revenue", JANUARY)}
    assert rolled().state == RunState.DONE
    assert marks() == set()


def test_the_same_failure_twice_keeps_one_mark_and_the_same_cells(revenue: Kpi, customer: Customer) -> None:
    two_months(factories.kpi(), customer)
    with failing_facts(revenue, JANUARY):
        rolled()
        rolled()
    assert SliceTouch.objects.count() == 1


@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), OSError(28, "No space left")])
def test_an_outage_is_nobodys_failure(revenue: Kpi, error: Exception) -> None:
    with failing_facts(revenue, JANUARY, error), pytest.raises(type(error)):
        roll_up_now()
    assert not RunPart.objects.exclude(failed={}).exists()
    assert len(marks()) == 2


def test_a_part_that_fails_in_a_worker_ends_no_worker_and_the_last_part_publishes(revenue: Kpi) -> None:
    run = start_run(trigger=Trigger.LOAD)
    assert run is not None
    with failing_facts(revenue, JANUARY):
        for part in run.parts.all():
            roll_up_part(part)
    run.refresh_from_db()
    assert run.state == RunState.PARTIAL
    assert actual(revenue, "2026-02") == 10


def test_the_scheduler_waits_after_a_failure_in_part_but_a_load_need_not(revenue: Kpi) -> None:
    with failing_facts(revenue, JANUARY):
        rolled()
    with patch("kpis.tasks.stage_part.delay") as send:
        wake(trigger=Trigger.SCHEDULE)
        assert not send.called
        RollupRun.objects.update(finished_at=timezone.now() - runs.RETRY_AFTER - timedelta(seconds=1))
        wake(trigger=Trigger.SCHEDULE)
        assert send.call_count == 1


def test_a_run_in_part_overtakes_earlier_ones_and_leaves_them_their_failures(revenue: Kpi) -> None:
    early = start_run(trigger=Trigger.LOAD)
    late = start_run(trigger=Trigger.LOAD)
    assert early is not None
    assert late is not None
    for part in early.parts.all():
        staging.stage(part, Period.parse(part.period, company().calendar))
    with failing_facts(revenue, JANUARY):
        for part in late.parts.all():
            roll_up_part(part)
    finish(early)
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.state, late.state) == (RunState.SUPERSEDED, RunState.PARTIAL)
    assert marks() == {("revenue", JANUARY)}


def test_a_later_run_does_what_failed_in_an_earlier_one_that_published_first(revenue: Kpi) -> None:
    early = start_run(trigger=Trigger.LOAD)
    late = start_run(trigger=Trigger.LOAD)
    assert early is not None
    assert late is not None
    with failing_facts(revenue, JANUARY):
        for part in early.parts.all():
            roll_up_part(part)
    for part in late.parts.all():
        roll_up_part(part)
    late.refresh_from_db()
    assert (late.state, actual(revenue), marks()) == (RunState.DONE, 20, set())


def test_a_run_that_failed_whole_overtakes_nobody(revenue: Kpi) -> None:
    early = start_run(trigger=Trigger.LOAD)
    late = start_run(trigger=Trigger.LOAD)
    assert early is not None
    assert late is not None
    with failing_facts(revenue, JANUARY), failing_facts(revenue, FEBRUARY):
        for part in late.parts.all():
            roll_up_part(part)
    for part in early.parts.all():
        roll_up_part(part)
    assert [*RollupRun.objects.order_by("pk").values_list("state", flat=True)] == [RunState.DONE, RunState.FAILED]
    assert (actual(revenue), marks()) == (20, set())


def test_a_load_meanwhile_keeps_its_own_mark(revenue: Kpi) -> None:
    run = start_run(trigger=Trigger.LOAD)
    assert run is not None
    change(revenue, FEBRUARY, 100)
    with failing_facts(revenue, JANUARY):
        for part in run.parts.all():
            roll_up_part(part)
    assert marks() == {("revenue", JANUARY), ("revenue", FEBRUARY)}
