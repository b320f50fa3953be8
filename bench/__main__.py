"""``make bench``: prints the table as markdown; says on standard error how far it is.

SIZE=small takes a minute or two, on SQLite and on PostgreSQL; the default makes ten million facts in a
throw-away PostgreSQL. ONLY=rollups,pages measures those groups alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from bench import embedded, machine
from bench.inside import GROUPS
from bench.sizes import chosen
from bench.table import Row, markdown, told
from config.environment import BASE_DIR
from tests import servers
from tests.run import environment


def main() -> int:
    """0 where everything was measured, whatever the verdicts."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    size = chosen()
    groups = os.environ.get("ONLY", "").split(",") if os.environ.get("ONLY") else [*GROUPS, "embedded"]
    say(f"{machine.described()}\n")
    with ExitStack() as stack:
        env = environment() | {"SIZE": size, "LOG_LEVEL": "error", "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver"}
        env |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
        if servers.find_redis():
            env["REDIS_URL"] = stack.enter_context(servers.redis())
        within = [group for group in groups if group in GROUPS]
        databases: dict[str, Callable[[], str]] = {"PostgreSQL": lambda: stack.enter_context(servers.postgres())}
        if size == "small":
            databases["SQLite"] = str
        for name, start in databases.items() if within else ():
            with tempfile.TemporaryDirectory(prefix="tierboard-bench-") as folder:
                rows = list(measure(within, env | {"VAR_DIR": folder, "DATABASE_URL": start()}))
            say(f"### {name}, {size}\n\n{markdown(rows)}\n")
    if "embedded" in groups:
        say(f"### The demo company under `make run`\n\n{markdown(embedded.rows(environment()))}")
    return 0


def measure(groups: Sequence[str], env: dict[str, str]) -> Iterator[Row]:
    """The rows of one database, measured in a process of its own. Says where it failed, and what it had."""
    command = [sys.executable, "-m", "bench.inside", *groups]
    with subprocess.Popen(command, cwd=BASE_DIR, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                yield Row(**json.loads(line))
        except BaseException:
            process.terminate()  # it stops what it started before it ends
            raise
    if process.returncode:
        yield told("the rest", "**failed**, see standard error")


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
