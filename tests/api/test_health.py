"""/healthz and /readyz, which are public and say little."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.models import Worker
from accounts.workers import forget_old_workers, note_worker
from config import health


def broken() -> None:
    raise DatabaseError("password=hunter2 host=db.internal")


def test_the_process_answers_without_asking_anything(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_names_each_part(db: None) -> None:
    answer = Client().get("/readyz")
    parts = {"status": "ok", "database": "ok", "broker": "ok", "migrations": "ok"}
    assert answer.json() == {**parts, "worker": "silent: none has ever reported"}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("part", ["database", "broker", "migrations"])
def test_what_failed_is_named_and_why_is_not_told(part: str, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.CHECKS, part, broken)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()[part] == "failed"
    assert "hunter2" not in answer.content.decode()


def test_waiting_migrations_are_not_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *args: [("kpis", "0099")])
    assert Client().get("/readyz").json()["migrations"] == "failed"


def test_ready_says_that_a_worker_is_well(db: None) -> None:
    note_worker("celery@here")
    assert Client().get("/readyz").json()["worker"] == "ok"


def test_ready_says_since_when_all_workers_are_silent_and_stays_ready(
    db: None, time_machine: TimeMachineFixture
) -> None:
    for minute, name in ((0, "celery@one"), (1, "celery@two")):
        time_machine.move_to(datetime(2026, 3, 10, 12, minute, tzinfo=UTC))
        note_worker(name)
    time_machine.move_to(datetime(2026, 3, 10, 12, 4, tzinfo=UTC))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["worker"] == "silent since 2026-03-10T12:01:00Z"
    note_worker("celery@one")
    assert Client().get("/readyz").json()["worker"] == "ok"


def test_a_clock_that_was_set_back_makes_nobody_well(db: None, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 3, 10, 17, tzinfo=UTC))
    note_worker("celery@here")
    time_machine.move_to(datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert Client().get("/readyz").json()["worker"] == "silent since 2026-03-10T17:00:00Z"


def test_what_workers_do_is_unknown_where_the_database_cannot_say(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "somebody_works", broken)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (200, "unknown")


def test_workers_are_asked_for_in_a_query_or_two(
    db: None, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECKS", {})
    with django_assert_max_num_queries(2):
        Client().get("/readyz")


def test_workers_of_which_nobody_heard_for_a_week_are_forgotten(db: None, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 3, 1, tzinfo=UTC))
    note_worker("celery@gone")
    time_machine.move_to(datetime(2026, 3, 9, tzinfo=UTC))
    note_worker("celery@here")
    forget_old_workers()
    assert [worker.name for worker in Worker.objects.all()] == ["celery@here"]


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_nothing_is_written_there(address: str, db: None) -> None:
    assert Client().post(address).status_code == 405
