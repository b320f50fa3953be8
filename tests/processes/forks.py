"""Processes that are forks of one that has Django set up, and has opened nothing yet.

A fork has connections of its own and is killed as any other process is; what it does not do again is a second of
imports, and another of checks. ``python -m tests.processes.forks`` is what they are forked from: it is told of each
by a socket, with the files that are to be its input, its output and its errors, and one that takes its exit status.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
_LINK = "FORKS_ASKED_BY"


class Fork:
    """One of them, used as a ``subprocess.Popen[str]`` is."""

    def __init__(self, pid: int, stdin: IO[str], stdout: IO[str], status: int) -> None:
        self.pid, self.stdin, self.stdout, self._status = pid, stdin, stdout, status
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, below zero where a signal ended it. Raises TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = int(os.read(self._status, 32))
            os.close(self._status)
        return self.returncode

    def poll(self) -> int | None:
        """The same, where it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def communicate(self, text: str = "", timeout: float | None = None) -> tuple[str, None]:
        """Say something to it, wait for its end, and answer what it has said: few lines, or a pipe would be full."""
        with suppress(BrokenPipeError), self.stdin:
            self.stdin.write(text)
        self.wait(timeout)
        with self.stdout:
            return self.stdout.read(), None

    def kill(self) -> None:
        """SIGKILL, where it has not ended."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM, where it has not ended."""
        self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class Forks:
    """What they are forked from, with one environment for all of them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._link, theirs = socket.socketpair()
        with theirs:
            self._origin = subprocess.Popen(
                [sys.executable, "-m", "tests.processes.forks"],
                cwd=ROOT,
                env={**environment, _LINK: str(theirs.fileno())},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(self, words: Sequence[str], output: IO[bytes] | None = None, errors: IO[bytes] | None = None) -> Fork:
        """Have ``python`` with these words run; what it says can be read from it unless a file takes it."""
        said, ours = os.pipe()
        heard, their_output = os.pipe()
        status, their_status = os.pipe()
        files = [said, output.fileno() if output else their_output, errors.fileno() if errors else 2, their_status]
        socket.send_fds(self._link, [json.dumps(words).encode()], files)
        pid = int(self._link.recv(32))
        for file in (said, their_output, their_status):
            os.close(file)
        return Fork(pid, os.fdopen(ours, "w"), os.fdopen(heard), status)

    def end(self) -> None:
        """No more of them; who still runs is killed."""
        self._link.close()
        self._origin.wait(timeout=30)


def serve(link: socket.socket) -> list[str]:
    """Fork whoever is asked for until nobody can ask any more; answers in a fork alone, with its words."""
    ended, noticed = os.pipe()
    for end in (ended, noticed):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(noticed)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # it wakes the loop
    alive: dict[int, int] = {}
    while True:
        ready = select.select([link.fileno(), ended], [], [])[0]
        if ended in ready:
            os.read(ended, 64)
            tell_of_ended(alive)
        if link.fileno() not in ready:
            continue
        asked, files, *_ = socket.recv_fds(link, 2**16, 4)
        if not asked:
            break
        pid = os.fork()
        if not pid:
            begin(files)
            return list(json.loads(asked))
        alive[pid] = files.pop()
        for file in files:
            os.close(file)
        link.send(str(pid).encode())
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    sys.exit()


def tell_of_ended(alive: dict[int, int]) -> None:
    """The exit status of each that has ended, to who waits for it."""
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            status = alive.pop(found[0])
            with suppress(BrokenPipeError):
                os.write(status, str(os.waitstatus_to_exitcode(found[1])).encode())
            os.close(status)


def begin(files: Sequence[int]) -> None:
    """As a process of its own: with these files alone, and no signal minded."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    os.closerange(3, 256)


def prepare() -> None:
    """All that commands and workers begin with, and nothing that is open."""
    import django

    django.setup()
    from django.core.checks import run_checks
    from django.db import connections

    run_checks()
    connections.close_all()
    for alias in connections:
        del connections[alias]  # each fork makes its own, and closes it at its end
    gc.collect()
    gc.freeze()


def run(words: Sequence[str]) -> None:
    """What ``python`` does with these words."""
    if words[0] == "-m":
        sys.argv[:] = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv[:] = words
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    asking = socket.socket(fileno=int(os.environ.pop(_LINK)))
    prepare()
    run(serve(asking))
