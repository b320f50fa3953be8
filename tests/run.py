"""``make test``: every test on SQLite, then what databases may differ in on PostgreSQL, each with throw-away servers.

``tests/databases.py`` says what that is, and names the modules that run once. What is missing on this machine is named
in the last lines; with REQUIRE_ALL=1 it is a failure. Arguments go to pytest.

A module runs in one process, those that take longest first. There is a process more than a small machine has cores,
for the tests of processes and browsers wait for most of their time.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
PROCESSES = min(os.cpu_count() or 1, 4) + 1
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
        env = environment()
        if "redis-server" not in missing:
            env["TEST_REDIS_URL"] = started.enter_context(servers.redis())
        passes = {"SQLite": run_pytest("SQLite", env, ["-m", "not postgres", *arguments])}
        if "initdb" not in missing:
            env["DATABASE_URL"] = started.enter_context(servers.postgres())
            passes["PostgreSQL"] = run_pytest("PostgreSQL", env, ["--database-only", *arguments])
    return report(passes, missing)


def environment() -> dict[str, str]:
    """This process's environment without the settings of a Tierboard that it may be meant for."""
    return {name: value for name, value in os.environ.items() if name not in SETTINGS}


def run_pytest(title: str, env: Mapping[str, str], arguments: list[str]) -> Counter[str]:
    """Run pytest once; its counts by outcome."""
    say(f"\nTests on {title}")
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "results.xml")
        command = [
            sys.executable,
            "-m",
            "pytest",
            *("-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder"),
            f"--junit-xml={record}",
            *arguments,
        ]
        code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        return counts(record, code)


def counts(record: Path, code: int) -> Counter[str]:
    """Passed, failed and skipped by pytest's own record; a run that broke off counts as a failure."""
    if code not in {0, 1} or not record.exists():
        return Counter(failed=1)
    suite: Any = ElementTree.parse(record).getroot().find("testsuite")  # noqa: S314 - we wrote it
    total, skipped = int(suite.get("tests")), int(suite.get("skipped"))
    failed = int(suite.get("failures")) + int(suite.get("errors"))
    return Counter(passed=total - failed - skipped, failed=failed, skipped=skipped)


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
