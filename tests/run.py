"""``make test``: every test on SQLite, and what databases may differ in on PostgreSQL, each with throw-away servers.

``tests/databases.py`` says what that is, and names the modules that run once. What is missing on this machine is named
in the last lines; with REQUIRE_ALL=1 it is a failure. Arguments go to pytest.

Both go on at once, so that one is at work while the other waits for its last modules; PostgreSQL's lines are told when
SQLite's have ended. A module runs in one process, those that take longest first. SQLite has a process more than a
small machine has cores, for the tests of processes and browsers wait for most of their time.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
TOLD = 10  # modules whose time is told
CORES = min(os.cpu_count() or 1, 4)
NEEDED = {
    "initdb": (servers.find_initdb, "the tests on PostgreSQL"),
    "redis-server": (servers.find_redis, "the tests with Redis"),
    "chromium": (servers.find_chromium, "the browser tests"),
    "soffice": (servers.find_soffice, "the spreadsheet tests"),
}


def main(arguments: list[str]) -> int:
    """Run both passes; 0 where everything that can run here passed (and, if required, everything can)."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    missing = {name: what for name, (find, what) in NEEDED.items() if find() is None}
    with ExitStack() as started:
        begun = {"SQLite": begin(started, missing, CORES + 1, ["-m", "not postgres", *arguments])}
        if "initdb" not in missing:
            # The cache of what failed last is SQLite's: it is a file, and two would write it at once.
            options = ["--database-only", "-p", "no:cacheprovider", *arguments]
            begun["PostgreSQL"] = begin(started, missing, CORES, options, url=started.enter_context(servers.postgres()))
        passes = {title: run.end(title) for title, run in begun.items()}
        say("\n".join(dearest({title: run.record for title, run in begun.items()})))
    return report(passes, missing)


def environment() -> dict[str, str]:
    """This process's environment without the settings of a Tierboard that it may be meant for.

    What Python compiles is kept, whatever the machine's custom: pytest's form of the tests alone takes each process
    ten seconds to make again.
    """
    return {name: value for name, value in os.environ.items() if name not in SETTINGS | {"PYTHONDONTWRITEBYTECODE"}}


class Run(NamedTuple):
    """A pytest that goes on, with its record and its lines (none where they go to the terminal)."""

    process: subprocess.Popen[bytes]
    record: Path
    lines: Path | None

    def end(self, title: str) -> Counter[str]:
        """Wait for it; its counts by outcome."""
        code = self.process.wait()
        if self.lines:
            say(f"\nTests on {title}\n{self.lines.read_text(errors='replace')}")
        return counts(self.record, code)


def begin(
    started: ExitStack, missing: Mapping[str, str], processes: int, arguments: list[str], *, url: str = ""
) -> Run:
    """Start pytest, with a Redis of its own, on SQLite or on the server at ``url``."""
    if not url:
        say("\nTests on SQLite")
    folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
    env, record = environment() | ({"DATABASE_URL": url} if url else {}), folder / "results.xml"
    if "redis-server" not in missing:
        env["TEST_REDIS_URL"] = started.enter_context(servers.redis())
    options = ("-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder", f"--junit-xml={record}")
    lines = folder / "lines" if url else None
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *arguments],
        cwd=ROOT,
        env=env,
        stdout=started.enter_context(lines.open("wb")) if lines else None,
        stderr=subprocess.STDOUT if lines else None,
    )
    started.callback(_stop, process)
    return Run(process, record, lines)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Nothing goes on after this one, which may have been told to stop."""
    if process.poll() is None:
        process.kill()
        process.wait()


def counts(record: Path, code: int) -> Counter[str]:
    """Passed, failed and skipped by pytest's own record; a run that broke off counts as a failure."""
    if code not in {0, 1} or not record.exists():
        return Counter(failed=1)
    suite: Any = ElementTree.parse(record).getroot().find("testsuite")  # noqa: S314 - we wrote it
    total, skipped = int(suite.get("tests")), int(suite.get("skipped"))
    failed = int(suite.get("failures")) + int(suite.get("errors"))
    return Counter(passed=total - failed - skipped, failed=failed, skipped=skipped)


def dearest(records: Mapping[str, Path]) -> list[str]:
    """The modules that took longest on either database, by the clock of pytest's records: waiting counts as well."""
    took: defaultdict[tuple[str, str], float] = defaultdict(float)
    for title, record in records.items():
        for case in ElementTree.parse(record).iter("testcase") if record.exists() else ():  # noqa: S314 - we wrote it
            took[case.get("classname", ""), title] += float(case.get("time", 0))
    longest = sorted(took, key=lambda key: -took[key])[:TOLD]
    lines = [f"{took[name, title]:6.0f} s  {name} on {title}" for name, title in longest]
    return [f"\nWhat took longest (of {sum(took.values()):.0f} s in all processes)", *lines]


def report(passes: dict[str, Counter[str]], missing: dict[str, str]) -> int:
    """Print the sum and what was missing; the exit code."""
    total = sum(passes.values(), Counter())
    each = ", ".join(f"{count['passed']} on {title}" for title, count in passes.items())
    say(f"\n{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped ({each} passed)")
    required = bool(missing) and os.environ.get("REQUIRE_ALL", "") not in {"", "0"}
    for name, what in missing.items():
        say(f"{'FAILED' if required else 'Not run'}: {what}, for {name} was not found")
    return 1 if total["failed"] or required else 0


def say(text: str) -> None:
    """Print at once, in order with what pytest prints."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
