"""How often noise is called a change, and how soon a change is found: signals on series that are drawn by chance.

.venv/bin/python -m bench.noise        # the table of docs/signals.md, some minutes; SERIES=1000 for a quick one
"""

from __future__ import annotations

import math
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

LENGTHS = (14, 24, 36, 48)
LOOKS = 6  # monthly, after the rise
RISE = 3  # standard deviations
_HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of series: of latest points of mere noise that are called a change, and of rises that are found."""

    false: float
    found: float


def _poisson(chance: random.Random) -> float:
    """By Knuth: how many uniform numbers may be multiplied until their product is below e to the minus mean."""
    count, product, least = 0, chance.random(), math.exp(-3)
    while product > least:
        count, product = count + 1, product * chance.random()
    return float(count)


KINDS: dict[str, tuple[Callable[[random.Random], float], float]] = {
    "normal": (lambda chance: chance.gauss(50, 5), 5.0),
    "gamma of shape 2": (lambda chance: chance.gammavariate(2, 1), math.sqrt(2)),
    "Poisson of mean 3": (_poisson, math.sqrt(3)),
}


def measure(kind: str, *, months: int, series: int, seed: int = 1) -> Measured:
    """Draw so many series of independent months: the last one looked at, then a rise looked at in six months."""
    from kpis.formulas.signals import chart_of

    draw, deviation = KINDS[kind]
    chance = random.Random(f"{kind} {months} {seed}")  # noqa: S311 - chance, not a secret
    false = found = 0
    for _ in range(series):
        values = [_exact(draw(chance)) for _ in range(months)]
        false += chart_of(values).rule is not None
        after = [_exact(draw(chance) + RISE * deviation) for _ in range(LOOKS)]
        found += any(_is_up([*values, *after[: look + 1]]) for look in range(LOOKS))
    return Measured(false / series, found / series)


def _exact(value: float) -> Fraction:
    return Fraction(round(value * _HUNDREDTHS), _HUNDREDTHS)


def _is_up(values: list[Fraction]) -> bool:
    from kpis.formulas.signals import chart_of

    return chart_of(values).way > 0


def main() -> None:
    """Write the table."""
    series = int(os.environ.get("SERIES", "10000"))
    _write(f"{series:,} series each", "", "| noise | months | false | a rise of 3 sd found |", "|---|---|---|---|")
    for kind in KINDS:
        for months in LENGTHS:
            one = measure(kind, months=months, series=series)
            _write(f"| {kind} | {months} | {one.false:.1%} | {one.found:.1%} |")


def _write(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    main()
