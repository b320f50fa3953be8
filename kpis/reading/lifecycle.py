"""Lifecycle events as the activity of a KPI tells them, and what is known of those that were derived before.

The record of a KPI are the months in which it has any fact. A customer joined in the first month with a numerator
above 0, left at the end of the N-th month of the record in a row without, and returned in the next month with. Months
that are not in the record neither count nor break a row; nobody left in a month that has not ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db.backends.utils import CursorWrapper
from django.db.models import Count, Exists, Min, OuterRef, Subquery

from core.periods import Month, first_day, last_day, month_of
from customers.choices import LifecycleKind
from customers.models import LifecycleEvent, TierMembership
from customers.reading.growth import ON_THE_BOOK
from kpis.models import Fact, Kpi
from kpis.reading.fact_months import slices_with_facts
from kpis.rollup.reading import day_sql, listed, planned_for_many_rows
from kpis.rules.actual import newest_month

_CREATE = 'CREATE TEMPORARY TABLE kpis_derived (customer_id bigint, "on" date, kind varchar(10))'
_DERIVE = """
    INSERT INTO kpis_derived
    WITH record (month, place, begins, ends, ended) AS (VALUES {record}),
    active AS (
        SELECT f.customer_id, record.place,
               LAG(record.place) OVER (PARTITION BY f.customer_id ORDER BY record.place) AS before,
               LEAD(record.place) OVER (PARTITION BY f.customer_id ORDER BY record.place) AS following
        FROM kpis_fact f
        JOIN record ON record.month = f.month
        WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND f.numerator > 0
    )
    SELECT active.customer_id, record.begins, CASE WHEN before IS NULL THEN 'joined' ELSE 'returned' END
    FROM active JOIN record ON record.place = active.place
    WHERE before IS NULL OR active.place - before > {window}
    UNION ALL
    SELECT active.customer_id, record.ends, 'left'
    FROM active JOIN record ON record.place = active.place + {window} AND record.ended = 1
    WHERE following IS NULL OR following - active.place > {window}
"""
_FOREIGN = """
    SELECT CASE WHEN derived_from = '' THEN 0 ELSE 1 END, COUNT(DISTINCT customer_id)
    FROM customers_lifecycleevent
    WHERE (derived_from <> %s OR derived_months <> %s) AND customer_id IN (SELECT customer_id FROM kpis_derived)
    GROUP BY 1
"""
_LEAVE_ALONE = """
    DELETE FROM kpis_derived WHERE customer_id IN (
        SELECT customer_id FROM customers_lifecycleevent WHERE derived_from <> %s OR derived_months <> %s
    )
