"""The product's processes, started for a measurement and gone afterwards."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from config.environment import BASE_DIR
from tests.servers import LOCAL, free_port


@contextmanager
def running(*words: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """``python`` with these words; terminated at the end, by force where it does not listen."""
    command = [sys.executable, *words]
    process = subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def web_server() -> Iterator[str]:
    """Gunicorn as ``make run`` starts it, in this process's environment; yields its address."""
    port = free_port()
    words = ["--config", "python:config.gunicorn", "--bind", f"{LOCAL}:{port}", "--log-level", "error"]
    with running("-m", "gunicorn", "config.wsgi", *words):
        wait_until_ready(port)
        yield f"{LOCAL}:{port}"


@contextmanager
def worker(name: str) -> Iterator[None]:
    """A worker that does one thing at a time."""
    words = ["-m", "celery", "--quiet", "-A", "config", "worker", "--pool", "solo", "-n", f"{name}@%h", "-l", "error"]
    with running(*words, "--without-gossip", "--without-mingle"):
        yield


def wait_until_ready(port: int, patience: float = 120) -> None:
    """Until the web server says so. Raises TimeoutError."""

    def ready() -> bool:
        try:
            with urlopen(f"http://{LOCAL}:{port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False

    wait_until(ready, patience, pause=0.1)


def wait_until(done: Callable[[], bool], patience: float, pause: float = 0.01) -> None:
    """Look again and again, for so many seconds. Raises TimeoutError."""
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done after {patience:g} seconds")
        time.sleep(pause)


def family(pid: int) -> list[int]:
    """A process and all that came from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it ended meanwhile
        parents.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def proportional_memory(pids: list[int]) -> float:
    """What processes hold in memory, shared pages in proportion (PSS), in MB."""
    kilobytes = 0
    for pid in pids:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        kilobytes += int(found[1]) if found else 0
    return kilobytes / 1000


def environment(**settings: str) -> dict[str, str]:
    """This process's environment with these settings."""
    return {**os.environ, **settings}
