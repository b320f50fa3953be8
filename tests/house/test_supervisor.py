"""The supervisor of ``make run``: starts again what ends, leaves nobody behind, and knows when there is no point."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config import supervisor
from config.environment import BASE_DIR
from config.supervisor import Child

SCRIPT = """
import json, sys
from config import supervisor
supervisor.SHORTEST, supervisor.PATIENCE = 0.05, 1
sys.exit(supervisor.main("READ ME", json.loads(sys.argv[1]), sys.argv[2]))
"""


def start(folder: Path, output: Any = subprocess.PIPE, **commands: list[str]) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", SCRIPT, json.dumps(commands), str(folder)]
    return subprocess.Popen(words, cwd=BASE_DIR, stdout=output, stderr=subprocess.STDOUT, text=True)


@contextmanager
def supervised(folder: Path, **commands: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Each was started once at least, which may have ended since. Stopped at the end, by force where it is deaf."""
    process = start(folder, **commands)
    try:
        wait_for(folder, lambda state: all(state[name]["starts"] for name in commands))
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def wait_for(folder: Path, there: Any) -> dict[str, Any]:
    """What is kept of the processes, once it is so."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        path = folder / supervisor.STATE
        state: dict[str, Any] = json.loads(path.read_text())["processes"] if path.exists() else {}
        if state and there(state):
            return state
        time.sleep(0.02)
    raise AssertionError(f"not so after 20 s: {state}")


def sleeping(pid: int) -> bool:
    """Whether there is such a process, other than one that has ended and was not yet asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_what_is_killed_again_and_again_at_once_is_started_again_and_the_others_stay(tmp_path: Path) -> None:
    with supervised(tmp_path, web=["sleep", "61"], worker=["sleep", "62"]) as process:
        state = wait_for(tmp_path, lambda state: state["worker"]["pid"])
        web = state["web"]["pid"]
        for times in range(2, 8):
            os.kill(state["worker"]["pid"], signal.SIGKILL)
            state = wait_for(tmp_path, lambda state, n=times: state["worker"]["starts"] == n and state["worker"]["pid"])
        assert state["web"] == {"pid": web, "since": state["web"]["since"], "starts": 1, "last_end": ""}
        assert state["worker"]["last_end"] == "was ended by SIGKILL"
        assert time.time() - 20 < state["worker"]["since"] <= time.time()
    assert process.returncode == 0
    assert not (tmp_path / supervisor.STATE).exists()


def noted(folder: Path, state: dict[str, Any]) -> str:
    """What the process that runs now has written of itself."""
    path = folder / str(state["web"]["pid"])
    return path.read_text().strip() if path.exists() else ""


@pytest.mark.slow
def test_what_a_killed_process_left_behind_is_ended_with_it(tmp_path: Path) -> None:
    command = ["sh", "-c", f"sleep 63 & echo $! > {tmp_path}/$$; wait"]
    with supervised(tmp_path, web=command):
        state = wait_for(tmp_path, lambda state: noted(tmp_path, state))
        child = int(noted(tmp_path, state))
        assert sleeping(child)
        os.kill(state["web"]["pid"], signal.SIGKILL)
        wait_for(tmp_path, lambda state: state["web"]["starts"] == 2)
        assert not sleeping(child)


@pytest.mark.slow
@pytest.mark.parametrize("command", [["sh", "-c", "echo no such table; exit 3"], ["/no/such/program"]])
def test_all_is_stopped_where_one_cannot_start_at_all(tmp_path: Path, command: list[str]) -> None:
    process = start(tmp_path, web=["sleep", "64.5"], worker=command)
    told, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "worker cannot start, so that all is stopped; the lines above say why" in told
    assert told.count("no such table") in {0, supervisor.TRIES}
    assert subprocess.run(["pgrep", "-f", "^sleep 64.5$"], capture_output=True, check=False).stdout == b""


@pytest.mark.slow
def test_what_ends_without_a_fault_is_started_again_for_ever(tmp_path: Path) -> None:
    with supervised(tmp_path, web=["sleep", "65"], worker=["sh", "-c", "exit 0"]):
        wait_for(tmp_path, lambda state: state["worker"]["starts"] > supervisor.TRIES + 1)


@pytest.mark.slow
def test_who_does_not_listen_is_killed(tmp_path: Path) -> None:
    command = ["sh", "-c", f"trap '' TERM; echo ready > {tmp_path}/ready; while true; do sleep 66.5; done"]
    with supervised(tmp_path, web=command) as process:
        while not (tmp_path / "ready").exists():
            time.sleep(0.02)
        began = time.monotonic()
        process.terminate()
        assert process.wait(timeout=20) == 0
        assert time.monotonic() - began < 10
    assert subprocess.run(["pgrep", "-f", "^sleep 66.5$"], capture_output=True, check=False).stdout == b""


@pytest.mark.slow
def test_what_processes_say_is_passed_on_to_the_last_word_and_the_banner_comes_once(tmp_path: Path) -> None:
    says = ["sh", "-c", "echo Listening at: here; head -c 200000 /dev/zero | tr '\\0' x; printf 'last words'; exit 3"]
    told, _ = start(tmp_path, web=says).communicate(timeout=20)
    assert told.count("READ ME") == 1
    assert told.count("last words\n") == supervisor.TRIES
    assert told.count("x") >= supervisor.TRIES * 200_000
    assert "web ended with code 3; it is started again in 0." in told


@pytest.mark.slow
def test_a_terminal_that_takes_nothing_ends_nobody(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        process = start(tmp_path, output=full, web=["sh", "-c", "while echo hello; do sleep 0.01; done"])
        wait_for(tmp_path, lambda state: state["web"]["pid"])
        time.sleep(0.5)
        assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=20) == 0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def lives(child: Child, clock: list[float], seconds: float, code: int = 1) -> float:
    """The pause after a life of so many seconds."""
    child.began = clock[0]
    clock[0] += seconds
    child.judge(code)
    return child.due - clock[0]


def test_the_pause_grows_to_half_a_minute_and_begins_anew_after_a_steady_life(clock: list[float]) -> None:
    child = Child("worker", [])
    pauses = [lives(child, clock, 20) for _ in range(9)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert lives(child, clock, supervisor.STEADY) == 0.5
    assert not child.hopeless()


def test_who_once_ran_is_never_given_up(clock: list[float]) -> None:
    child = Child("worker", [])
    lives(child, clock, supervisor.STEADY)
    for _ in range(20):
        lives(child, clock, 1)
    assert not child.hopeless()


@pytest.mark.parametrize("code", [0, -signal.SIGKILL, -signal.SIGTERM])
def test_who_was_stopped_by_somebody_did_not_fail_to_start(clock: list[float], code: int) -> None:
    child = Child("worker", [])
    for _ in range(20):
        lives(child, clock, 1, code)
    assert not child.hopeless()


def test_who_crashes_at_once_cannot_start(clock: list[float]) -> None:
    child = Child("worker", [])
    for _ in range(supervisor.TRIES):
        assert not child.hopeless()
        lives(child, clock, 1, -signal.SIGSEGV)
    assert child.hopeless()
    assert child.last_end == "was ended by SIGSEGV"
