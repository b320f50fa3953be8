"""What happened to facts and actuals since an edition was signed, as the records of loads and corrections tell it.

The rows of what is there now and of what was replaced lead back from today's value to that of then. What they do not
tell (moves between tiers, merges, another meaning) is what is left between them and the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.choices import LoadState
from accounts.models import Load
from core.periods import Month, last_day
from customers.choices import TierScope
from customers.models import Tier, TierMembership
from kpis.models import Fact, ReplacedFact, Restatement, TakenBackFact

LOAD, UNDO, DELETION, CORRECTION = "load", "undo", "deletion", "correction"
Pair = tuple[Decimal, Decimal | None]
_Key = tuple[int, Month, int]  # KPI, month, customer


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that somebody did. ``by`` is a person's key, None for the command; ``reference`` names the record."""

    at: datetime
    cause: str
    by: int | None
    reference: str


class Event(NamedTuple):
    """What it did to one number: of which KPI (the one that owns the facts), month and tiers, before and after.

    ``tiers`` are the ids of the columns in which it counts today; ``before`` and ``after`` are None where there is
    no number.
    """

    cause: Cause
    kpi: int
    month: Month
    tiers: frozenset[int]
    before: Pair | None
    after: Pair | None


def read_events(kpis: Iterable[int], months: Sequence[Month], since: datetime) -> list[Event]:
    """All of it of these KPIs and months, in the order of time. A constant number of queries."""
    wanted = Q(kpi_id__in=list(kpis), month__in=list(months))
    found = [*_of_facts(wanted, since), *_of_actuals(wanted, since)]
    return sorted(found, key=lambda event: (event.cause.at, event.cause.cause))


def _of_facts(wanted: Q, since: datetime) -> Iterator[Event]:
    loads = {load.pk: load for load in Load.objects.filter(Q(at__gt=since) | Q(undone_at__gt=since), kind="facts")}
    if not loads:
        return
    changes = [*_loaded(wanted, loads, since), *_taken_back(wanted, loads, since)]
    homes = _Homes({key[2] for _, key, _, _ in changes})
    for cause, key, before, after in changes:
        yield Event(cause, key[0], key[1], homes.columns(key[2], key[1]), before, after)


_Change = tuple[Cause, _Key, Pair | None, Pair | None]


def _loaded(wanted: Q, loads: Mapping[int, Load], since: datetime) -> Iterator[_Change]:
    """What loads since then wrote or took away, those that were taken back since left out: they did nothing."""
    standing = [pk for pk, load in loads.items() if load.at > since and load.state == LoadState.APPLIED]
    written = {(pk, key): pair for pk, key, pair in _rows(Fact.objects.filter(wanted, load_id__in=standing))}
    replaced: dict[tuple[int, _Key], Pair] = {}
    for row in ReplacedFact.objects.filter(wanted).filter(Q(load_id__in=standing) | Q(replaced_load_id__in=standing)):
        key = (row.kpi_id, Month(row.month), row.customer_id)
        pair = (row.numerator, row.denominator)
        if row.load_id in standing:
            replaced[row.load_id, key] = pair
        if row.replaced_load_id in standing:
            written[row.replaced_load_id, key] = pair
    for pk, key in dict.fromkeys([*written, *replaced]):
        before, after, load = replaced.get((pk, key)), written.get((pk, key)), loads[pk]
        yield Cause(load.at, _cause(load, before), load.by_id, f"load {pk}"), key, before, after


def _cause(load: Load, before: Pair | None) -> str:
    if load.removed:
        return DELETION
    return CORRECTION if before is not None else LOAD


def _rows(facts: Any) -> Iterator[tuple[int, _Key, Pair]]:
    rows = facts.values_list("load_id", "kpi_id", "month", "customer_id", "numerator", "denominator")
    for load, kpi, month, customer, numerator, denominator in rows.iterator(chunk_size=20_000):
        yield load, (kpi, Month(month), customer), (numerator, denominator)


def _taken_back(wanted: Q, loads: Mapping[int, Load], since: datetime) -> Iterator[_Change]:
    """What was taken back since of loads that stood then."""
    undone = [pk for pk, load in loads.items() if load.at <= since and load.undone_at is not None]
    for row in TakenBackFact.objects.filter(wanted, load_id__in=undone):
        load = loads[row.load_id]
        old = None if row.old_numerator is None else (row.old_numerator, row.old_denominator)
        cause = Cause(load.undone_at or load.at, UNDO, load.undone_by_id, f"load {load.pk}")
        yield cause, (row.kpi_id, Month(row.month), row.customer_id), (row.numerator, row.denominator), old


def _of_actuals(wanted: Q, since: datetime) -> Iterator[Event]:
    """Actuals that were corrected, each in its own column."""
    for row in Restatement.objects.filter(wanted, at__gt=since):
        before = None if row.old_numerator is None else (row.old_numerator, row.old_denominator)
        after = None if row.numerator is None else (row.numerator, row.denominator)
        cause = Cause(row.at, CORRECTION, row.by_id, f"load {row.load_id}" if row.load_id else f"correction {row.pk}")
        yield Event(cause, row.kpi_id, Month(row.month), frozenset({row.tier_id}), before, after)


class _Homes:
    """In which columns customers count by today's memberships. Two queries."""

    def __init__(self, customers: set[int]) -> None:
        scopes = {tier.scope: tier.pk for tier in Tier.objects.exclude(scope=TierScope.TIER)}
        self.all, self.untiered = scopes[TierScope.ALL], scopes[TierScope.UNTIERED]
        self.moves: dict[int, list[tuple[Any, int | None]]] = defaultdict(list)
        rows = TierMembership.objects.filter(customer__in=customers).order_by("customer_id", "starts_on")
        for customer, starts_on, tier in rows.values_list("customer_id", "starts_on", "tier_id"):
            self.moves[customer].append((starts_on, tier))

    def columns(self, customer: int, month: Month) -> frozenset[int]:
        """The tier that the customer had on the month's last day, or untiered; and all customers."""
        day, home = last_day(month), None
        for starts_on, tier in self.moves.get(customer, ()):
            if starts_on <= day:
                home = tier
        return frozenset({home or self.untiered, self.all})
