"""Loads one file after the other by the real command, and keeps the order in which they were taken in."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.soak.files import File, Files
from config.environment import BASE_DIR

APPROVER = "approver@tierboard.example"
TRIES = 120


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit status, negative where it was killed, and what it said."""

    status: int
    out: str
    err: str


class Loader:
    """Does what the manual says: a load that was broken off is loaded again until it is taken in."""

    def __init__(self, files: Files, env: Mapping[str, str], chance: random.Random) -> None:
        self.files, self.env, self.chance = files, env, chance
        self.journal: list[dict[str, str]] = []
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.undoable: list[tuple[File, int]] = []
        self.current: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """The files that everything else rests on, in quiet; they are not taken back."""
        for file in self.files.beginning():
            self.load(file)
        self.undoable.clear()

    def go_on(self, over: threading.Event) -> None:
        """Load, and now and then take back, until it is over."""
        while not over.wait(self.chance.uniform(0.5, 3)):
            if self.undoable and self.chance.random() < 0.15:
                self.undo(*self.undoable.pop(self.chance.randrange(len(self.undoable))))
            else:
                self.load(self.files.another())

    def load(self, file: File) -> None:
        """Until it is taken in, or refused where it is bad."""
        approved = ["--approved-by", APPROVER] if file.kind == "targets" else []
        for number in range(TRIES):
            ended = self._command("load", file.kind, str(file.path), "--format", "json", *approved)
            if ended.status in {0, 1}:
                self._note(file, ended, at_once=number == 0)
                return
        self.wrong.append(f"{file.path.name} could not be loaded: {ended.err[-300:]}")

    def _note(self, file: File, ended: Ended, *, at_once: bool) -> None:
        if (ended.status == 0) is not file.good:
            self.wrong.append(f"{file.path.name} ended with {ended.status}: {ended.out[:300]} {ended.err[-300:]}")
        if ended.status == 1:
            self.counts["bad files refused"] += 1
            return
        self.counts["files taken in"] += 1
        self.journal.append({"verb": "load", "kind": file.kind, "file": str(file.path)})
        # One that was taken in although nobody heard so has been loaded twice, and the second load changed nothing.
        if at_once and file.kind != "customers":
            self.undoable = [*self.undoable[-5:], (file, int(json.loads(ended.out)["load"]))]

    def undo(self, file: File, load: int) -> None:
        """Take a load back, where no later one stands in the way."""
        for number in range(TRIES):
            ended = self._command("undo_load", str(load))
            if ended.status == 0 or (number and "taken back before" in ended.err):
                self.counts["loads taken back"] += 1
                self.journal.append({"verb": "undo", "file": str(file.path)})
                return
            if ended.status == 1:
                self.counts["loads that could not be taken back, for later ones"] += 1
                return
        self.wrong.append(f"load {load} could not be taken back: {ended.err[-300:]}")

    def _command(self, *words: str) -> Ended:
        """One command to its end; after one that was broken off, a moment."""
        command = [sys.executable, "manage.py", *words]
        self.current = subprocess.Popen(
            command, cwd=BASE_DIR, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        out, err = self.current.communicate()
        ended, self.current = Ended(self.current.returncode, out, err), None
        if "Traceback" in err and ended.status >= 0:
            self.wrong.append(f"{' '.join(words[:2])} ended with a stack trace: {err[-400:]}")
        if ended.status not in {0, 1}:
            self.counts["commands killed" if ended.status < 0 else "commands that met an outage"] += 1
            threading.Event().wait(1)
        return ended

    def kill(self) -> None:
        """SIGKILL to the command under way, if there is one."""
        if self.current is not None:
            self.current.kill()

    def write(self, path: Path) -> Path:
        """The order of what was taken in, for a fresh database."""
        path.write_text(json.dumps(self.journal))
        return path
