"""Who would move where if the tiers were given anew by rank: nothing is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256

from core.periods import last_day, month_of, shift
from customers.models import LifecycleEvent, Tier, TierMembership
from customers.reading.growth import customers_on_the_book
from customers.reading.tiers import members
from kpis.choices import Direction
from kpis.formulas.retiering import Cuts, Ranking, Values, rank, settle
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.customer_values import read_values, silent_value, window_of
from kpis.rules.retiering import Terms


@dataclass(frozen=True, slots=True)
class TierMove:
    """A customer (by id) who would change the tier; ``before`` is None for one of no tier, ``value`` what ranks it."""

    customer: int
    before: Tier | None
    after: Tier
    value: Fraction | None

    @property
    def way(self) -> str:
        """``up``, ``down``, or ``new`` for who had no tier, or one that is retired."""
        if self.before is None or self.before.retired_from is not None:
            return "new"
        return "up" if self.after.rank < self.before.rank else "down"


@dataclass(frozen=True, slots=True)
class Plan:
    """A re-tiering before it is applied. ``tiers`` are those ranked into, best first, ``cuts`` the value of each cut
    between them; ``ranked`` how many customers are ranked, ``silent`` how many of them without a value, ``later`` how
    many of those who move have a move of a later day, which stays. ``moves`` are the best first.
    """

    terms: Terms
    tiers: tuple[Tier, ...]
    cuts: tuple[Fraction | None, ...]
    ranked: int
    silent: int
    moves: tuple[TierMove, ...]
    before: Mapping[int, int]
    later: int

    def count(self, way: str) -> int:
        """How many move that way."""
        return sum(move.way == way for move in self.moves)

    @property
    def after(self) -> Counter[int]:
        """How many customers are in each tier after it, by the tier's id."""
        found = Counter(dict(self.before))
        for move in self.moves:
            found[move.after.pk] += 1
            if move.before is not None:
                found[move.before.pk] -= 1
        return found

    @property
    def mark(self) -> str:
        """A text that differs where somebody else would move."""
        said = ";".join(f"{move.customer}:{move.before and move.before.pk}:{move.after.pk}" for move in self.moves)
        return sha256(said.encode()).hexdigest()[:16]


def tiers_for(day: date) -> list[Tier]:
    """The tiers that customers can be ranked into from a day on, best first."""
    return list(Tier.objects.in_use(month_of(day)).order_by("rank", "code"))


def read_plan(terms: Terms) -> Plan:
    """Who would move. A constant number of queries, whatever the number of customers."""
    kpi = VersionBook.read([terms.kpi]).at(terms.kpi, terms.end)
    tiers = tuple(tiers_for(terms.starts_on))
    cuts = Cuts(terms.by, terms.cuts, higher=kpi.direction != Direction.LOWER)
    values, rankings = _rankings(kpi, terms, cuts)
    now = dict(members(terms.starts_on).values_list("customer", "tier"))
    every = {tier.pk: tier for tier in Tier.objects.real()}
    moves = tuple(_moves(values, rankings, now, tiers, every))
    silent = sum(value is None for value in values.values())
    before, later = Counter(now.values()), _count_later(moves, terms.starts_on)
    return Plan(terms, tiers, rankings[0].cuts, len(values), silent, moves, before, later)


def _rankings(kpi: Kpi, terms: Terms, cuts: Cuts) -> tuple[Values, tuple[Ranking, ...]]:
    """What is ranked at the window's end, and the ranking of that and of the month ends before that are asked for."""
    ends = [shift(terms.end, -back) for back in range(max(terms.ends, 1))]
    windows = [window_of(kpi, end, terms.months) for end in ends]
    found = read_values(kpi, windows)
    has_events = LifecycleEvent.objects.exists()
    ranked = []
    for end, window, values in zip(ends, windows, found, strict=True):
        others = silent_value(kpi, window)
        there = customers_on_the_book(last_day(end)) if has_events else values.keys()
        ranked.append({customer: values.get(customer, others) for customer in there})
    return ranked[0], tuple(rank(values, cuts, terms.percent) for values in ranked)


def _moves(
    values: Values,
    rankings: Sequence[Ranking],
    now: Mapping[int, int | None],
    tiers: Sequence[Tier],
    every: Mapping[int, Tier],
) -> list[TierMove]:
    """Who moves, the best first. Who has no tier, or a retired one, is in none that could keep them."""
    places = {tier.pk: place for place, tier in enumerate(tiers)}
    ranking, earlier = rankings[0], rankings if len(rankings) > 1 else ()
    silent = (customer for customer, value in values.items() if value is None)
    found = []
    for number, customer in enumerate((*ranking.order, *sorted(silent))):
        at, wanted = now.get(customer), ranking.places[customer]
        place = places.get(at) if at is not None else None
        after = wanted if place is None else settle(place, number, customer, ranking, earlier)
        if after != place:
            found.append(TierMove(customer, every.get(at) if at else None, tiers[after], values[customer]))
    return found


def _count_later(moves: Sequence[TierMove], day: date) -> int:
    later = TierMembership.objects.filter(starts_on__gt=day).values_list("customer", flat=True).distinct()
    moving = {move.customer for move in moves}
    return sum(customer in moving for customer in later)
