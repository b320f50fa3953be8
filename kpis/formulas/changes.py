"""A change, split into parts that add up to it exactly: pure, on fractions, no Django.

Sums of facts are whole ten-thousandths; effects are fractions in the KPI's unit. Every rule is from the
product's semantics, 'A change, split'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.numbers import SCALE
from kpis.choices import CustomerMethod, TimeMethod
from kpis.formulas.values import Method

STAYED, PARTLY_HERE, CAME, WENT = "stayed", "partly_here", "came", "went"
MOVED, FIRST, BACK, SILENT = "moved", "first", "back", "silent"

# Groups of customers in the order in which they are told, each with why they came or went.
GROUPS: tuple[tuple[str, str | None], ...] = (
    *((STAYED, None), (PARTLY_HERE, None)),
    *((CAME, MOVED), (CAME, FIRST), (CAME, BACK)),
    *((WENT, MOVED), (WENT, SILENT)),
)


@dataclass(frozen=True, slots=True)
class Side:
    """What counts of some customers in one of the two cells, in ten-thousandths; zeros where nothing does.

    ``base`` is what the numerator is divided by: Σ denominator of a ratio, the facts (each 10,000) of a mean.
    """

    numerator: int = 0
    base: int = 0
    customers: int = 0


Pair = tuple[Side, Side]  # before and now


@dataclass(frozen=True, slots=True)
class Group:
    """Customers that are told together: ``name`` is that of ``GROUPS``, or a tier's code.

    ``pairs`` are those that the rate effect is made of: each customer that stayed, or a tier as a whole.
    None: the effect is not told apart into rate and mix.
    """

    name: str
    why: str | None
    before: Side
    now: Side
    pairs: tuple[Pair, ...] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a group gives of a change, in the KPI's unit: ``rate`` and ``mix`` add up to ``effect``, or are None."""

    group: str
    why: str | None
    effect: Fraction
    rate: Fraction | None
    mix: Fraction | None
    customers_now: int
    customers_before: int


@dataclass(frozen=True, slots=True)
class Reversal:
    """Every tier went one way and the whole the other: which ways, and the tier whose growing share is the cause.

    ``tiers_rise``: each tier is higher, all of them together lower; else the other way round. Shares are of ΣD.
    """

    tiers_rise: bool
    group: str
    share_before: Fraction
    share_now: Fraction


@dataclass(frozen=True, slots=True)
class Split:
    """A change from ``before`` to ``now`` in parts that add up to it exactly, groups of nobody left out."""

    before: Fraction
    now: Fraction
    parts: tuple[Part, ...]
    reversal: Reversal | None = None

    @property
    def change(self) -> Fraction:
        """What the parts add up to."""
        return self.now - self.before


def splits(method: Method, months: int) -> bool:
    """Whether a change of such a value over so many months is the change of its facts, all taken together."""
    if months == 1 or method.time.pools or method.time == TimeMethod.LAST:
        return True
    return method.time == TimeMethod.SUM and method.customer == CustomerMethod.SUM


def split(method: Method, groups: Sequence[Group], *, by_tier: bool = False) -> Split | None:
    """The change in parts, one for each group in which there is somebody; None where a value is missing.

    ``by_tier``: the groups are the tiers of all customers, so that a reversal can be told.
    """
    held = [group for group in groups if group.before.customers or group.now.customers]
    if method.customer.adds_up:
        return _split_sum(method, held)
    before, now = (_whole(group.before for group in held), _whole(group.now for group in held))
    if not before.base or not now.base:
        return None
    factor = 100 if method.percent and method.customer == CustomerMethod.RATIO else 1
    parts = tuple(_part_of_rate(group, before, now, factor) for group in held)
    values = Fraction(before.numerator, before.base) * factor, Fraction(now.numerator, now.base) * factor
    return Split(*values, parts, _reversal(held, parts, before, now) if by_tier else None)


