"""Who belongs to which tier by rank: cuts, and the hysteresis that keeps those near a cut where they are. Pure, exact.

Tiers are told by their place among those ranked into, 0 the best; cut c lies between tiers c and c + 1.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
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
    last customer on its better side; None where nobody is there. ``order`` are those with a value, best first.

    Who comes before ``ups[c]`` in that order is far enough past cut c to move up over it, who comes from ``downs[c]``
    on, or has no value, to move down; both are empty where no distance is asked.
    """

    places: Mapping[int, int]
    cuts: tuple[Fraction | None, ...]
    order: tuple[int, ...] = ()
    ups: tuple[int, ...] = ()
    downs: tuple[int, ...] = ()


def rank(values: Values, cuts: Cuts, percent: Fraction | None = None) -> Ranking:
    """Rank customers by value and cut them. Equal values stay together on the better side; who has no value comes
    last, and is on the better side of no cut. Shares are rounded down to whole customers. ``percent`` of a cut's amount
    is how far past it somebody has to be who moves by distance.
    """
    line = _Line(values, cuts.higher)
    ends = [line.end_of(cuts, at) for at in cuts.at]
    amounts = cuts.at if cuts.by == CutBy.VALUE else tuple(map(line.last_before, ends))
    places = dict.fromkeys(values, len(ends))
    for number, customer in enumerate(line.order):
        places[customer] = bisect_right(ends, number)
    ups, downs = line.gates(amounts, percent) if percent is not None else ((), ())
    return Ranking(places, amounts, line.order, ups, downs)


class _Line:
    """Those with a value in a line, best first.

    ``keys`` are whole numbers that order and equal as the values do: two fractions whose denominators are at most D
    differ by at least 1 / D², so that the whole parts of their D²-fold tell them apart.
    """

    def __init__(self, values: Values, higher: bool) -> None:
        known = [(value, customer) for customer, value in values.items() if value is not None]
        scale = max((value.denominator for value, _ in known), default=1) ** 2 * (-1 if higher else 1)
        found = sorted((value.numerator * scale // value.denominator, customer) for value, customer in known)
        self.values, self.higher = values, higher
        self.keys, self.order = [key for key, _ in found], tuple(customer for _, customer in found)

    def end_of(self, cuts: Cuts, at: Fraction) -> int:
        """How many are on the better side of a cut."""
        if cuts.by == CutBy.VALUE:
            return self.reaching(at)
        wanted = len(self.values) * at // 100 if cuts.by == CutBy.SHARE else at // 1
        end = min(int(wanted), len(self.keys))
        return bisect_right(self.keys, self.keys[end - 1]) if end > 0 else 0

    def last_before(self, end: int) -> Fraction | None:
        """The value of the last one on the better side; None where nobody is."""
        return self.values[self.order[end - 1]] if end else None

    def reaching(self, at: Fraction, *, beyond: bool = False) -> int:
        """How many are at least as good as a value; ``beyond``: better."""

        def behind(customer: int) -> bool:
            value = self.values[customer] or Fraction(0)
            short = at - value if self.higher else value - at
            return short >= 0 if beyond else short > 0

        return bisect_left(self.order, True, key=behind)

    def gates(self, amounts: Iterable[Fraction | None], percent: Fraction) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Up to where somebody is far enough past each cut to move up, and from where on to move down."""
        ups, downs = [], []
        for amount in amounts:
            if amount is None:
                ups.append(0)
                downs.append(0)
                continue
            reach = abs(amount) * percent / 100 * (1 if self.higher else -1)
            ups.append(self.reaching(amount + reach))
            downs.append(self.reaching(amount - reach, beyond=True))
        return tuple(ups), tuple(downs)


def settle(now: int, number: int, customer: int, ranking: Ranking, earlier: Sequence[Ranking]) -> int:
    """The tier of a customer who is in the tier ``now`` and stands in the line at ``number`` (who has no value: behind
    all): as ranked, or as far towards it as the hysteresis lets. A step over a cut needs the distance that the ranking
    asks, or to rank beyond it at each of the last month ends: in ``earlier``, this ranking among them. Where neither is
    asked everybody moves.
    """
    tier, wanted = now, ranking.places[customer]
    if not ranking.ups and not earlier:
        return wanted
    while tier > wanted and _crosses(number, customer, tier - 1, ranking.ups, earlier, up=True):
        tier -= 1
    while tier < wanted and _crosses(number, customer, tier, ranking.downs, earlier, up=False):
        tier += 1
    return tier


def _crosses(
    number: int, customer: int, cut: int, gates: Sequence[int], rankings: Sequence[Ranking], *, up: bool
) -> bool:
    """Whether a customer steps over a cut: its place in the line lies far enough past it, or ranked there each time."""
    if gates and (number < gates[cut]) == up:
        return True
    places = [one.places.get(customer) for one in rankings]
    return bool(places) and all(place is not None and (place <= cut) == up for place in places)
