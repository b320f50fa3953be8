"""Work in the background: what the scheduler starts exists, and the file broker carries it."""

from __future__ import annotations

import pytest
from django.conf import settings

from config.celery import app


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_what_the_scheduler_starts_exists(name: str) -> None:
    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in app.tasks


def test_a_message_waits_as_a_file_until_somebody_takes_it() -> None:
    if settings.CELERY_BROKER_URL != "filesystem://":
        assert settings.CELERY_BROKER_URL.startswith("redis")
        return
    with app.connection_for_write() as broker, broker.SimpleQueue("house-test") as queue:
        queue.put({"wake": "up"})
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"wake": "up"}
    assert list((settings.VAR_DIR / "queue").iterdir()) == []


@pytest.mark.redis
def test_redis_carries_the_same_message(redis_url: str) -> None:
    connection = app.connection_for_write(url=redis_url, transport_options={})
    with connection as broker, broker.SimpleQueue("house-test") as queue:
        queue.put({"wake": "up"})
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == {"wake": "up"}
