"""What counts as an outage, and what a reader gets while one lasts."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.test import Client
from kombu.exceptions import OperationalError as QueueError

from accounts.models import User
from core.outages import BEHIND, BUSY, DATABASE, FULL, QUEUE, OneLine, Outage, outage_of
from kpis.choices import Trigger
from kpis.rollup.runs import request_rollup
from tests.factories import signed_in

PAGE = "/matrix/2011-Q3/"
API = "/api/v1/matrix/?period=2011-Q3"


class Coded(psycopg2.Error):  # type: ignore[misc]
    """The driver's error with a SQLSTATE, which only a server can set on the real one."""

    pgcode: str | None = None


def by_driver(error: Exception, code: str = "", text: str = "") -> Exception:
    """Django's error over the driver's."""
    driver = Coded(text)
    driver.pgcode = code or None
    error.__cause__ = driver
    return error


def by_sqlite(name: str, text: str = "") -> Exception:
    error, driver = OperationalError(text), sqlite3.OperationalError(text)
    driver.sqlite_errorname = name
    error.__cause__ = driver
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (by_driver(OperationalError("server closed the connection unexpectedly")), DATABASE),
        (by_driver(OperationalError("the database system is starting up"), "57P03"), DATABASE),
        (by_driver(OperationalError("terminating connection due to administrator command"), "57P01"), DATABASE),
        (by_driver(DatabaseError("error with status PGRES_TUPLES_OK and no message from the libpq")), DATABASE),
        (InterfaceError("connection already closed"), DATABASE),
        (by_driver(OperationalError("deadlock detected"), "40P01"), BUSY),
        (by_driver(OperationalError("sorry, too many clients already"), "53300"), BUSY),
        (by_driver(OperationalError("could not extend file"), "53100"), FULL),
        (by_driver(ProgrammingError("relation does not exist"), "42P01"), BEHIND),
        (by_sqlite("SQLITE_BUSY", "database is locked"), BUSY),
        (by_sqlite("SQLITE_FULL", "database or disk is full"), FULL),
        (by_sqlite("SQLITE_CANTOPEN", "unable to open database file"), DATABASE),
        (by_sqlite("SQLITE_ERROR", "no such table: kpis_kpi"), BEHIND),
        (OSError(errno.ENOSPC, "No space left on device"), FULL),
        (QueueError("Connection refused"), QUEUE),
    ],
)
def test_an_outage_is_told_by_what_is_away(error: Exception, outage: Outage) -> None:
    assert outage_of(error) is outage


@pytest.mark.parametrize(
    "error",
    [
        None,
        RuntimeError("ours"),
        OSError(errno.ENOENT, "No such file"),
        DatabaseError("Save with update_fields did not affect any rows."),
        by_driver(IntegrityError("duplicate key"), "23505"),
        by_driver(ProgrammingError("syntax error"), "42601"),
        by_sqlite("SQLITE_ERROR", 'near "FROM": syntax error'),
    ],
)
def test_our_own_failures_are_none(error: Exception | None) -> None:
    assert outage_of(error) is None


def test_an_error_that_an_outage_led_to_is_one_too() -> None:
    later = RuntimeError("the transaction is broken")
    later.__context__ = OperationalError("server closed the connection unexpectedly")
    assert outage_of(later) is DATABASE


@pytest.mark.django_db
def test_a_missing_table_is_an_upgrade_on_the_database_that_we_run_on() -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")
    assert outage_of(caught.value) is BEHIND


@pytest.mark.django_db
def test_bad_sql_is_our_own_failure_on_the_database_that_we_run_on() -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM FROM")
    assert outage_of(caught.value) is None


@pytest.fixture
def away(ines: User) -> Iterator[Client]:
    """The executive's browser, which finds that the database has gone away."""
    browser = signed_in(ines)
    browser.raise_request_exception = False

    def refuse(*args: Any) -> None:
        raise OperationalError('connection to server at "db.internal", port 5432 failed: Connection refused')

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        yield browser


@pytest.mark.parametrize("address", [PAGE, "/", "/rollups/", "/admin/", "/nowhere/", "/accounts/login/"])
def test_a_page_says_what_is_away_and_what_to_do(address: str, away: Client) -> None:
    answer = away.get(address)
    text = answer.content.decode()
    assert answer.status_code == 503
    assert answer["Retry-After"] == "15"
    assert answer["Cache-Control"] == "no-store"
    assert "The database is away" in text
    assert "Try again in a minute" in text
    assert "db.internal" not in text


def test_who_was_writing_is_told_to_look_first(away: Client) -> None:
    answer = away.post("/rollups/now/")
    assert answer.status_code == 503
    assert "look whether what you sent is there" in answer.content.decode()


def test_a_program_gets_a_problem_with_the_time_to_come_back(away: Client) -> None:
    answer = away.get(API)
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert answer["Content-Type"] == "application/problem+json"
    assert "The database is away" in answer.json()["detail"]
    assert "db.internal" not in answer.content.decode()


@pytest.mark.usefixtures("away")
def test_ready_says_when_to_ask_again() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer["Retry-After"], answer.json()["database"]) == (503, "15", "failed")


def test_our_own_failure_stays_one(ines: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("scorecard.pages.cells.matrix_page", broken)
    browser = signed_in(ines)
    browser.raise_request_exception = False
    assert browser.get(PAGE).status_code == 500


def test_an_outage_is_logged_in_a_line_and_our_own_failure_with_its_stack() -> None:
    def logged(error: Exception) -> logging.LogRecord:
        info = (type(error), error, None)
        record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", ("Oh", PAGE), info)
        assert OneLine().filter(record)
        return record

    line = logged(OperationalError("server closed the connection\nThis probably means"))
    assert line.exc_info is None
    assert line.getMessage() == f"Oh: {PAGE}: {DATABASE.what} OperationalError: server closed the connection"
    assert logged(RuntimeError("ours")).exc_info is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "command", [("load", "tiers", "tiers.csv"), ("export", "tiers", "out.csv"), ("rollup", "2011-Q3")]
)
def test_a_command_ends_with_a_sentence(command: tuple[str, ...], tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiers.csv").write_text("code,name,rank\nT1,Gold,1\n")

    def broken(**kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly\n\tThis probably means")

    monkeypatch.setattr("accounts.management.commands.load.load_file", broken)
    monkeypatch.setattr("accounts.management.commands.export.export_file", broken)
    monkeypatch.setattr("scorecard.management.commands.rollup.roll_up_now", broken)
    with pytest.raises(CommandError) as caught:
        call_command(*command)
    assert caught.value.returncode == 2
    assert str(caught.value).startswith(f"{DATABASE.what} (server closed the connection unexpectedly) ")


@pytest.mark.parametrize("error", [QueueError("refused"), OSError(errno.ENOSPC, "full"), RuntimeError("READONLY")])
def test_a_rollup_that_cannot_be_asked_for_is_left_to_the_scheduler(
    error: Exception, db: None, monkeypatch: Any, django_capture_on_commit_callbacks: Any, caplog: Any
) -> None:
    def refuse(*args: Any) -> None:
        raise error

    monkeypatch.setattr("kpis.tasks.wake_rollup.delay", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        request_rollup(trigger=Trigger.LOAD)
    assert "the scheduler will start the rollup" in caplog.text
