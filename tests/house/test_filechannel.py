"""The file channel: a message is whole or not there, is claimed once, and comes back if it was not acknowledged."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Queue
from kombu.exceptions import OperationalError

from config import filechannel, filequeue
from config import files as private_files
from config.celery import app
from config.filequeue import FileQueues
from core.outages import FULL, QUEUE, outage_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "queue"


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    filechannel.register()
    options = {"folder": str(folder), "polling_interval": 0.01}
    with Connection("filechannel://", transport_options=options) as made:
        yield made


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look is a new one, and tidies up."""
    monkeypatch.setattr(filequeue, "FRESH", -1.0)
    monkeypatch.setattr(filequeue, "TIDY", -1.0)


def send(connection: Connection, *bodies: Any, **options: Any) -> None:
    with opened(connection) as channel:
        for body in bodies:
            connection.Producer(channel).publish(body, routing_key="q", **options)


def opened(connection: Connection) -> Any:
    return connection.channel()


def files(folder: Path, part: str = "") -> list[Path]:
    return sorted(path for path in (folder / part).rglob("*") if path.is_file())


def receive(channel: Any) -> Any:
    message = channel.basic_get("q")
    return message and channel.message_to_python(message).decode()


def test_messages_come_in_the_order_in_which_they_were_sent(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(connection, 1, 2)
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)  # the clock was set back by years
    send(connection, 3, 4)
    with opened(connection) as channel:
        assert [receive(channel) for _ in range(5)] == [1, 2, 3, 4, None]


def test_a_message_that_is_still_being_written_is_not_seen(connection: Connection, folder: Path) -> None:
    send(connection, 1)
    whole = files(folder, "waiting")[0]
    whole.rename(folder / "writing" / whole.name)
    with opened(connection) as channel:
        assert receive(channel) is None


