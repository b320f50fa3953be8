"""Writers and readers of one file channel at once, with readers that are killed now and then."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.processes.forks import ROOT

WRITERS, READERS = 4, 2
PATIENCE = 300  # seconds until it should be over
PAUSES = (0.05, 0.3)  # seconds between two looks at who may be killed
WORKED = 20_000  # bytes of a reader's notes, some four hundred messages: who has so many behind it may be killed


def started(*words: str | Path) -> subprocess.Popen[bytes]:
    """One of tests/processes/carrying.py."""
    return subprocess.Popen([sys.executable, "-m", "tests.processes.carrying", *map(str, words)], cwd=ROOT)


class Reader:
    """A reader, and what it notes: a line before and after each acknowledgement, and one for each message taken."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.log, self.killed = log, False
        self.process = started("read", folder, log)

    def worked(self) -> bool:
        """Whether it lives and has some hundred messages behind it, however fast the machine is."""
        return self.process.poll() is None and self.log.exists() and self.log.stat().st_size > WORKED

    def kill(self) -> None:
        """SIGKILL: no clean-up runs."""
        self.killed = True
        self.process.kill()
        self.process.wait()

    def noted(self, what: str) -> Counter[str]:
        """The messages of its lines of that kind. A kill may cut its last line short."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return Counter(line.split(" ")[1] for line in lines if line.startswith(what + " "))


class Carriage:
    """So many messages through the channel of one folder; what became of them."""

    def __init__(self, folder: Path, messages: int) -> None:
        self.folder, self.each, self.kills = folder, messages // WRITERS, 0
        self.readers: list[Reader] = []

    def run(self) -> None:
        """Until nothing is left. Raises TimeoutError."""
        self.writers = [started("write", self.folder, f"w{number}", str(self.each)) for number in range(WRITERS)]
        try:
            for _ in range(READERS):
                self._hire()
            self._trouble()
            (self.folder / "done").touch()
            self.codes = [process.wait(timeout=60) for process in self._alive()]
        finally:
            for process in self._alive():
                process.kill()
                process.wait()

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        return self.writers + [reader.process for reader in self.readers if not reader.killed]

    def _hire(self) -> None:
        self.readers.append(Reader(self.folder, self.folder / f"reader{len(self.readers)}.log"))

    def _trouble(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.left():
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {PATIENCE} s there are left: {self.left()[:3]}")
            time.sleep(random.uniform(*PAUSES))
            candidates = [reader for reader in self.readers if reader.worked() and not reader.killed]
            if candidates and len(self.left()) > 100:
                random.choice(candidates).kill()
                self.kills += 1
                self._hire()

    def left(self) -> list[str]:
        """Files that are still in the channel; writers that still write count as a hundred."""
        writing = [name for process in self.writers if process.poll() is None for name in ["a writer"] * 101]
        parts = ("writing", "waiting", "taken")
        return writing + [
            name for part in parts for _, _, names in os.walk(self.folder / "queue" / part) for name in names
        ]

    def lost(self) -> set[str]:
        """Messages that nobody finished."""
        done = {message for reader in self.readers for message in reader.noted("acknowledging")}
        return {f"w{writer}-{number}" for writer in range(WRITERS) for number in range(self.each)} - done

    def twice(self) -> set[str]:
        """Messages that somebody got although another had them, other than a killed one who had not acknowledged."""
        had: Counter[str] = Counter()
        for reader in self.readers:
            acknowledged = reader.noted("acknowledged")
            for message, times in reader.noted("took").items():
                had[message] += times if message in acknowledged or not reader.killed else times - 1
        return {message for message, times in had.items() if times > 1}
