"""``make run`` whose processes are killed: the site answers, and what was changed afterwards reaches the matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.filequeue import FileQueues
from tests.processes.company import Installation
from tests.processes.supervised import running, wait_until

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
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("supervised")
    made = Installation(f"sqlite:///{folder}/company.sqlite3", folder / "var")
    made.set_up()
    return made


def test_a_worker_killed_five_times_leaves_the_site_up_and_is_back(installation: Installation, tmp_path: Path) -> None:
    with running(installation, tmp_path / "log") as made:
        before = installation.matrices()
        web = made.state()["web"]["pid"]
        for _ in range(5):
            made.kill("worker")
        assert made.change(tmp_path, 987_654) < 120
        after = installation.matrices()
        assert made.state()["web"]["pid"] == web
        assert made.state()["worker"]["starts"] == 6
    assert before != after
    assert made.failures == []
    assert made.answers > 20
    assert made.process.returncode == 0
    assert made.log.read_text().count("worker was ended by SIGKILL; it is started again in ") == 5


def test_messages_that_cannot_be_read_do_not_end_the_worker(installation: Installation, tmp_path: Path) -> None:
    with running(installation, tmp_path / "log") as made:
        folder = next(Path(installation.environment["VAR_DIR"]).glob("*/queue"))
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


def test_a_web_server_that_is_killed_is_back_and_the_worker_stays(installation: Installation, tmp_path: Path) -> None:
    with running(installation, tmp_path / "log") as made:
        worker = made.state()["worker"]["pid"]
        made.kill("web")
        assert made.answer("/healthz") == "" or made.state()["web"]["starts"] == 2
        made.change(tmp_path, 456_654)
        wait_until(lambda: not made.answer("/readyz"), 60)  # on a busy machine it is back later than the cells are
        assert made.state()["worker"] | {"since": 0} == {"pid": worker, "since": 0, "starts": 1, "last_end": ""}
