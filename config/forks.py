"""``make run``'s supervisor in a process that has loaded the product: its web server and its worker are forks of it.

What is loaded is in memory once, and whoever is started again is there at once.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from config import supervisor
from config.loading import load

PYTHON = [sys.executable, "-m"]
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InTheForkError(BaseException):
    """Leads a fork out of all that its parent was at, to where it runs its own words."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(words)
        self.words = words


class Fork:
    """A process that runs a module as ``python -m`` does."""

    def __init__(self, words: list[str]) -> None:
        """It has a session of its own, and hears signals, once this returns. Raises OSError."""
        output, its_output = os.pipe()
        prepared, preparing = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(output)
            stand_alone(words[0], its_output)
            os.close(prepared)
            os.close(preparing)
            raise InTheForkError(words)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        os.close(its_output)
        os.close(preparing)
        self.stdout: IO[bytes] | None = os.fdopen(output, "rb", buffering=0)
        os.read(prepared, 1)  # nothing comes: it ends when the fork has closed it, or is gone
        os.close(prepared)

    def wait(self) -> int:
        """Its exit code once it has ended, below zero where a signal ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def stand_alone(name: str, output: int) -> None:
    """Take from a fork its parent's session, terminal and signals."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    with suppress(OSError):  # what ps and top call it, where there is such a file
        Path("/proc/self/comm").write_text(f"tierboard-{name}")


def start(command: list[str]) -> supervisor.Process:
    """A fork where the command is a Python module, a program of its own otherwise. Raises OSError."""
    return Fork(command[2:]) if command[:2] == PYTHON else supervisor.spawn(command)


def main() -> int:
    """Load the product and run the commands that config/run.py tells; in a fork, run its module."""
    banner, commands, folder = json.loads(os.environ.pop("TIERBOARD_COMMANDS"))
    try:
        load_what_runs_it()
        return supervisor.main(banner, commands, folder, start)
    except KeyboardInterrupt:
        sys.exit("Stopped before it was ready; run it again to go on.")
    except InTheForkError as fork:
        words = fork.words
    run(words)  # out here, so that what its parent was at has gone with the error
    return 0


def run(words: list[str]) -> None:
    """Run a module in this process, as ``python -m`` does with these words."""
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def load_what_runs_it() -> None:
    """The product, and of the two libraries that run it what each imports once it begins."""
    from celery import beat  # noqa: F401
    from celery.apps import worker  # noqa: F401
    from gunicorn import arbiter  # noqa: F401
    from gunicorn.app import wsgiapp  # noqa: F401

    load()
    from config import patience, watchdog  # noqa: F401 - only now: Django has to be set up

    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
