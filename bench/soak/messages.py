"""Four writers and two readers of the file channel, and 20,000 messages, while readers are killed.

``python -m bench.soak.messages``, a part of ``make soak``; 0 where none was lost, none came twice and nobody crashed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.processes.carriage import Carriage

MESSAGES = 20_000


def main() -> int:
    """Print how it went."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tierboard-messages-") as folder:
        carriage = Carriage(Path(folder), MESSAGES)
        carriage.run()
        lost, twice, crashed = len(carriage.lost()), len(carriage.twice()), sum(code != 0 for code in carriage.codes)
    good = not (lost or twice or crashed)
    sys.stdout.write(
        f"File channel, {MESSAGES:,} messages of four writers to two readers, {carriage.kills} of them killed: "
        f"{'holds' if good else '**FAILS**'}; {lost} lost, {twice} twice, {crashed} crashed, "
        f"{time.monotonic() - began:.0f} s.\n"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
