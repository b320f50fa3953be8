"""What looks mistyped: said beside the number, and never a reason to refuse it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from core.formatting import Style
from kpis.choices import Unit

MOST = 3
LEAST = Fraction(1, 100)


def doubts(numbers: Sequence[Fraction | None], before: Fraction | None, style: Style) -> list[str]:
    """Why numbers look mistyped beside the actual of a year before; empty where they don't, or there are none.

    More than 3 times that actual, less than a hundredth of it (thousands typed into a field that takes the
    number in full), or outside 0–100 % of a KPI in percent.
    """
    sizes = [abs(number) for number in numbers if number is not None]
    negative = any(number is not None and number < 0 for number in numbers)
    found = []
    if style.unit == Unit.PERCENT and (negative or any(size > 100 for size in sizes)):
        found.append("outside 0–100 %")
    if before and any(size > MOST * abs(before) for size in sizes):
        found.append(f"more than 3 times last year’s {style.full(before)}")
    if before and any(0 < size < LEAST * abs(before) for size in sizes):
        found.append(f"less than a hundredth of last year’s {style.full(before)}: type it in full")
    return found
