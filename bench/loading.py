"""Loads a file of facts as ``manage.py load`` does: ``python -m bench.loading FILE`` prints time and peak memory."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from time import perf_counter

import django


def main(path: Path) -> None:
    """Seconds from opening the file to the commit; megabytes at the process's highest."""
    django.setup()
    from accounts.loads import load_file

    started = perf_counter()
    report = load_file(kind="facts", path=path)
    seconds = perf_counter() - started
    if not report.ok:
        raise SystemExit(f"not loaded: {next(iter(report.errors))}")
    sys.stdout.write(json.dumps({"seconds": seconds, "megabytes": peak_memory()}))


def peak_memory() -> float:
    """The most that this process held, in MB. What ``getrusage`` tells counts the process that started it too."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1000 if found else 0.0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
