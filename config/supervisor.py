"""Runs a few commands together until Ctrl-C, SIGTERM or the end of one of them.

A program of its own, which imports honcho alone, for it stays for as long as they do: config/run.py becomes
it once the database is ready, and gives what it had in memory back.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys

from honcho import manager as honcho
from honcho.printer import Message, Printer

STOPPED_BY_HAND = {130, 143}  # SIGINT, SIGTERM
PATIENCE = 10  # seconds in which a worker may end what it does; to be killed does no harm, only costs a repeat


class Terminal(Printer):  # type: ignore[misc]
    """Prints what the processes say, and the banner once the web server listens."""

    def __init__(self, banner: str) -> None:
        super().__init__(sys.stdout)
        self.banner = banner

    def write(self, message: Message) -> None:
        """Print one line of a process."""
        super().write(message)
        if message.name == "web" and b"Listening at" in message.data:
            sys.stdout.write(self.banner + "\n")
            sys.stdout.flush()


def main(banner: str, commands: dict[str, list[str]]) -> int:
    """Run the commands; 0 where a person stopped them, else the code of the one that ended."""
    honcho.KILL_WAIT = PATIENCE
    manager = honcho.Manager(Terminal(banner))
    for name, command in commands.items():
        manager.add_process(name, "exec " + shlex.join(command))
    # A closed terminal stops everything too: the processes have sessions of their own.
    signal.signal(signal.SIGHUP, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    return 0 if manager.returncode in STOPPED_BY_HAND else int(manager.returncode or 1)


if __name__ == "__main__":
    sys.exit(main(*json.loads(os.environ.pop("TIERBOARD_COMMANDS"))))
