"""Work in the background: what the scheduler starts exists, and the file broker carries it."""

from __future__ import annotations

import os
import signal

import pytest
from celery.beat import Service
from django.conf import settings

from config import background
from config.celery import app


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_the_scheduler_starts_exists(name: str) -> None:
    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in app.tasks


def test_a_message_waits_as_a_file_until_somebody_takes_it() -> None:
    if settings.CELERY_BROKER_URL != "filechannel://":
        assert settings.CELERY_BROKER_URL.startswith("redis")
        return
    with app.connection_for_write() as broker, broker.SimpleQueue("house-test") as queue:
        queue.put({"wake": "up"})
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"wake": "up"}
    assert [path for path in (settings.VAR_DIR / "queue").rglob("*") if path.is_file()] == []


@pytest.mark.redis
def test_redis_carries_the_same_message(redis_url: str) -> None:
    connection = app.connection_for_write(url=redis_url, transport_options={})
    with connection as broker, broker.SimpleQueue("house-test") as queue:
        queue.put({"wake": "up"})
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"wake": "up"}


def test_a_scheduler_that_fails_stops_the_worker_beside_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(service: Service) -> None:
        raise OSError("No space left on device")

    stopped: list[tuple[int, int]] = []
    monkeypatch.setattr(Service, "start", fail)
    monkeypatch.setattr(os, "kill", lambda pid, number: stopped.append((pid, number)))
    background.schedule()
    assert stopped == [(os.getpid(), signal.SIGTERM)]
    assert "The scheduler failed" in caplog.text
