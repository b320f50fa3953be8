"""/healthz and /readyz, which are public and say little."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from config import health


def broken() -> None:
    raise DatabaseError("password=hunter2 host=db.internal")


def test_the_process_answers_without_asking_anything(django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_names_each_part(db: None) -> None:
    answer = Client().get("/readyz")
    assert answer.json() == {"status": "ok", "database": "ok", "broker": "ok", "migrations": "ok"}
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


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_nothing_is_written_there(address: str, db: None) -> None:
    assert Client().post(address).status_code == 405
