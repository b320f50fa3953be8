"""Who came and went in a period and what they are worth, and the book over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count

from accounts.models import User
from accounts.rights import Right
from core.numbers import exact
from core.periods import Month, Period, month_of, months_between, shift
from customers.choices import LifecycleKind, TierScope
from customers.models import Customer, LifecycleEvent, Tier
from customers.reading.growth import ON_THE_BOOK, begun_months, events_of, moves_of
from kpis.choices import CustomerMethod, Direction, KpiState, TimeMethod, Unit
from kpis.models import Fact, Kpi, ValueKpis
from kpis.reading.lifecycle import Records

LAST_MONTHS = 12  # before somebody went, the month of going included


@dataclass(frozen=True, slots=True)
class Passage:
    """A customer (by id) who came, went or moved: the day, the tier (by id; None: untiered) in which that counts, of
    a move also the tier ``before``, and the value: None where nothing is measured.
    """

    customer: int
    on: date
    at: int | None
    value: Fraction | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Passages:
    """Who came, with the value since, up to the period's end; and who went, with that of their last twelve months.
    Each customer once, with its latest event of the period; the most valuable first.
    """

    came: tuple[Passage, ...]
    went: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class BookPeriod:
    """A period of all customers. ``is_start``: it holds the first event of all, or one of the first months of the
    record that events were derived from: most of those who joined were there before.
    """

    period: Period
    joined: int
    returned: int
    left: int
    closing: int
    is_start: bool
    to_date: bool

    @property
    def came(self) -> int:
        """Joined or returned."""
        return self.joined + self.returned

    @property
    def net(self) -> int:
        """Came less left."""
        return self.came - self.left


def value_kpis() -> list[Kpi]:
    """The KPIs that can say what a customer is worth: the revenue that a steward named where it sums customers, then
    sums of money over customers and months, more of which is better.
    """
    found = Kpi.objects.in_matrix_order().filter(
        unit=Unit.CURRENCY, direction=Direction.HIGHER, customer_method=CustomerMethod.SUM, time_method=TimeMethod.SUM
    )
    kept = found.filter(retired_from=None, state=KpiState.PUBLISHED)
    others = sorted(kept, key=lambda kpi: kpi.indicator != "trailing")
    named = ValueKpis.objects.select_related("revenue").get(pk=1).revenue
    if named is None or named.customer_method != CustomerMethod.SUM:
        return others
    return [named, *(kpi for kpi in others if kpi != named)]


def read_passages(period: Period, today: date, kpi: Kpi | None) -> Passages:
    """Who came and who went, with what the KPI counts of them (None: nothing is measured)."""
    months = begun_months(period, today)
    if not months:
        return Passages((), ())
    rows = list(events_of(months, today).order_by("customer_id", "on").values_list("customer_id", "on", "at", "kind"))
    came = [row for row in rows if row[3] in ON_THE_BOOK]
    went = [row for row in rows if row[3] == LifecycleKind.LEFT]
    since, before = {}, {}
    if kpi is not None:
        events = LifecycleEvent.objects.filter(on__range=(period.first_day, min(period.last_day, today)))
        since = _since({row[0]: month_of(row[1]) for row in reversed(came)}, kpi, months, events)
        before = _before({row[0]: month_of(row[1]) for row in went}, kpi, months, events)
    return Passages(_passages(came, since, kpi), _passages(went, before, kpi))


def read_moves(period: Period, today: date) -> list[Passage]:
    """Who moved from tier to tier while on the book, a line for each move, the latest first."""
    months = begun_months(period, today)
    if not months:
        return []
    rows = moves_of(months, today).order_by("-starts_on", "customer_id")
    found = rows.values_list("customer_id", "starts_on", "tier", "before")
    return [Passage(who, on, at, before=before) for who, on, at, before in found if at != before]


def readable(passages: Iterable[Passage], user: User) -> list[Passage]:
    """Those of the customers that the person may read by name."""
    if user.has_perm(Right.READ_CUSTOMERS):
        return list(passages)
    own = set(Customer.objects.visible_to(user).values_list("pk", flat=True))
    return [one for one in passages if one.customer in own]


def of_tier(tier: Tier | None, passages: Iterable[Passage]) -> list[Passage]:
    """Those of a tier; all of them for all customers, or for no tier in particular."""
    if tier is None or tier.scope == TierScope.ALL:
        return list(passages)
    at = tier.pk if tier.scope == TierScope.TIER else None
    return [one for one in passages if one.at == at]


def holds_a_start(period: Period, records: Records) -> bool:
    """Whether the first event of all, or the first one of a record that events were derived from, lies in the period,
    so that most who joined in it were customers before.
    """
    begun = first_event()
    starts = {*records.start_months, *({month_of(begun)} if begun else ())}
    return not starts.isdisjoint(period.months)


def first_event() -> date | None:
    """The day of the first event of all; None where there is none."""
    return LifecycleEvent.objects.order_by("on").values_list("on", flat=True).first()


def read_book(periods: Sequence[Period], today: date, starts: Collection[Month] = ()) -> tuple[BookPeriod, ...]:
    """All customers in these periods, which follow each other. One query. ``starts`` are months of the start of record
    beside that of the first event.
    """
    days = LifecycleEvent.objects.filter(on__lte=today).values_list("on", "kind").annotate(Count("pk")).order_by("on")
    sums: dict[Month, Counter[str]] = {}
    for on, kind, number in days:
        sums.setdefault(month_of(on), Counter())[kind] += number
    first = min(sums, default=None)
    begun = {*starts, *({first} if first else ())}
    earlier = (_net(of_month) for month, of_month in sums.items() if month < periods[0].first)
    closing, found = sum(earlier), []
    for period in periods:
        flows = sum((sums.get(month, Counter()) for month in period.months), Counter())
        closing += _net(flows)
        joined, returned, left = (flows[kind.value] for kind in _KINDS)
        is_start = not begun.isdisjoint(period.months)
        found.append(BookPeriod(period, joined, returned, left, closing, is_start, period.is_to_date(today)))
    return tuple(found)


_KINDS = (LifecycleKind.JOINED, LifecycleKind.RETURNED, LifecycleKind.LEFT)


def _net(flows: Mapping[str, int]) -> int:
    joined, returned, left = (flows.get(kind.value, 0) for kind in _KINDS)
    return joined + returned - left


def _passages(rows: Iterable[Any], values: Mapping[int, Fraction], kpi: Kpi | None) -> tuple[Passage, ...]:
    """The latest event of each customer."""
    latest = {row[0]: row for row in rows}
    nothing = None if kpi is None else Fraction(0)
    found = [Passage(who, on, at, values.get(who, nothing)) for who, on, at, _ in latest.values()]
    return tuple(sorted(found, key=lambda one: (-(one.value or 0), one.on, one.customer)))


def _since(firsts: Mapping[int, Month], kpi: Kpi, months: Sequence[Month], events: Any) -> dict[int, Fraction]:
    """What each gave from the month in which it came first, up to the last of the months."""
    return _sums(kpi, months, events.filter(kind__in=ON_THE_BOOK), lambda who, month: month >= firsts[who])


def _before(lasts: Mapping[int, Month], kpi: Kpi, months: Sequence[Month], events: Any) -> dict[int, Fraction]:
    """What each gave in the twelve months up to that in which it went last."""
    window = months_between(shift(months[0], 1 - LAST_MONTHS), months[-1])
    left = events.filter(kind=LifecycleKind.LEFT)
    return _sums(kpi, window, left, lambda who, month: shift(lasts[who], -LAST_MONTHS) < month <= lasts[who])


def _sums(kpi: Kpi, months: Sequence[Month], events: Any, counts: Any) -> dict[int, Fraction]:
    """The sum of each customer's facts in those months that count for it."""
    facts = Fact.objects.of(kpi).in_months(months).filter(customer__in=events.values("customer"))
    sums: dict[int, Fraction] = {}
    for who, month, numerator in facts.values_list("customer_id", "month", "numerator").iterator(chunk_size=20_000):
        if counts(who, month):
            sums[who] = sums.get(who, Fraction(0)) + exact(numerator)
    return sums
