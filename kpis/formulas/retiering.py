"""Who belongs to which tier by rank: cuts, and the hysteresis that keeps those near a cut where they are. Pure, exact.

Tiers are told by their place among those ranked into, 0 the best; cut c lies between tiers c and c + 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpis.choices import CutBy

Values = Mapping[int, Fraction | None]  # by customer; None without a value


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where the ranked are cut, best first: ``at`` are percents of customers, numbers of customers, or values.

    Each is cumulative: the best 5 %, the best 20 %. ``higher``: a higher value is the better one.
    """

    by: CutBy
    at: tuple[Fraction, ...]
    higher: bool = True


@dataclass(frozen=True, slots=True)
class Ranking:
    """The tier that each customer ranks in, and the value of each cut: of a cut by value that value, else that of the
    last customer on its better side; None where nobody is there.
    """

    places: Mapping[int, int]
    cuts: tuple[Fraction | None, ...]


def rank(values: Values, cuts: Cuts) -> Ranking:
    """Rank customers by value and cut them. Equal values stay together on the better side; who has no value comes
    last, and is on the better side of no cut. Shares are rounded down to whole customers.
    """
    ordered = _in_order(values, higher=cuts.higher)
    keys = [key for key, _ in ordered]
    ends = [_end(cuts, number, keys, values, ordered) for number in range(len(cuts.at))]
    places = dict.fromkeys(values, len(ends))
    for number, (_, customer) in enumerate(ordered):
        places[customer] = bisect_right(ends, number)
    return Ranking(places, tuple(_value_of(cuts, c, end, values, ordered) for c, end in enumerate(ends)))


def _in_order(values: Values, *, higher: bool) -> list[tuple[int, int]]:
    """Those with a value, best first, each with a whole number that orders and equals as its value does.

    Two fractions whose denominators are at most D differ by at least 1 / D², so that the whole parts of their D²-fold
    tell them apart.
    """
    known = [(value, customer) for customer, value in values.items() if value is not None]
    scale = max((value.denominator for value, _ in known), default=1) ** 2 * (-1 if higher else 1)
    return sorted((value.numerator * scale // value.denominator, customer) for value, customer in known)


def _end(cuts: Cuts, number: int, keys: Sequence[int], values: Values, ordered: Sequence[tuple[int, int]]) -> int:
    """How many customers are on the better side of a cut."""
    at = cuts.at[number]
    if cuts.by == CutBy.VALUE:
        return _reaching(at, cuts, values, ordered)
    wanted = len(values) * at // 100 if cuts.by == CutBy.SHARE else at // 1
    end = min(int(wanted), len(keys))
    return bisect_right(keys, keys[end - 1]) if end > 0 else 0


def _reaching(at: Fraction, cuts: Cuts, values: Values, ordered: Sequence[tuple[int, int]]) -> int:
    """How many values are at least as good as a given one."""
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        value = values[ordered[middle][1]]
        if value is not None and _better(value, at, higher=cuts.higher) >= 0:
            low = middle + 1
        else:
            high = middle
    return low


def _value_of(cuts: Cuts, number: int, end: int, values: Values, ordered: Sequence[tuple[int, int]]) -> Fraction | None:
    if cuts.by == CutBy.VALUE:
        return cuts.at[number]
    return values[ordered[end - 1][1]] if end else None


def _better(value: Fraction, than: Fraction, *, higher: bool) -> Fraction:
    """By how much a value is better than another; negative where it is worse."""
    return value - than if higher else than - value


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """When a customer moves who ranks in another tier: past the cut by ``percent`` of its amount, or ranked there at
    each of ``rankings``, those of the last month ends, the latest among them. Without both everybody moves.
    """

    percent: Fraction | None = None
    rankings: tuple[Ranking, ...] = ()


def settle(now: int, customer: int, value: Fraction | None, ranking: Ranking, kept: Hysteresis, cuts: Cuts) -> int:
    """The tier of a customer who is in the tier ``now``: as ranked, or as far towards it as the hysteresis lets."""
    wanted = ranking.places[customer]
    if kept.percent is None and not kept.rankings:
        return wanted
    tier = now
    while tier > wanted and _crosses(tier - 1, customer, value, ranking, kept, cuts, up=True):
        tier -= 1
    while tier < wanted and _crosses(tier, customer, value, ranking, kept, cuts, up=False):
        tier += 1
    return tier


def _crosses(
    cut: int, customer: int, value: Fraction | None, ranking: Ranking, kept: Hysteresis, cuts: Cuts, *, up: bool
) -> bool:
    """Whether a customer who ranks beyond a cut passes it."""
    if kept.percent is not None and _is_past(value, ranking.cuts[cut], kept.percent, up=up, higher=cuts.higher):
        return True
    places = [one.places.get(customer) for one in kept.rankings]
    return bool(places) and all(place is not None and (place <= cut) == up for place in places)


def _is_past(value: Fraction | None, cut: Fraction | None, percent: Fraction, *, up: bool, higher: bool) -> bool:
    """Whether a value lies beyond a cut by so much of its amount; where one of them is none, nothing holds it."""
    if value is None or cut is None:
        return True
    distance = _better(value, cut, higher=higher)
    return (distance if up else -distance) >= abs(cut) * percent / 100
