"""Two worker machines share a rollup, and the network of one breaks in the middle of it.

``python -m bench.soak.machines``, a part of ``make soak``: the machines are network namespaces, each with a
cable of its own to the servers. It needs root and ``ip``; without them it says so and proves nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.soak.servers import Postgres, RedisServer, both
from config.environment import BASE_DIR
from tests.processes.company import Installation
from tests.servers import LOCAL

# Where the cut-off worker stands when its cable is pulled: it holds a part's rows, or the lock of all rollups.
POINTS = ("reading facts", "before publishing")
NETWORKS = {"left": "10.223.1", "right": "10.223.2"}
NOTHING = {"SliceTouch": 0, "TierTouch": 0, "StagedCell": 0}
WAKE = "from kpis.tasks import wake_rollup; wake_rollup.delay()"
MARK = "from tests.processes.seed import mark; mark()"
# The server ends a lost machine's transaction after one minute, and what is silent is sent again after one.
PATIENCE = 5 * 60


class Machine:
    """A machine at the end of a cable."""

    def __init__(self, name: str) -> None:
        self.name, self.space = name, f"tb-{os.getpid()}-{name}"
        self.cable, self.end = f"tb{os.getpid()}{name[0]}", f"tb{os.getpid()}{name[0]}e"
        self.server, self.own = f"{NETWORKS[name]}.1", f"{NETWORKS[name]}.2"

    def plug_in(self) -> None:
        """Make it, with its cable. Raises CalledProcessError where this machine does not let us."""
        ip("netns", "add", self.space)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", self.end, "netns", self.space)
        ip("address", "add", f"{self.server}/24", "dev", self.cable)
        ip("link", "set", self.cable, "up")
        for words in (("address", "add", f"{self.own}/24", "dev", self.end), ("link", "set", self.end, "up")):
            ip("-netns", self.space, *words)

    def pull(self) -> None:
        """Nothing gets through any more, and nobody is told."""
        ip("link", "set", self.cable, "down")

    def push(self) -> None:
        """The cable is back."""
        ip("link", "set", self.cable, "up")

    def scrap(self) -> None:
        """Gone, its cable with it."""
        subprocess.run(["ip", "netns", "delete", self.space], capture_output=True, check=False)
        subprocess.run(["ip", "link", "delete", self.cable], capture_output=True, check=False)

    def start(self, env: Mapping[str, str], *words: str) -> subprocess.Popen[str]:
        """``python`` with these words on that machine."""
        pipe = subprocess.PIPE
        command = ["ip", "netns", "exec", self.space, sys.executable, *words]
        return subprocess.Popen(
            command, cwd=BASE_DIR, env=env, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )


def ip(*words: str) -> None:
    """The command of that name."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def missing() -> str:
    """Why this machine cannot do it; empty where it can."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        return "root and the command “ip” are needed"
    machine = Machine("left")
    try:
        machine.plug_in()
    except subprocess.CalledProcessError as error:
        return f"no network namespaces here: {error.stderr.decode().strip()}"
    finally:
        machine.scrap()
    return ""


class Case:
    """One company, two machines, one point at which the cable is pulled."""

    def __init__(self, name: str, postgres: Postgres, redis: RedisServer, folder: Path) -> None:
        postgres.create(name)
        self.name, self.postgres, self.redis, self.folder = name, postgres, redis, folder
        self.here = Installation(postgres.url(name), folder / name)
        self.here.environment["REDIS_URL"] = redis.url
        redis.flush()
        self.here.set_up()

    def environment(self, machine: Machine) -> dict[str, str]:
        """The same servers, as that machine sees them."""
        seen = {key: self.here.environment[key].replace(LOCAL, machine.server) for key in ("DATABASE_URL", "REDIS_URL")}
        return self.here.environment | seen | {"VAR_DIR": str(self.folder / f"{self.name}-{machine.name}")}

    def wait_until_done(self) -> float:
        """Wake like the scheduler until nothing is left; the seconds that it took. Raises TimeoutError."""
        started = time.monotonic()
        while self.here.leftovers() != NOTHING:
            if time.monotonic() > started + PATIENCE:
                raise TimeoutError(f"{self.name}: {self.here.leftovers()} after {PATIENCE} s")
            self.here.run("manage.py", "shell", "-v0", "-c", WAKE)
            time.sleep(3)
        return time.monotonic() - started


def cut_off(case: Case, point: str, left: Machine, right: Machine) -> dict[str, Any]:
    """The rollup with the left machine cut off at that point; then it comes back and works alone."""
    worker = ("-m", "celery", "--quiet", "-A", "config", "worker", "--pool", "solo", "-n", "right@%h", "-l", "error")
    with ExitStack() as stack:
        case.here.run("manage.py", "shell", "-v0", "-c", WAKE)
        cut = stack.enter_context(
            ending(left.start(case.environment(left), "-m", "tests.processes.dying", "worker", point))
        )
        wait_for_line(cut, "here")
        other = stack.enter_context(ending(right.start(case.environment(right), *worker)))
        time.sleep(10)  # the other has done what it can
        left.pull()
        go_on(cut)
        took = case.wait_until_done()
        first = case.here.matrices()
        left.push()
        other.terminate()
        other.wait(timeout=60)
        case.here.run("manage.py", "shell", "-v0", "-c", MARK)
        back = case.wait_until_done()
        return {"took": took, "matrices": first, "back": back, "again": case.here.matrices()}


@contextmanager
def ending(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Killed at the end."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for_line(process: subprocess.Popen[str], line: str) -> None:
    """Read its output until then. Raises RuntimeError where it ends before."""
    if process.stdout is None or f"{line}\n" not in iter(process.stdout.readline, ""):
        raise RuntimeError(f"the worker ended before it was {line}")


def go_on(process: subprocess.Popen[str]) -> None:
    """Let it take its next step."""
    if process.stdin is not None:
        process.stdin.write("\n")
        process.stdin.flush()


def main() -> int:
    """0 where the cells are right in each case, 1 where they are not; 0 and a sentence where it cannot be tried."""
    why = missing()
    if why:
        sys.stdout.write(f"Not tried: two worker machines of which one is cut off; {why}.\n")
        return 0
    left, right = Machine("left"), Machine("right")
    with ExitStack() as stack:
        for machine in (left, right):
            stack.callback(machine.scrap)
            machine.plug_in()
        postgres, redis = stack.enter_context(both(also=[left.server, right.server]))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tierboard-machines-")))
        undisturbed = Case("undisturbed", postgres, redis, folder).here.matrices()
        wrong = 0
        for number, point in enumerate(POINTS):
            found = cut_off(Case(f"case_{number}", postgres, redis, folder), point, left, right)
            good = found["matrices"] == undisturbed == found["again"]
            wrong += not good
            sys.stdout.write(
                f"Two machines, one cut off {point}: {'holds' if good else '**FAILS**'}; the run ended "
                f"{found['took']:.0f} s later, and back again it did the next one alone in {found['back']:.0f} s.\n"
            )
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
