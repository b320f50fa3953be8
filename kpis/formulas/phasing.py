"""Phasing: a year's target by last year's season, as twelve month rows that sum to it exactly. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


class NoSeason(ValueError):
    """Last year says nothing about a season; the message is a sentence."""


def phased(total: int, season: Sequence[Fraction | None]) -> list[int]:
    """A total in ten-thousandths over months, in proportion to the season's values; the parts sum to it exactly.

    What is left over by rounding down goes to the parts that lost most, the earlier first where they lost
    the same. Raises NoSeason where a month has no value, one is negative, or all are zero.
    """
    known = [value for value in season if value is not None]
    if len(known) < len(season):
        raise NoSeason("Last year has months without a value, and so no season to follow.")
    whole = sum(known, Fraction(0))
    if min(known, default=Fraction(0)) < 0 or whole <= 0:
        raise NoSeason("Last year’s months are negative or all zero, and so no season to follow.")
    exact = [total * value / whole for value in known]
    parts = [floor(part) for part in exact]
    lost = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in lost[: total - sum(parts)]:
        parts[place] += 1
    return parts
