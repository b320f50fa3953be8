"""What keeps a worker going: no slot is lost to what fails around a task, and a watchdog sees one that hangs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from celery import concurrency
from celery.worker import state
from celery.worker.request import Request
from django.conf import settings
from django.db import DatabaseError, connections
from kombu.transport import redis, virtual
from redis.exceptions import TimeoutError as RedisTimeoutError

from accounts.models import Worker
from config import acknowledging, celery, threads, watchdog
from config.celery import app
from config.watchdog import LONGEST_TASK, PATIENCE, WAKE_AFTER, Watchdog


def test_no_results_are_kept() -> None:
    assert app.conf.task_ignore_result
    assert app.conf.result_backend is None
    assert "django_celery_results" not in settings.INSTALLED_APPS
    assert [task for task in app.tasks.values() if not task.ignore_result and task.name.startswith("kpis")] == []


# Threads


@pytest.fixture
def pool() -> Iterator[Any]:
    made = concurrency.get_implementation("threads")(2, app=app)
    made.start()
    yield made
    made.stop()


def raising(error: BaseException) -> Callable[..., None]:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    return fail


def done(*args: Any) -> tuple[int, str, float]:
    """What the tracing of a task that did well returns."""
    return 0, "None", 0.1


def as_a_worker_does(outcome: Any) -> None:
    """Take what the tracing returned; nothing else can be unpacked so."""
    _failed, _returned, _seconds = outcome


ERRORS = [DatabaseError("a result was not stored"), MemoryError("no memory"), SystemExit(1), OSError(28, "disk full")]


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize("where", ["target", "callback", "accept_callback"])
def test_a_thread_tells_its_worker_whatever_is_raised(pool: Any, error: BaseException, where: str) -> None:
    told: list[Any] = []
    calls: dict[str, Any] = {"target": done, "callback": as_a_worker_does, "accept_callback": Mock()}
    calls[where] = raising(error)
    pool.apply_async(**calls, error_callback=told.append).f.result(timeout=5)
    assert isinstance(told[0].exception.exc, threads.AroundTheTaskError)
    assert pool.running == 0


def test_a_worker_acknowledges_a_message_whose_task_broke_outside_of_itself(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = Mock(headers={"task": "kpis.tasks.wake_rollup", "id": "1"}, delivery_info={}, properties={})
    app.loader.import_default_modules()
    task = app.tasks["kpis.tasks.wake_rollup"]
    request = Request(message, app=app, task=task, on_ack=message.ack_log_error, body=([], {}, {}), decoded=True)
    monkeypatch.setattr(task, "__trace__", raising(DatabaseError("a result was not stored")))
    monkeypatch.setattr("celery.worker.request.trace_task_ret", raising(DatabaseError("not stored")))
    handed: Any = request.execute_using_pool(pool)
    handed.f.result(timeout=5)
    assert message.ack_log_error.called
    assert request.id not in state.requests


# Redis


@pytest.mark.parametrize("verb", ["ack", "reject"])
def test_a_slot_is_free_though_redis_did_not_hear_the_acknowledgement(verb: str) -> None:
    qos: Any = acknowledging.Unacknowledged(Mock(), prefetch_count=1)
    virtual.QoS.append(qos, Mock(), "tag")
    qos._remove_from_indices = raising(RedisTimeoutError("Timeout reading from socket"))
    assert not qos.can_consume()
    with pytest.raises(RedisTimeoutError):
        getattr(qos, verb)("tag")
    assert qos.can_consume()


def test_a_worker_on_redis_acknowledges_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis.Channel, "QoS", redis.QoS)
    transport = SimpleNamespace(get_transport_cls=lambda: redis.Transport)
    monkeypatch.setattr(app, "connection_for_read", lambda: transport)
    celery.lose_no_slot()
    assert redis.Channel.QoS is acknowledging.Unacknowledged


# The watchdog


class Ended(BaseException):
    """Instead of the end of this process."""


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, db: None) -> SimpleNamespace:
    """What there is to see: messages, and tasks that were begun or are under way."""
    seen = SimpleNamespace(messages=0, wakes=0, pool=SimpleNamespace(running=0))

    def wake(**kwargs: Any) -> None:
        seen.wakes += 1

    monkeypatch.setattr(state, "all_total_count", [0])
    monkeypatch.setattr(state, "requests", {})
    monkeypatch.setattr(watchdog, "messages", lambda: seen.messages)
    monkeypatch.setattr(watchdog, "something_is_marked", lambda: True)
    monkeypatch.setattr(watchdog, "request_rollup", wake)
    return seen


@pytest.fixture
def dog(work: SimpleNamespace) -> Watchdog:
    return Watchdog(SimpleNamespace(hostname="celery@here", pool=work.pool))


def look(dog: Watchdog, times: int) -> bool:
    """Whether the worker hangs, after so many looks."""
    for _ in range(times):
        dog.look()
    return dog.hung()


def test_a_worker_that_leaves_messages_where_they_are_hangs(dog: Watchdog, work: SimpleNamespace) -> None:
    work.messages = 73
    state.requests["lost"] = state.requests["lost too"] = object()
    assert not look(dog, PATIENCE)
    assert look(dog, 1)


def test_a_worker_that_begins_one_task_after_the_other_does_not(dog: Watchdog, work: SimpleNamespace) -> None:
    work.messages = 73
    for _ in range(3 * PATIENCE):
        state.all_total_count[0] += 1
        assert not look(dog, 1)


def test_a_worker_with_one_long_part_does_not(dog: Watchdog, work: SimpleNamespace) -> None:
    work.messages, work.pool.running = 73, 1
    assert not look(dog, LONGEST_TASK)
    assert look(dog, 1)  # an hour is more than long


def test_processes_are_busy_by_what_celery_counts(dog: Watchdog, work: SimpleNamespace) -> None:
    dog.worker.pool = SimpleNamespace()
    request = Mock()
    state.active_requests.add(request)
    try:
        assert dog.busy()
    finally:
        state.active_requests.discard(request)
    assert not dog.busy()


def test_a_worker_without_work_does_not_and_a_message_that_just_came_changes_nothing(
    dog: Watchdog, work: SimpleNamespace
) -> None:
    assert not look(dog, 10 * PATIENCE)
    work.messages = 1
    assert not look(dog, PATIENCE - 1)
    work.messages = 0
    assert not look(dog, 1)


def test_the_marks_wake_where_no_message_does(dog: Watchdog, work: SimpleNamespace) -> None:
    look(dog, WAKE_AFTER)
    assert work.wakes == 0
    look(dog, 1)
    assert work.wakes == 1


def test_a_worker_that_is_well_says_so_and_one_that_hangs_falls_silent(dog: Watchdog, work: SimpleNamespace) -> None:
    look(dog, 1)
    seen = Worker.objects.get(name="celery@here").seen_at
    look(dog, 1)
    assert Worker.objects.get().seen_at > seen
    seen = Worker.objects.get().seen_at
    work.messages = 1
    look(dog, PATIENCE)
    assert Worker.objects.get().seen_at == seen


def test_the_watchdog_ends_a_worker_that_hangs(
    dog: Watchdog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[int] = []

    def end(code: int) -> None:
        ended.append(code)
        raise Ended

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(dog, "hung", lambda: True)
    with pytest.raises(Ended):
        dog._watch()
    assert ended == [os.EX_SOFTWARE]
    assert "to be started again" in caplog.text


def test_a_database_or_queue_that_is_away_says_nothing_against_the_worker(
    dog: Watchdog, work: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watchdog, "messages", raising(OSError("away")))
    monkeypatch.setattr(connections, "close_all", Mock())
    for _ in range(3 * PATIENCE):
        dog._try(dog.look)
    assert not dog.hung()
    assert "could not look" in caplog.text


def test_a_worker_that_is_asked_to_stop_is_watched_no_longer(dog: Watchdog) -> None:
    dog.rest()
    dog._watch()
    assert dog.seen is None


def test_the_watchdog_counts_the_messages_that_nobody_took() -> None:
    name = app.conf.task_default_queue
    with app.connection_for_write() as broker, broker.SimpleQueue(name) as queue:
        queue.clear()  # of what other tests left
        before = watchdog.messages()
        queue.put({"wake": "up"})
        assert watchdog.messages() == before + 1
        queue.get(timeout=5).ack()


@pytest.mark.redis
def test_it_counts_them_on_redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(**kwargs: Any) -> Any:
        return app.connection_for_write(url=redis_url, transport_options={})

    monkeypatch.setattr(app, "connection_for_read", connected)
    assert watchdog.messages() == 0
    with connected() as broker, broker.SimpleQueue(app.conf.task_default_queue) as queue:
        queue.put({"wake": "up"})
        assert watchdog.messages() == 1
        queue.get(timeout=5).ack()
