"""Runs a few commands together until Ctrl-C, SIGTERM or SIGHUP, and starts again what ends by itself.

Of the standard library alone. Who uses it says how a command becomes a process: `spawn`, or config/forks.py. How the
processes fare is told at the terminal, and kept for others in a file (STATE, see `Supervisor.state`).
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any, Protocol

PATIENCE = 10  # seconds in which a process may end what it does; to be killed does no harm, only costs a repeat
TICK = 0.2  # seconds between two looks at who has ended
SHORTEST, LONGEST = 0.5, 30.0  # seconds until what ended is started again: each time twice as long
STEADY = 60.0  # seconds after which a process has shown that it runs
AT_ONCE = 15.0  # seconds within which an end counts as not having started
TRIES = 4  # how often in a row one that never ran may fail to start
STATE = "processes.json"
BY_OTHERS = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
LINE = 1 << 16  # bytes of a line that are held back until it ends


class Process(Protocol):
    """What is to be known of a process that runs."""

    @property
    def pid(self) -> int:
        """Its number, and its session's."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """All that it says."""

    def wait(self) -> int:
        """Its exit code once it has ended, below zero where a signal ended it."""


def spawn(command: list[str]) -> Process:
    """A program in a session of its own, so that a signal reaches its children too. Raises OSError."""
    return subprocess.Popen(  # noqa: S603 - our own list
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class Child:
    """One command, as often as it has to be started."""

    def __init__(self, name: str, command: list[str], launch: Callable[[list[str]], Process] = spawn) -> None:
        self.name, self.command, self.launch = name, command, launch
        self.process: Process | None = None
        self.half = b""
        self.due = self.began = 0.0  # by the monotonic clock
        self.started_at = 0.0  # by the wall's
        self.pause, self.starts, self.failures = SHORTEST, 0, 0
        self.ran = False
        self.last_end = ""

    def start(self) -> None:
        """Raises OSError."""
        self.began, self.started_at, self.half = time.monotonic(), time.time(), b""
        self.starts += 1
        self.process = self.launch(self.command)
        if self.process.stdout:
            os.set_blocking(self.process.stdout.fileno(), False)

    def read(self) -> bytes | None:
        """Some of what it has said; nothing where it has closed its output, None where it is silent just now."""
        if self.process is None or self.process.stdout is None:
            return None
        try:
            return os.read(self.process.stdout.fileno(), LINE)
        except BlockingIOError:
            return None

    def signal(self, number: signal.Signals) -> None:
        """To it and all of its children."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def ended(self) -> bool:
        """Whether it has ended; its number is still its own, so that what it left behind can be ended as well."""
        if self.process is None:
            return False
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def bury(self) -> int:
        """End what it left behind; its exit code."""
        assert self.process is not None  # noqa: S101 - who has ended was started
        self.signal(signal.SIGKILL)
        code = self.process.wait()
        self.process = None
        return code

    def judge(self, code: int) -> None:
        """What its end means for the next start. One that somebody killed or stopped could well have run."""
        lived = time.monotonic() - self.began
        self.last_end = how_it_ended(code)
        if lived >= STEADY:
            self.ran, self.pause, self.failures = True, SHORTEST, 0
        elif lived < AT_ONCE and code != 0 and code not in BY_OTHERS:
            self.failures += 1
        self.due = time.monotonic() + self.pause
        self.pause = min(2 * self.pause, LONGEST)

    def hopeless(self) -> bool:
        """Whether it has never run, and cannot even start."""
        return not self.ran and self.failures >= TRIES


def how_it_ended(code: int) -> str:
    """As a part of a sentence."""
    if code >= 0:
        return f"ended with code {code}"
    names = {number.value: number.name for number in signal.Signals}
    return f"was ended by {names.get(-code, f'signal {-code}')}"


def tell(text: str) -> None:
    """A line at the terminal, which may be closed by now, or a file on a full disk: everything goes on."""
    data = (text + "\n").encode(errors="replace")
    with suppress(OSError):
        while data:
            data = data[os.write(1, data) :]


class Supervisor:
    """Its processes, and what it tells of them."""

    def __init__(
        self,
        banner: str,
        commands: dict[str, list[str]],
        folder: Path | None,
        launch: Callable[[list[str]], Process],
    ) -> None:
        self.banner, self.folder = banner, folder
        self.children = [Child(name, command, launch) for name, command in commands.items()]
        self.width = max(map(len, ["system", *commands]))
        self.selector = selectors.DefaultSelector()
        self.stopping = False

    # ---- telling

    def say(self, name: str, line: str) -> None:
        """A line of a process, or of this one."""
        tell(f"{time.strftime('%H:%M:%S')} {name:<{self.width}} | {line}")

    def note(self) -> None:
        """Keep for others how each process fares. A disk that takes it not costs this news alone."""
        if self.folder is None:
            return
        beside = self.folder / f"{STATE}.{os.getpid()}"
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({"supervisor": os.getpid(), "processes": self.state()}, file)
            beside.replace(self.folder / STATE)
        except OSError:
            with suppress(OSError):
                beside.unlink()

    def state(self) -> dict[str, dict[str, Any]]:
        """By name: its pid (none while it waits to be started again), since when it runs (seconds since 1970), how
        often it was started, and how its last run ended.
        """
        return {
            child.name: {
                "pid": child.process.pid if child.process else None,
                "since": child.started_at if child.process else None,
                "starts": child.starts,
                "last_end": child.last_end,
            }
            for child in self.children
        }

    def hear(self, child: Child) -> bool:
        """Pass on some of what it has said since the last time; False where there is nothing more."""
        data = child.read()
        if data == b"" and child.process:  # it has closed its output
            self.forget(child.process.stdout)
        *lines, child.half = (child.half + (data or b"")).split(b"\n")
        if len(child.half) > LINE:
            lines, child.half = [*lines, child.half], b""
        for line in lines:
            self.pass_on(child, line)
        return bool(data)

    def forget(self, output: IO[bytes] | None) -> None:
        """Listen to it no more."""
        with suppress(KeyError, ValueError):
            self.selector.unregister(output)  # type: ignore[arg-type]

    def pass_on(self, child: Child, line: bytes) -> None:
        """One line of a process; and the banner once the web server listens."""
        self.say(child.name, line.decode(errors="replace"))
        if self.banner and child.name == "web" and b"Listening at" in line:
            tell(self.banner)
            self.banner = ""

    # ---- running

    def run(self) -> int:
        """Until somebody stops it (0), or one of them cannot start at all (its exit code)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        code = 0
        while not self.stopping and not code:
            self.start_due()
            self.listen(TICK)
            code = self.look()
        self.end_all()
        return code

    def stop(self, number: int, frame: FrameType | None) -> None:
        """What a signal does: the loop ends them."""
        self.stopping = True

    def start_due(self) -> None:
        """Start what was not started yet, or has waited for long enough."""
        for child in self.children:
            if child.process is None and not child.hopeless() and time.monotonic() >= child.due:
                self.start(child)

    def start(self, child: Child) -> None:
        """Start it, and say so."""
        try:
            child.start()
        except OSError as error:  # no program of that name, or no memory for another process
            self.say("system", f"{child.name} cannot be started: {error}")
            child.judge(127)
            return
        if child.process and child.process.stdout:
            self.selector.register(child.process.stdout, selectors.EVENT_READ, child)
            self.say("system", f"{child.name} started (pid={child.process.pid})")
        self.note()

    def listen(self, seconds: float) -> None:
        """Pass on what is said in that time."""
        if not self.selector.get_map():
            time.sleep(seconds)
        for key, _ in self.selector.select(seconds):
            self.hear(key.data)

    def look(self) -> int:
        """See to who has ended; the exit code where one of them cannot start at all, else 0."""
        for child in self.children:
            if child.ended():
                child.judge(self.bury(child))
                self.tell_end(child)
                self.note()
            if child.hopeless():
                self.say("system", f"{child.name} cannot start, so that all is stopped; the lines above say why")
                return 1
        return 0

    def bury(self, child: Child) -> int:
        """Hear its last words, and end what it left behind."""
        while self.hear(child):
            pass
        if child.half:
            self.pass_on(child, child.half)
        output = child.process.stdout if child.process else None
        code = child.bury()
        if output:
            self.forget(output)
            output.close()
        return code

    def tell_end(self, child: Child) -> None:
        """That it ended, and what comes next."""
        again = not self.stopping and not child.hopeless()
        then = f"; it is started again in {max(0, child.due - time.monotonic()):.1f} s" if again else ""
        self.say("system", f"{child.name} {child.last_end}{then}")

    # ---- the end

    def end_all(self) -> None:
        """Let each end what it does, and kill what takes longer than PATIENCE."""
        self.stopping = True
        self.say("system", "stopping")
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while any(child.process for child in self.children):
            if time.monotonic() > deadline:
                for child in self.children:
                    child.signal(signal.SIGKILL)
            self.listen(TICK)
            for child in self.children:
                if child.ended():
                    child.last_end = how_it_ended(self.bury(child))
                    self.tell_end(child)
        if self.folder is not None:
            with suppress(OSError):
                (self.folder / STATE).unlink()


def main(
    banner: str,
    commands: dict[str, list[str]],
    folder: str = "",
    launch: Callable[[list[str]], Process] = spawn,
) -> int:
    """Run the commands; 0 where a person stopped them, 1 where one of them cannot start."""
    return Supervisor(banner, commands, Path(folder) if folder else None, launch).run()
