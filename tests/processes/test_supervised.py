"""``make run`` whose processes are killed: the site answers, and what was changed afterwards reaches the matrix."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT

import pytest

from config.filequeue import FileQueues
from tests.processes.company import Installation
from tests.processes.supervised import Running, running, wait_until

pytestmark = pytest.mark.slow
POISON = {
    "empty": b"",
    "half": b'{"body": "W1tdLCB7fSwg',
    "no task": b'{"body": "e30=", "properties": {"body_encoding": "base64", "delivery_info": {}}, "headers": {}}',
    "a task without an id": (
        b'{"body": "W1tdLCB7fSwge31d", "content-type": "application/json", "content-encoding": "utf-8",'
        b' "properties": {"body_encoding": "base64", "delivery_info": {}},'
        b' "headers": {"task": "kpis.tasks.wake_rollup"}}'
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """It is started once, and goes on through all that the tests do to it."""
    folder = tmp_path_factory.mktemp("supervised")
    installation = Installation(f"sqlite:///{folder}/company.sqlite3", folder / "var")
    installation.set_up()
    with running(installation, folder / "log") as started:
        yield started


def test_messages_that_cannot_be_read_do_not_end_the_worker(made: Running, tmp_path: Path) -> None:
    folder = next(Path(made.installation.environment["VAR_DIR"]).glob("*/queue"))
    queues = FileQueues(folder)
    for body in POISON.values():
        queues.put("celery", body)
    poison = {message.name for message in queues.waiting.iterdir()}
    made.change(tmp_path, 123_321)
    assert made.state()["worker"]["starts"] == 1
    assert not poison & {message.name for message in queues.waiting.iterdir()}
    assert made.failures == []
    told = made.log.read_text()
    assert told.count("was set aside in") == len(list((folder / "broken").iterdir())) == 3
    assert "Traceback" not in told


def test_a_worker_killed_twice_leaves_the_site_up_and_is_back(made: Running, tmp_path: Path) -> None:
    before, answers = made.installation.matrices(), made.answers
    state = made.state()
    for _ in range(2):
        made.kill("worker")
    assert made.change(tmp_path, 987_654) < 120
    assert made.installation.matrices() != before
    assert made.state()["web"]["pid"] == state["web"]["pid"]
    assert made.state()["worker"]["starts"] == state["worker"]["starts"] + 2
    assert made.failures == []
    assert made.answers > answers + 20
    assert made.log.read_text().count("worker was ended by SIGKILL; it is started again in ") == 2


def test_a_web_server_that_is_killed_is_back_and_the_worker_stays(made: Running, tmp_path: Path) -> None:
    worker, starts = made.state()["worker"], made.state()["web"]["starts"]
    made.kill("web")
    assert made.answer("/healthz") == "" or made.state()["web"]["starts"] == starts + 1
    made.change(tmp_path, 456_654)
    wait_until(lambda: not made.answer("/readyz"), 60)  # on a busy machine it is back later than the cells are
    assert made.state()["worker"] == worker


def test_ctrl_c_ends_it_well(made: Running) -> None:
    made.over.set()
    made.process.send_signal(SIGINT)
    assert made.process.wait(timeout=60) == 0
