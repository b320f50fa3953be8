"""How much the benchmark measures on."""

from __future__ import annotations

import os
from dataclasses import dataclass

from core.periods import Month, months_between

MONTHS = months_between(Month(202401), Month(202512))
# Loaded by the rows that measure loading; without facts before.
NEW_MONTH = Month(202601)
# The month, quarter and year that single figures are measured on, and the quarter that pages begin with.
MONTH, QUARTER, YEAR, LATEST = Month(202506), "2025-Q2", "2025", "2025-Q4"


@dataclass(frozen=True, slots=True)
class Size:
    """Customers, facts of one KPI and month, repetitions of each figure, and for how long readers read."""

    customers: int
    slice: int
    repetitions: int
    seconds: int
    whole_file: bool


SIZES = {
    "small": Size(customers=5_000, slice=868, repetitions=3, seconds=10, whole_file=False),
    "full": Size(customers=100_000, slice=17_361, repetitions=3, seconds=60, whole_file=True),
}


def chosen() -> str:
    """``small`` or ``full``, as the environment's SIZE says. Exits where it says anything else."""
    name = os.environ.get("SIZE") or "full"
    if name not in SIZES:
        raise SystemExit(f"SIZE must be small or full, not “{name}”")
    return name
