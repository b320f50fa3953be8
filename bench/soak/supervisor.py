"""Keeps the product's processes running, as a company's supervisor does: what has ended is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.processes import family
from config.environment import BASE_DIR
from tests.servers import LOCAL

CELERY = ["-m", "celery", "--quiet", "-A", "config"]
# Seconds until an ended program is started again.
PAUSE = 1.0


class Program:
    """One program: started again whenever it has ended, until the soak is over."""

    def __init__(self, name: str, words: list[str], env: Mapping[str, str], logs: Path) -> None:
        self.name, self.words, self.env, self.log = name, words, env, logs / f"{name}.log"
        self.starts = self.kills = 0
        self.groups: list[int] = []
        self.spared = False
        self.start()

    def start(self) -> None:
        """Start it in a group of its own, for its children outlive it when it is killed."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.words],
                cwd=BASE_DIR,
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.starts += 1
        self.groups.append(self.process.pid)

    def family(self) -> list[int]:
        """Its processes, the first one first."""
        return family(self.process.pid)

    def kill(self) -> None:
        """SIGKILL to the first process alone: its children find out by themselves."""
        self.kills += self.process.poll() is None
        self.process.kill()

    def kill_child(self, number: int) -> None:
        """SIGKILL to one of its children; to itself where it has none."""
        children = self.family()[1:]
        if not children:
            self.kill()
            return
        with suppress(ProcessLookupError):
            os.kill(children[number % len(children)], signal.SIGKILL)

    def end(self) -> None:
        """Everything that it ever started."""
        for group in self.groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """Looks after the programs."""

    def __init__(self, programs: list[Program]) -> None:
        self.programs = {program.name: program for program in programs}
        self.over = threading.Event()
        self.watching = threading.Thread(target=self._watch, daemon=True)
        self.watching.start()

    def _watch(self) -> None:
        while not self.over.wait(PAUSE):
            for program in self.programs.values():
                if program.process.poll() is not None:
                    program.start()

    def end(self) -> None:
        """Stop watching, then all."""
        self.over.set()
        self.watching.join()
        for program in self.programs.values():
            program.end()


def web(port: int, workers: int) -> list[str]:
    """Gunicorn as the container starts it."""
    bind = ["--config", "python:config.gunicorn", "--bind", f"{LOCAL}:{port}", "--workers", str(workers)]
    return ["-m", "gunicorn", "config.wsgi", *bind, "--log-level", "warning"]


def worker(name: str, *words: str) -> list[str]:
    """A worker as the container starts it."""
    return [*CELERY, "worker", *words, "--without-gossip", "--without-mingle", "-n", f"{name}@%h"]


@contextmanager
def supervised(env: Mapping[str, str], logs: Path, ports: tuple[int, int]) -> Iterator[Supervisor]:
    """Two web servers, two workers (one with child processes, one with threads) and the scheduler."""
    commands = {
        "web left": web(ports[0], 2),
        "web right": web(ports[1], 1),
        "worker left": worker("left", "--concurrency", "2"),
        "worker right": worker("right", "--pool", "threads", "--concurrency", "2"),
        "scheduler": [*CELERY, "beat"],
    }
    supervisor = Supervisor([Program(name, words, env, logs) for name, words in commands.items()])
    try:
        yield supervisor
    finally:
        supervisor.end()
