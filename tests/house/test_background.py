"""Work in the background: what the scheduler starts exists, and the file broker carries it."""

from __future__ import annotations

import errno
import shelve
import time
from pathlib import Path
from typing import Any

import pytest
from celery.beat import Service
from django.conf import settings

from config import background
from config.celery import app
from config.schedule import SteadyScheduler


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_the_scheduler_starts_exists(name: str) -> None:
    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in app.tasks


def test_a_message_waits_as_a_file_until_somebody_takes_it() -> None:
    if settings.CELERY_BROKER_URL != "filechannel://":
        assert settings.CELERY_BROKER_URL.startswith("redis")
        return
    others = messages()  # of tests before this one, some of which end meanwhile
    with app.connection_for_write() as broker, broker.SimpleQueue("house-test") as queue:
        queue.put({"wake": "up"})
        assert len(messages() - others) == 1
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"wake": "up"}
    assert not messages() - others


def messages() -> set[Path]:
    """The files that wait or are being worked on."""
    return {path for path in (settings.VAR_DIR / "queue").rglob("*") if path.is_file()}


@pytest.mark.redis
def test_redis_carries_the_same_message(redis_url: str) -> None:
    connection = app.connection_for_write(url=redis_url, transport_options={})
    with connection as broker, broker.SimpleQueue("house-test") as queue:
        queue.put({"wake": "up"})
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"wake": "up"}


def test_a_scheduler_that_fails_is_started_again_after_a_pause_that_grows(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([OSError("No space left on device"), ValueError("bad"), OSError("No space left on device"), None])

    def fail(service: Service) -> None:
        if error := next(failures):
            raise error

    pauses: list[float] = []
    monkeypatch.setattr(Service, "start", fail)
    monkeypatch.setattr(time, "sleep", pauses.append)
    background.keep_scheduling()
    assert pauses == [1, 2, 4]
    assert caplog.text.count("The scheduler failed") == 3


def test_a_scheduler_that_cannot_note_what_it_ran_goes_on_and_notes_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    scheduler = SteadyScheduler(app=app, schedule_filename=str(tmp_path / "beat"))
    with monkeypatch.context() as disk:
        disk.setattr(shelve.Shelf, "__setitem__", full)
        entry: Any = scheduler.reserve(scheduler.schedule["send mails"])
        scheduler.sync()
    assert "could not be noted" in caplog.text
    assert scheduler.schedule["send mails"].total_run_count == entry.total_run_count == 1
    scheduler.close()
    again = SteadyScheduler(app=app, schedule_filename=str(tmp_path / "beat"))
    assert again.schedule["send mails"].total_run_count == 1
    again.close()
