"""The places of KPIs in the matrix, as a file orders them."""

from __future__ import annotations

from kpis.choices import Indicator
from kpis.models import Kpi


def positions_of(codes: list[str], stored: dict[str, Kpi]) -> dict[str, int]:
    """Places in the matrix: those in the file share the places that they had, in the file's order.

    New ones come last. Leading and trailing KPIs are ordered apart, so a place moves only where
    the order that people see does.
    """
    had = {code: stored[code].position for code in codes if code in stored}
    following = max((kpi.position for kpi in stored.values()), default=-1) + 1
    places: dict[str, int] = {}
    for indicator in Indicator.values:
        known = [code for code in codes if code in had and stored[code].indicator == indicator]
        in_order = sorted(known, key=lambda code: (had[code], code))
        free = [had[code] for code in in_order] if known == in_order else _rising([had[code] for code in in_order])
        places |= dict(zip(known, free, strict=True))
    fresh = [code for code in codes if code not in had]
    return places | {code: following + number for number, code in enumerate(fresh)}


def _rising(places: list[int]) -> list[int]:
    rising: list[int] = []
    for place in places:
        rising.append(max(place, rising[-1] + 1) if rising else place)
    return rising
