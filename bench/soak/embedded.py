"""``make run`` under light use for as long as the soak, its worker killed five times and its web server once.

``python -m bench.soak.embedded``, a part of ``make soak`` (MINUTES=30): 0 where the site answered all the while, but
for the seconds after its own end, and each fact that was changed after a kill reached its cells within two minutes.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.processes.company import Installation
from tests.processes.supervised import Running, running

KILLS = ("worker", "worker", "web", "worker", "worker", "worker")
LIGHT = 1.0  # seconds between two readings of a few pages


def main() -> int:
    """Print how it went."""
    minutes = float(os.environ.get("MINUTES") or 30)
    with tempfile.TemporaryDirectory(prefix="tierboard-embedded-") as made:
        folder = Path(made)
        installation = Installation(f"sqlite:///{folder}/company.sqlite3", folder / "var")
        installation.set_up()
        with running(installation, folder / "log", pause=LIGHT) as run:
            took, cut = course(run, folder, minutes * 60)
            state = run.state()
        traces = (folder / "log").read_text().count("Traceback")
    unasked = state["worker"]["starts"] + state["web"]["starts"] - 2 - len(KILLS)
    good = not run.failures and not unasked and not traces and run.answers > 0
    sys.stdout.write(
        f"make run for {minutes:g} minutes, its worker killed {KILLS.count('worker')} times and its web server once: "
        f"{'holds' if good else '**FAILS**'}; {run.answers:,} answers, {len(run.failures)} missing beside {cut} while "
        f"the web server started again, {unasked} ended by themselves, {traces} stack traces; a change after a kill "
        f"was in its cells after at most {max(took):.0f} s.\n"
    )
    for failure in run.failures[:10]:
        sys.stdout.write(f"  {failure}\n")
    return 0 if good else 1


def course(run: Running, folder: Path, seconds: float) -> tuple[list[float], int]:
    """Kill one after the other, at moments that chance chooses; how long each change took, and the answers cut off by
    the web server's own end. Raises TimeoutError.
    """
    took, cut, began = [], 0, time.monotonic()
    for number, name in enumerate(KILLS):
        due = began + seconds * (number + random.random()) / len(KILLS)  # noqa: S311
        time.sleep(max(0.0, due - time.monotonic()))
        before = len(run.failures)
        run.kill(name)
        took.append(run.change(folder, 1_000 + number))
        if name == "web":
            cut += len(run.failures) - before
            del run.failures[before:]
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    return took, cut


if __name__ == "__main__":
    sys.exit(main())
