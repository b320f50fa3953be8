"""``make run`` on a small company: people read it all the while, and its worker is killed now and then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import build_opener

from tests.processes.company import Installation
from tests.processes.forks import ROOT
from tests.servers import LOCAL, free_port

NOTHING = {"SliceTouch": 0, "TierTouch": 0, "StagedCell": 0}
READ = ("/healthz", "/readyz", "/accounts/login/")


class Running:
    """The processes of one ``make run``, and whoever reads."""

    def __init__(self, installation: Installation, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.installation, self.process, self.url, self.log = installation, process, url, log
        self.answers, self.failures = 0, list[str]()
        self.over = threading.Event()

    def state(self) -> dict[str, dict[str, Any]]:
        """What the supervisor keeps of its processes."""
        path = next(Path(self.installation.environment["VAR_DIR"]).glob("*/processes.json"))
        state: dict[str, dict[str, Any]] = json.loads(path.read_text())["processes"]
        return state

    def kill(self, name: str) -> None:
        """SIGKILL to one of them, and wait for its successor. Raises TimeoutError."""
        pid = self.state()[name]["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.state()[name]["pid"] not in {None, pid}, 60)

    def answer(self, path: str) -> str:
        """Why it is none; empty where it is one."""
        try:
            with build_opener().open(self.url + path, timeout=20) as answer:
                return "" if answer.status == 200 else f"{path}: {answer.status}"
        except OSError as error:
            return f"{path}: {error}"

    def read(self, pause: float) -> None:
        """Go on reading until it is over."""
        while not self.over.wait(pause):
            for path in READ:
                failure = self.answer(path)
                self.answers += not failure
                if failure:
                    self.failures.append(failure)

    def change(self, folder: Path, value: int) -> float:
        """Load another value of a fact; the seconds until its cells are there. Raises TimeoutError."""
        file = folder / "change.csv"
        file.write_text(f"kpi,customer,month,numerator\nrevenue,C1,2026-03,{value}\n")
        began = time.monotonic()
        self.installation.run("manage.py", "load", "facts", str(file))
        wait_until(lambda: self.installation.leftovers() == NOTHING, 120)
        return time.monotonic() - began


@contextmanager
def running(installation: Installation, log: Path, pause: float = 0.1) -> Iterator[Running]:
    """``make run`` without its set-up, until it is ready, with a reader; stopped as by Ctrl-C at the end."""
    env = installation.environment | {"PORT": str(free_port()), "DEMO": "0"}
    url = f"http://{LOCAL}:{env['PORT']}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"], cwd=ROOT, env=env, stdout=output, stderr=output
        )
    made = Running(installation, process, url, log)
    reader = threading.Thread(target=made.read, args=[pause], daemon=True)
    try:
        wait_until(lambda: not made.answer("/readyz"), 120)
        reader.start()
        yield made
        made.over.set()
        reader.join()
    finally:
        made.over.set()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def wait_until(there: Callable[[], bool], seconds: float) -> None:
    """Look until it is so. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {seconds:.0f} s")
        time.sleep(0.2)