"""
# An event that is stored and would be derived again.
SAME = """EXISTS (
    SELECT 1 FROM kpis_derived d WHERE d.customer_id = e.customer_id AND d."on" = e."on" AND d.kind = e.kind)"""
NEW = """NOT EXISTS (SELECT 1 FROM customers_lifecycleevent e
    WHERE e.customer_id = d.customer_id AND e."on" = d."on" AND e.kind = d.kind)"""
# The derived events of a KPI and window, but for those of customers with an event that is not.
OWN = """e.derived_from = %s AND e.derived_months = %s AND NOT EXISTS (
    SELECT 1 FROM customers_lifecycleevent o
    WHERE o.customer_id = e.customer_id
      AND (o.derived_from <> e.derived_from OR o.derived_months <> e.derived_months))"""
_EVENTS = 'SELECT "on", kind, COUNT(*) FROM kpis_derived GROUP BY "on", kind'
_COUNTS = "SELECT COUNT(DISTINCT customer_id), COUNT(*) FILTER (WHERE {new}) FROM kpis_derived d"
_GONE = "SELECT COUNT(*) FROM customers_lifecycleevent e WHERE {own} AND NOT {same}"
LONGEST_WINDOW = 60


@dataclass(frozen=True, slots=True)
class MonthEvents:
    """What happens to customers in a month."""

    month: Month
    joined: int
    returned: int
    left: int


@dataclass(frozen=True, slots=True)
class Derived:
    """What deriving gives, or would give: events in the months of the record, and what of them is new.

    ``gone`` are events of the same KPI and window that are not derived any more. ``left_alone`` are customers with an
    event that somebody said, ``of_others`` those with one that was derived from another KPI or with another window.
    """

    kpi: Kpi
    window: int
    record: tuple[Month, ...]
    months: tuple[MonthEvents, ...]
    customers: int
    new: int
    gone: int
    left_alone: int
    of_others: int

    def total(self, kind: str) -> int:
        """How many events of a kind: ``joined``, ``returned``, ``left``."""
        return sum(getattr(one, kind) for one in self.months)

    @property
    def mark(self) -> str:
        """A text that differs where what would be written does."""
        counts = (self.total(kind) for kind in LifecycleKind.values)
        return "-".join(map(str, (*counts, self.new, self.gone, self.left_alone, self.of_others)))


@dataclass(frozen=True, slots=True)
class Derivation:
    """Events that stand, derived from a KPI (by code) with a window of months; ``since`` is the first of them."""

    kpi: str
    window: int
    events: int
    customers: int
    since: date


def record_of(kpi: Kpi, today: date) -> tuple[Month, ...]:
    """The months that have begun in which the KPI has any fact that counts, in order."""
    held = (month for _, month in slices_with_facts([kpi.source_id]))
    newest = newest_month(today)
    source = kpi.facts_of or kpi
    return tuple(month for month in held if month <= newest and kpi.stands_in(month) and source.stands_in(month))


def derivations() -> list[Derivation]:
    """What was derived and stands, by KPI and window. One query."""
    rows = LifecycleEvent.objects.exclude(derived_from="").order_by("derived_from", "derived_months")
    found = rows.values_list("derived_from", "derived_months")
    counted = found.annotate(Count("pk"), Count("customer", distinct=True), Min("on"))
    return [Derivation(*row) for row in counted]


@contextmanager
def staged(kpi: Kpi, window: int, today: date) -> Iterator[tuple[CursorWrapper, Derived]]:
    """The events to be in a temporary table of the connection, without those of customers that are left alone; and
    what that means. Call it in a transaction.
    """
    record, key = record_of(kpi, today), (kpi.code, window)
    with planned_for_many_rows() as cursor:
        cursor.execute("DROP TABLE IF EXISTS kpis_derived")
        cursor.execute(_CREATE)
        if record:
            cursor.execute(_derive_sql(kpi, window, record, today))
        cursor.execute('CREATE INDEX kpis_derived_key ON kpis_derived (customer_id, "on")')
        cursor.execute("ANALYZE kpis_derived")
        cursor.execute(_FOREIGN, key)
        foreign = dict(cursor.fetchall())
        cursor.execute(_LEAVE_ALONE, key)
        yield cursor, _derived(cursor, kpi, window, record, foreign)
        cursor.execute("DROP TABLE kpis_derived")


def _derive_sql(kpi: Kpi, window: int, record: Sequence[Month], today: date) -> str:
    rows = (
        f"({month}, {place}, {day_sql(first_day(month))}, {day_sql(last_day(month))}, {int(last_day(month) < today)})"
        for place, month in enumerate(record)
    )
    return _DERIVE.format(record=", ".join(rows), kpi=int(kpi.source_id), months=listed(record), window=int(window))


def _derived(
    cursor: CursorWrapper, kpi: Kpi, window: int, record: tuple[Month, ...], foreign: dict[int, int]
) -> Derived:
    cursor.execute(_EVENTS)
    events: Counter[tuple[Month, str]] = Counter()
    for on, kind, number in cursor.fetchall():
        events[month_of(date.fromisoformat(on) if isinstance(on, str) else on), kind] += number
    months = (MonthEvents(month, *(events[month, kind] for kind in ("joined", "returned", "left"))) for month in record)
    cursor.execute(_COUNTS.format(new=NEW))
    customers, new = cursor.fetchone()
    cursor.execute(_GONE.format(own=OWN, same=SAME), (kpi.code, window))
    gone = cursor.fetchone()[0]
    return Derived(kpi, window, record, tuple(months), customers, new, gone, foreign.get(0, 0), foreign.get(1, 0))


# -- what is known of what was derived: where its record begins, and what its newest events do not know yet


@dataclass(frozen=True, slots=True)
class NotYetKnown:
    """Customers on the book at the end of a KPI's record who have been silent in it for less than its window: some
    of them have left, which nobody knows yet. ``at`` counts them by the id of their tier (None: untiered).
    """

    kpi: Kpi
    window: int
    end: Month
    at: Counter[int | None]


class Records:
    """The records that events were derived from, read once: a query, and some for each derivation."""

    def __init__(self, today: date) -> None:
        rows = LifecycleEvent.objects.exclude(derived_from="").order_by("derived_from", "derived_months")
        pairs = list(rows.values_list("derived_from", "derived_months").distinct())
        kpis = Kpi.objects.select_related("facts_of").in_bulk([code for code, _ in pairs], field_name="code")
        self.today = today
        self.kept = [
            (kpis[code], int(window or 0), record_of(kpis[code], today)) for code, window in pairs if code in kpis
        ]

    @property
    def start_months(self) -> frozenset[Month]:
        """The first months of each record, as many as its window has: most who joined in them were customers before."""
        return frozenset(month for _, window, record in self.kept for month in record[:window])

    def not_yet_known(self, closes: date) -> list[NotYetKnown]:
        """Of each record that ends in the month that is closed on the day, or before it: the customers whose leaving
        is not known yet. Those of none are left out.
        """
        found = []
        for kpi, window, record in self.kept:
            ended = [month for month in record if last_day(month) < self.today]
            if ended and ended[-1] <= month_of(closes) and (at := _silent(kpi, window, ended[-1], closes)):
                found.append(NotYetKnown(kpi, window, ended[-1], at))
        return found


def _silent(kpi: Kpi, window: int, end: Month, closes: date) -> Counter[int | None]:
    """Who is on the book by a derived event that day and was not active in the record's last ended month, or later.

    More than one silent month needs no look: who was silent for the whole window has left.
    """
    later = LifecycleEvent.objects.filter(customer=OuterRef("customer"), on__gt=OuterRef("on"), on__lte=closes)
    active = Fact.objects.of(kpi).filter(month__gte=end, customer=OuterRef("customer"), numerator__gt=0)
    at = TierMembership.objects.filter(customer=OuterRef("customer"), starts_on__lte=closes).order_by("-starts_on")
    rows = LifecycleEvent.objects.filter(derived_from=kpi.code, derived_months=window, kind__in=ON_THE_BOOK)
    there = rows.filter(~Exists(later), ~Exists(active), on__lte=closes).order_by()
    counted = there.annotate(at=Subquery(at.values("tier")[:1])).values_list("at").annotate(Count("pk"))
    return Counter(dict(counted))