def effects(method: Method, pairs: Sequence[Pair]) -> list[Fraction]:
    """What each of these customers, who are all that there are, gives of the change: they add up to it exactly.

    Of different customers who came gives 1 and who went −1. Empty where a value is missing.
    """
    if method.customer == CustomerMethod.DISTINCT:
        return [Fraction(now.customers - before.customers) for before, now in pairs]
    if method.customer.adds_up:
        return [Fraction(now.numerator - before.numerator, SCALE) for before, now in pairs]
    before, now = (_whole(side) for side in zip(*pairs, strict=True)) if pairs else (Side(), Side())
    if not before.base or not now.base:
        return []
    factor = 100 if method.percent and method.customer == CustomerMethod.RATIO else 1
    # over one denominator, so that a hundred thousand customers are whole numbers and one division each
    above, below, common = before.numerator, before.base, before.base * before.base * now.base
    return [
        Fraction(
            factor
            * (
                (late.numerator * below - above * late.base) * before.base
                - (early.numerator * below - above * early.base) * now.base
            ),
            common,
        )
        for early, late in pairs
    ]


def _split_sum(method: Method, groups: Sequence[Group]) -> Split:
    """Each group's sum now less then; of different customers, how many came less how many went."""

    def value(side: Side) -> Fraction:
        count = method.customer == CustomerMethod.DISTINCT
        return Fraction(side.customers) if count else Fraction(side.numerator, SCALE)

    parts = tuple(
        Part(
            *(group.name, group.why, value(group.now) - value(group.before), None, None),
            *(group.now.customers, group.before.customers),
        )
        for group in groups
    )
    before, now = (_whole(group.before for group in groups), _whole(group.now for group in groups))
    return Split(value(before), value(now), parts)


def _whole(sides: Iterable[Side]) -> Side:
    numerator = base = customers = 0
    for side in sides:
        numerator, base, customers = numerator + side.numerator, base + side.base, customers + side.customers
    return Side(numerator, base, customers)


def _part_of_rate(group: Group, before: Side, now: Side, factor: int) -> Part:
    """(N₁ − R·D₁)/ΣD₁ − (N₀ − R·D₀)/ΣD₀, with R the earlier value of the whole."""
    value = Fraction(before.numerator, before.base)
    effect = (group.now.numerator - value * group.now.base) / now.base
    effect = (effect - (group.before.numerator - value * group.before.base) / before.base) * factor
    rate = None if group.pairs is None else _rate(group.pairs, now.base) * factor
    mix = None if rate is None else effect - rate
    return Part(group.name, group.why, effect, rate, mix, group.now.customers, group.before.customers)


def _rate(pairs: Sequence[Pair], base: int) -> Fraction:
    """Σ D₁/ΣD₁ × (N₁/D₁ − N₀/D₀), of those with both denominators above 0.

    Those who share a D₀ are added up first, for their fractions have it in common.
    """
    now, then = 0, defaultdict[int, int](int)
    for one_before, one_now in pairs:
        if one_before.base > 0 and one_now.base > 0:
            now += one_now.numerator
            then[one_before.base] += one_now.base * one_before.numerator
    return (now - _added([Fraction(above, below) for below, above in then.items()])) / base


def _added(fractions: list[Fraction]) -> Fraction:
    """Their sum, in pairs and pairs of pairs: one after the other, each step would drag all denominators along."""
    while len(fractions) > 1:
        odd = fractions[-1:] if len(fractions) % 2 else []
        fractions = [one + other for one, other in zip(fractions[::2], fractions[1::2], strict=False)] + odd
    return fractions[0] if fractions else Fraction(0)


def _reversal(groups: Sequence[Group], parts: Sequence[Part], before: Side, now: Side) -> Reversal | None:
    """Where at least two tiers have a value in both, all of these go strictly one way and the whole the other."""
    ways = {_way(group.before, group.now) for group in groups if group.before.base and group.now.base}
    several = sum(1 for group in groups if group.before.base and group.now.base) > 1
    whole = _way(before, now)
    if not several or ways != {-whole} or not whole:
        return None
    shares = [
        (Fraction(group.before.base, before.base), Fraction(group.now.base, now.base), part)
        for group, part in zip(groups, parts, strict=True)
    ]
    grown = [one for one in shares if one[1] > one[0]]
    then, since, cause = max(grown, key=lambda one: (one[2].mix or 0) * whole)
    return Reversal(whole < 0, cause.group, then, since)


def _way(before: Side, now: Side) -> int:
    """1 where the value rose, −1 where it fell, 0 where it stayed."""
    difference = now.numerator * before.base - before.numerator * now.base
    return (difference > 0) - (difference < 0)
