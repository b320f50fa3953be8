"""Customer growth: who was on the book by tier, and who came, went and moved in the months of a period.

On the book on a day is whose last lifecycle event up to it is joined or returned. Opening and closing are counted from
that and from the tier of the day; the flows from events and memberships, each on its own. Every event counts in the
customer's tier on the last day of its month (of the month under way: today).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, DateField, Exists, Expression, OuterRef, Subquery, Value, When

from core.periods import Month, Period, first_day, last_day, month_of, shift
from customers.choices import LifecycleKind, TierScope
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.tiers import every_tier

FLOWS = ("joined", "returned", "moved_in", "left", "moved_out")
SIGNS = {"joined": 1, "returned": 1, "moved_in": 1, "left": -1, "moved_out": -1}
ON_THE_BOOK = (LifecycleKind.JOINED.value, LifecycleKind.RETURNED.value)

# By month, by the id of the tier (None: untiered) and by the name of the flow.
Flows = Counter[tuple[Month, int | None, str]]


@dataclass(frozen=True, slots=True)
class GrowthRow:
    """One tier in a period, in customers: opening + joined + returned + moved in − left − moved out = closing."""

    tier: Tier
    opening: int
    joined: int
    returned: int
    moved_in: int
    left: int
    moved_out: int
    closing: int

    @property
    def net(self) -> int:
        """Closing less opening, moves included."""
        return self.closing - self.opening

    @property
    def is_balanced(self) -> bool:
        """Whether the flows lead from opening to closing."""
        return bool(self.net == sum(SIGNS[flow] * getattr(self, flow) for flow in FLOWS))

    @property
    def is_zero(self) -> bool:
        """Whether there is nobody to tell of."""
        return not any((self.opening, self.closing, *(getattr(self, flow) for flow in FLOWS)))


@dataclass(frozen=True, slots=True)
class MonthFlows:
    """A month of all customers; ``closing`` is the opening of the period with the flows up to here."""

    month: Month
    joined: int
    returned: int
    left: int
    closing: int


@dataclass(frozen=True, slots=True)
class Growth:
    """A period's growth. ``rows`` are the tiers best first (a retired one where a figure of it is not 0), untiered,
    then all customers; none where the period has not begun. ``opens`` and ``closes`` are the days that were counted,
    ``moves`` customers by (from, to) tier, ``unknown`` the number of customers without any event: off the book.
    """

    period: Period
    rows: tuple[GrowthRow, ...]
    months: tuple[MonthFlows, ...]
    opens: date
    closes: date
    moves: Mapping[tuple[Tier, Tier], int]
    unknown: int

    @property
    def total(self) -> GrowthRow | None:
        """All customers; None where the period has not begun."""
        return self.rows[-1] if self.rows else None

    @property
    def breaches(self) -> tuple[GrowthRow, ...]:
        """Rows whose flows do not lead from opening to closing."""
        return tuple(row for row in self.rows if not row.is_balanced)


def begun_months(period: Period, today: date) -> tuple[Month, ...]:
    """The months of a period that have begun."""
    return tuple(month for month in period.months if first_day(month) <= today)


def read_growth(period: Period, today: date) -> Growth:
    """The growth of a period as of today: the same six queries whatever its length and the number of customers."""
    months, tiers = begun_months(period, today), every_tier()
    opens = last_day(shift(period.first, -1))
    unknown = Customer.objects.filter(~Exists(LifecycleEvent.objects.filter(customer=OuterRef("pk")))).count()
    if not months:
        return Growth(period, (), (), opens, opens, {}, unknown)
    closes = min(last_day(months[-1]), today)
    events, moved = count_events(months, today), _counted_moves(months, today)
    flows = events + flows_of(moved)
    opening, closing = on_the_book(opens), on_the_book(closes)
    rows = tuple(_rows(tiers, flows, opening, closing, month_of(closes)))
    lines = tuple(_months(months, flows, sum(opening.values())))
    return Growth(period, rows, lines, opens, closes, _named(moved, tiers), unknown)


def on_the_book(day: date) -> Counter[int | None]:
    """How many were on the book at the end of a day, by the id of the tier of that day (None: untiered)."""
    standing = Customer.objects.annotate(
        kind=_last(LifecycleEvent, "on", "kind", OuterRef("pk"), on__lte=day),
        at=_last(TierMembership, "starts_on", "tier", OuterRef("pk"), starts_on__lte=day),
    )
    found = standing.filter(kind__in=ON_THE_BOOK).values_list("at").annotate(Count("pk")).order_by()
    return Counter(dict(found))


def customers_on_the_book(day: date) -> set[int]:
    """The ids of the customers on the book at the end of a day. One query."""
    later = LifecycleEvent.objects.filter(customer=OuterRef("customer"), on__gt=OuterRef("on"), on__lte=day)
    rows = LifecycleEvent.objects.filter(~Exists(later), on__lte=day, kind__in=ON_THE_BOOK).order_by()
    return set(rows.values_list("customer", flat=True))


def events_of(months: Sequence[Month], today: date) -> Any:
    """The events of these months in a row, up to today, each with ``at``, the id of the tier in which it counts."""
    found: Any = LifecycleEvent.objects.filter(on__range=_range(months, today)).order_by()
    at = _last(TierMembership, "starts_on", "tier", OuterRef("customer"), starts_on__lte=OuterRef("ends"))
    return found.annotate(ends=_by_month("on", months, today, _end)).annotate(at=at)


def moves_of(months: Sequence[Month], today: date) -> Any:
    """The last membership of a customer in each of these months in a row, of those who were on the book when the
    month opened: each with ``before``, the id of the tier when it opened, which may be the same.
    """
    later = TierMembership.objects.filter(
        customer=OuterRef("customer"), starts_on__gt=OuterRef("starts_on"), starts_on__lte=OuterRef("ends")
    )
    found: Any = TierMembership.objects.filter(starts_on__range=_range(months, today)).order_by()
    found = found.annotate(
        begins=_by_month("starts_on", months, today, lambda month, _: first_day(month)),
        ends=_by_month("starts_on", months, today, _end),
    )
    before = _last(TierMembership, "starts_on", "tier", OuterRef("customer"), starts_on__lt=OuterRef("begins"))
    kind = _last(LifecycleEvent, "on", "kind", OuterRef("customer"), on__lt=OuterRef("begins"))
    return found.filter(~Exists(later)).annotate(before=before, kind=kind).filter(kind__in=ON_THE_BOOK)


def count_events(months: Sequence[Month], today: date) -> Flows:
    """Who joined, returned and left, by month and tier."""
    rows = events_of(months, today).values_list("ends", "at", "kind").annotate(Count("pk"))
    return Counter({(month_of(_day(ends)), at, kind): number for ends, at, kind, number in rows})


def flows_of(moved: Mapping[tuple[Month, int | None, int | None], int]) -> Flows:
    """Moves by month, from and to, as what goes out of the one tier and into the other."""
    flows: Flows = Counter()
    for (month, before, after), number in moved.items():
        flows[month, before, "moved_out"] += number
        flows[month, after, "moved_in"] += number
    return flows


def count_moves(months: Sequence[Month], today: date) -> Flows:
    """Who moved out of and into which tier, by month."""
    return flows_of(_counted_moves(months, today))


def _counted_moves(months: Sequence[Month], today: date) -> Counter[tuple[Month, int | None, int | None]]:
    rows = moves_of(months, today).values_list("ends", "before", "tier").annotate(Count("pk"))
    moved = {(month_of(_day(ends)), before, after): number for ends, before, after, number in rows if before != after}
    return Counter(moved)


def _rows(
    tiers: Iterable[Tier], flows: Flows, opening: Counter[int | None], closing: Counter[int | None], last: Month
) -> Iterable[GrowthRow]:
    """A row per column; all customers have no moves."""
    sums: Counter[tuple[int | None, str]] = Counter()
    for (_, at, flow), number in flows.items():
        sums[at, flow] += number
    by_scope = {scope: [tier for tier in tiers if tier.scope == scope] for scope in TierScope}
    for tier in (*by_scope[TierScope.TIER], *by_scope[TierScope.UNTIERED]):
        at = tier.pk if tier.scope == TierScope.TIER else None
        row = GrowthRow(tier, opening[at], closing=closing[at], **{flow: sums[at, flow] for flow in FLOWS})
        if tier.stands_in(last) or not row.is_zero:
            yield row
    kinds = {kind: sum(number for (_, flow), number in sums.items() if flow == kind) for kind in LifecycleKind.values}
    everyone = by_scope[TierScope.ALL][0]
    yield GrowthRow(everyone, sum(opening.values()), moved_in=0, moved_out=0, closing=sum(closing.values()), **kinds)


def _months(months: Iterable[Month], flows: Flows, opening: int) -> Iterable[MonthFlows]:
    sums: Counter[tuple[Month, str]] = Counter()
    for (month, _, flow), number in flows.items():
        sums[month, flow] += number
    for month in months:
        joined, returned, left = (sums[month, flow] for flow in ("joined", "returned", "left"))
        opening += joined + returned - left
        yield MonthFlows(month, joined, returned, left, opening)


def _named(
    moved: Mapping[tuple[Month, int | None, int | None], int], tiers: Iterable[Tier]
) -> dict[tuple[Tier, Tier], int]:
    """How many moved from which tier to which, over all months; most first."""
    names = {tier.pk if tier.scope == TierScope.TIER else None: tier for tier in tiers if tier.scope != TierScope.ALL}
    found: Counter[tuple[Tier, Tier]] = Counter()
    for (_, before, after), number in moved.items():
        found[names[before], names[after]] += number
    return dict(found.most_common())


def _range(months: Sequence[Month], today: date) -> tuple[date, date]:
    return first_day(months[0]), _end(months[-1], today)


def _end(month: Month, today: date) -> date:
    """The day on which a month is counted."""
    return min(last_day(month), today)


def _by_month(field: str, months: Sequence[Month], today: date, day: Any) -> Case:
    """The day of the month that a date lies in."""
    cases = [When(**{f"{field}__lte": _end(month, today)}, then=Value(day(month, today))) for month in months]
    return Case(*cases, output_field=DateField())


def _last(model: Any, order: str, value: str, customer: Expression | OuterRef, **until: Any) -> Subquery:
    """A value of the customer's last row up to a day, from the index of both."""
    return Subquery(model.objects.filter(customer=customer, **until).order_by(f"-{order}").values(value)[:1])


def _day(found: date | str) -> date:
    """SQLite gives a day that a query made as a text."""
    return date.fromisoformat(found) if isinstance(found, str) else found
