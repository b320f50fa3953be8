"""``make soak``: prints its report as markdown; 0 where everything held, 1 where something did not.

MINUTES=30 by default; SEED= repeats the same files and the same choices (their moments differ); KEEP= names
a folder in which files, logs and the order of the loads stay.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench import machine
from bench.soak import report
from bench.soak.course import Soak
from bench.soak.servers import both


def main() -> int:
    """The whole soak."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    minutes, seed = float(os.environ.get("MINUTES") or 30), int(os.environ.get("SEED") or time.time())
    say(f"Soak of {minutes:g} minutes, SEED={seed} · {machine.described()}")
    with both() as (postgres, redis), tempfile.TemporaryDirectory(prefix="tierboard-soak-") as made:
        soak = Soak(minutes, seed, Path(os.environ.get("KEEP") or made), postgres, redis)
        soak.run()
        say(report.markdown(soak))
        return 0 if report.held(soak) else 1


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
