"""A figure beside its limit, and the table of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter

MEETS, MISSES = "meets", "misses"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as it is printed."""

    work: str
    figure: str
    limit: str
    ratio: str
    goal: str
    verdict: str

    def as_line(self) -> str:
        """As JSON, on one line."""
        return json.dumps(asdict(self))


def measured(work: Callable[[], object], times: int, before: Callable[[], object] = lambda: None) -> float:
    """The median of several repetitions in seconds; ``before`` each one, out of the measurement."""
    found = []
    for _ in range(times):
        before()
        started = perf_counter()
        work()
        found.append(perf_counter() - started)
    return median(found)


def in_turn(works: Sequence[Callable[[], object]], times: int) -> list[float]:
    """The medians of several works done in turn, so that all of them meet the same machine."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for times_of, work in zip(found, works, strict=True):
            times_of.append(measured(work, 1))
    return [median(one) for one in found]


def against(work: str, figure: float, limit: float, most: float) -> Row:
    """A time that may be so many times its limit."""
    ratio = figure / limit
    return Row(work, seconds(figure), seconds(limit), f"{ratio:.2f} ×", f"≤ {most:g} ×", verdict(ratio <= most))


def within(work: str, figure: float, most: float, unit: str = "ms") -> Row:
    """A number that may be so much, the figure in the goal's unit."""
    return Row(work, f"{figure:,.3g} {unit}".strip(), "", "", f"≤ {most:,g} {unit}".strip(), verdict(figure <= most))


def told(work: str, figure: str, limit: str = "") -> Row:
    """A number that has no goal."""
    return Row(work, figure, limit, "", "", "")


def verdict(met: bool) -> str:
    """The word on a goal."""
    return MEETS if met else f"**{MISSES}**"


def seconds(value: float) -> str:
    """``1.23 s`` or ``45 ms``."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def markdown(rows: Iterable[Row]) -> str:
    """The table."""
    lines = ["| work | measured | limit, same run | ratio | goal | |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(asdict(row).values())} |" for row in rows]
    return "\n".join(lines)