UNREADABLE = {
    "empty, as a full disk leaves it": b"",
    "half": b'{"body": "e30=", "prop',
    "not text": b"\xff\xfe\x00\x01",
    "not JSON": b"wake up",
    "nothing": b"null",
    "a number": b"1",
    "a list": b"[]",
    "no properties": b"{}",
    "properties of nothing": b'{"properties": null}',
    "body not in base64": b'{"body": "a", "properties": {"body_encoding": "base64"}}',
    "body in no encoding": b'{"body": "a", "properties": {"body_encoding": "none"}}',
    "body of a number": b'{"body": 3, "properties": {"body_encoding": "base64"}}',
    "nested deeply": b"[" * 100_000,
    "a number of many digits": b"1" * 10_000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_set_aside_and_told_once(
    connection: Connection, folder: Path, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    FileQueues(folder).put("q", body)
    send(connection, "after it")
    with opened(connection) as channel:
        assert [receive(channel), receive(channel)] == ["after it", None]
    assert [path.read_bytes() for path in files(folder, "broken")] == [body]
    assert len([record for record in caplog.records if "set aside" in record.getMessage()]) == 1


def test_what_cannot_be_opened_is_set_aside(connection: Connection, folder: Path) -> None:
    send(connection, 1, 2)
    first = files(folder, "waiting")[0]
    first.unlink()
    first.mkdir()
    with opened(connection) as channel:
        assert receive(channel) == 2
    assert (folder / "broken" / first.name).is_dir()


def test_a_message_on_which_its_consumer_fails_is_set_aside(connection: Connection, folder: Path) -> None:
    def take(body: Any, message: Any) -> None:
        took.append(message.headers["id"])
        message.ack()

    took: list[str] = []
    send(connection, "no id")
    send(connection, "good", headers={"id": "7"})
    with opened(connection) as channel, Consumer(channel, [Queue("q")], callbacks=[take]):
        channel.basic_qos(0, 1, False)
        connection.drain_events(timeout=1)
        connection.drain_events(timeout=1)
    assert took == ["7"]
    assert len(files(folder, "broken")) == 1
    assert len(files(folder)) == 1


@pytest.mark.usefixtures("at_once")
def test_what_a_reader_held_when_it_ended_comes_back_in_its_old_place(connection: Connection, folder: Path) -> None:
    send(connection, 1, 2, 3)
    lost = FileQueues(folder)
    assert [lost.claim("q"), lost.claim("q")].count(None) == 0
    with opened(connection) as channel:
        assert [receive(channel), receive(channel)] == [3, None]  # it lives, so what it holds is its own
        assert lost.reader
        os.close(lost.reader.number)  # as the system does when a process ends, however it ends
        assert [receive(channel), receive(channel), receive(channel)] == [1, 2, None]


def test_what_was_not_acknowledged_waits_again_when_the_channel_closes(connection: Connection, folder: Path) -> None:
    send(connection, 1, 2)
    with opened(connection) as channel:
        first = channel.basic_get("q")
        second = channel.basic_get("q")
        assert first
        assert second
        second.ack()
    with opened(connection) as channel:
        assert [receive(channel), receive(channel)] == [1, None]
    assert list((folder / "taken").iterdir()) == []


@pytest.mark.usefixtures("at_once")
def test_a_message_that_is_rejected_comes_again_or_never(connection: Connection, folder: Path) -> None:
    send(connection, 1, 2)
    with opened(connection) as channel:
        channel.basic_get("q").reject(requeue=True)
        again = channel.basic_get("q")
        assert again
        assert again.decode() == 1
        again.reject()
        assert receive(channel) == 2
    assert len(files(folder)) == 1  # 2 waits again


def test_who_acknowledges_nothing_leaves_nothing(connection: Connection, folder: Path) -> None:
    took: list[int] = []
    send(connection, 1, 2)
    with opened(connection) as channel:
        assert channel.basic_get("q", no_ack=True)
        with Consumer(channel, [Queue("q")], callbacks=[lambda body, message: took.append(body)], no_ack=True):
            connection.drain_events(timeout=1)
    assert took == [2]
    assert files(folder) == []


def test_two_readers_never_get_the_same(folder: Path) -> None:
    one, other = FileQueues(folder), FileQueues(folder)
    names = [one.put("q", b"{}") for _ in range(10)]
    claimed = [reader.claim("q") for _ in range(5) for reader in (one, other)]
    assert sorted(found.name for found in claimed if found) == names
    assert one.claim("q") is None


def test_queues_keep_apart(folder: Path) -> None:
    queues = FileQueues(folder)
    names = ("celery", "celery.pidbox", "a/../b", "%2F", "ü\n")
    for name in names:
        queues.put(name, name.encode())
    assert [queues.size(name) for name in names] == [1] * 5
    assert [found.body.decode() for name in names if (found := queues.claim(name))] == list(names)
    assert all(queues.claim(name) is None for name in names)


def test_a_queue_says_since_when_it_waits_and_is_purged(folder: Path) -> None:
    queues = FileQueues(folder)
    assert queues.oldest("q") is None
    before = time.time()
    for _ in range(3):
        queues.put("q", b"{}")
    oldest = queues.oldest("q")
    assert oldest
    assert before <= oldest <= time.time()
    assert queues.purge("q") == 3
    assert queues.size("q") == 0


@pytest.mark.usefixtures("at_once")
def test_expired_old_and_unfinished_messages_go_without_any_reader(connection: Connection, folder: Path) -> None:
    queues = FileQueues(folder)
    long_ago = datetime.now(UTC) - timedelta(seconds=1)
    send(connection, 1, headers={"expires": long_ago.isoformat()})
    (folder / "writing" / "half").write_bytes(b"{")
    (folder / "writing" / "just now").write_bytes(b"{")
    os.utime(folder / "writing" / "half", (0, 0))
    (folder / "waiting" / f"{10**18:020d}-{0:010d}-{'0' * 32}.q").write_bytes(b"{}")
    soon = datetime.now(UTC) + timedelta(hours=1)
    send(connection, 2, headers={"expires": soon.isoformat()})
    queues.put("other", b"{}")
    with opened(connection) as channel:
        assert [receive(channel), receive(channel)] == [2, None]
    assert [path.name for path in files(folder, "writing")] == ["just now"]
    assert queues.size("q") == 1


@pytest.mark.usefixtures("at_once")
def test_of_what_was_set_aside_the_newest_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filequeue, "KEPT", 3)
    queues = FileQueues(folder)
    for number in range(5):
        (folder / "waiting" / f"{number}").write_bytes(b"")
        queues.tidy()
    queues.tidy()
    assert [path.name for path in files(folder, "broken")] == ["2", "3", "4"]


def test_messages_of_the_channel_before_are_taken_over(folder: Path) -> None:
    folder.mkdir()
    uuid = "0b0a9a4e-8a3e-4a1e-9a35-0c6a5a0d4b11"
    (folder / f"17_{uuid}.q.msg").write_bytes(b"{}")
    (folder / f"18_{uuid}.q.msg").write_bytes(b"")
    queues = FileQueues(folder)
    queues.tidy()
    assert queues.size("q") == 2
    assert queues.oldest("q") == pytest.approx(time.time(), abs=60)


def test_nobody_else_may_read_messages(folder: Path) -> None:
    folder.mkdir(mode=0o777)
    before = os.umask(0)
    try:
        queues = FileQueues(folder)
        for _ in range(2):
            queues.put("q", b"{}")
        queues.claim("q")
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_dir()}
    assert modes | {folder.stat().st_mode & 0o777} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in files(folder)} == {0o600}


@pytest.mark.usefixtures("at_once")
def test_a_folder_that_somebody_emptied_is_made_again(connection: Connection, folder: Path) -> None:
    with opened(connection) as channel:
        send(connection, 1)
        assert receive(channel) == 1
        shutil.rmtree(folder)
        assert receive(channel) is None
        send(connection, 2, 3)
        shutil.rmtree(folder / "taken")
        assert {receive(channel), receive(channel), receive(channel)} >= {2, 3}


class Full:
    """A disk on which files can be made but not filled."""

    def __init__(self, number: int, *args: Any, **kwargs: Any) -> None:
        os.close(number)

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *args: object) -> None:
        return None

    def write(self, data: bytes) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told_as_such_and_nothing_half_stays(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(private_files, "open", Full, raising=False)
        with pytest.raises(OSError, match="No space left") as caught:
            send(connection, 1)
    assert outage_of(caught.value) is FULL
    assert files(folder) == []


def test_a_folder_that_cannot_be_written_is_a_queue_that_is_away(connection: Connection, folder: Path) -> None:
    with opened(connection) as channel:
        shutil.rmtree(folder)
        folder.write_text("in its place")
        with pytest.raises(OperationalError) as caught:
            connection.Producer(channel).publish(1, routing_key="q")
    assert outage_of(caught.value) is QUEUE


def test_a_folder_that_cannot_be_read_ends_nobody_and_is_told_once(
    connection: Connection, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(queues: FileQueues, queue: str) -> None:
        raise OSError(5, "Input/output error")

    send(connection, 1)
    with opened(connection) as channel:
        with monkeypatch.context() as patched:
            patched.setattr(FileQueues, "claim", fail)
            assert [receive(channel), receive(channel)] == [None, None]
        assert receive(channel) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "No message can be taken from the queue, which is tried again: [Errno 5] Input/output error"
    ]


def test_a_disk_that_fails_when_a_message_is_done_ends_nobody(
    connection: Connection, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, **options: Any) -> None:
        raise OSError(30, "Read-only file system")

    send(connection, 1)
    with opened(connection) as channel:
        message = channel.basic_get("q")
        assert message
        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", fail)
            message.ack()
    assert "may come a second time" in caplog.text


def test_nobody_commands_workers_through_files(folder: Path) -> None:
    options = {"folder": str(folder)}
    with app.connection_for_write(url="filechannel://", transport_options=options) as connection:
        assert app.control.ping(timeout=0.01, connection=connection) == []
    assert files(folder) == []


def test_a_message_says_what_it_is(connection: Connection, folder: Path) -> None:
    send(connection, {"wake": "up"})
    assert json.loads(files(folder, "waiting")[0].read_text())["content-type"] == "application/json"
