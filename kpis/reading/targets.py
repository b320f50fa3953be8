"""Which target holds for a KPI, tier and period: the rules of 'Targets', over approved rows.

The monthly share of a quarter or year row is exact: thirds and twelfths are fractions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from django.db.models import BigIntegerField, ExpressionWrapper, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from core.numbers import to_fraction
from core.once import once
from core.periods import FiscalCalendar, Kind, Month, Period
from kpis.choices import CustomerMethod, Per, TimeMethod
from kpis.formulas.values import Goal, Method
from kpis.models import Kpi, KpiVersion, Target
from kpis.rules.target import until_retired

# The numbers as they are stored, whole, and not as decimals that are made of them.
_WHOLE = {f"whole_{name}": ExpressionWrapper(F(name), BigIntegerField()) for name in ("value", "low", "high")}
_MONTHS_OF = {Per.MONTH: 1, Per.QUARTER: 3, Per.YEAR: 12}
_Column = tuple[int, Month, int]  # KPI id, where its version begins, tier id


class TargetRow(NamedTuple):
    """An approved target, as the rules need it. ``since`` is where the version of its first month begins: the row
    is for that version of its KPI alone.
    """

    from_month: Month
    per: str
    until_month: Month | None
    goal: Goal
    since: Month

    @classmethod
    def of(cls, target: Target, since: Month) -> TargetRow:
        """A version as the rules would need it, were it approved."""
        until = until_retired(target.per, target.until_month, target.tier.retired_from)
        goal = Goal(*(None if one is None else Fraction(one) for one in (target.value, target.low, target.high)))
        return cls(Month(target.from_month), target.per, until, goal, since)

    @property
    def monthly_share(self) -> Goal:
        """A month's part of it: the whole of a month row, a third of a quarter's, a twelfth of a year's."""
        return self.goal.share(_MONTHS_OF[Per(self.per)])


class TargetBook:
    """Approved targets of a span of months, by KPI, as it means in the period asked for, and tier id.

    A row counts for the version of its first month: where the KPI means something else, it is not there.
    """

    def __init__(
        self, calendar: FiscalCalendar, rows: Iterable[tuple[int, int, TargetRow]], *, beyond_versions: bool = False
    ) -> None:
        self._calendar, self._beyond = calendar, beyond_versions
        self._first: dict[tuple[str, Month], Month] = {}  # of the quarter or year that a month lies in
        self._starts: dict[_Column, dict[tuple[str, Month], TargetRow]] = defaultdict(dict)
        self._monthly: dict[_Column, list[TargetRow]] = defaultdict(list)
        for kpi, tier, row in rows:
            column = kpi, Month(0) if beyond_versions else row.since, tier
            self._starts[column][row.per, row.from_month] = row
            if row.per == Per.MONTH:
                self._monthly[column].append(row)
        for monthly in self._monthly.values():
            monthly.sort(key=lambda row: row.from_month)

    @classmethod
    def read(
        cls,
        calendar: FiscalCalendar,
        first: Month,
        last: Month,
        kpis: Collection[int] | None = None,
        *,
        beyond_versions: bool = False,
    ) -> TargetBook:
        """The rows that can hold in these months, in one query; of all KPIs where not said of which, by id.

        A reading that has a book of all KPIs for more months takes that: a row counts in its own months alone.
        """
        whole: list[tuple[Month, Month, TargetBook]] = once((cls, calendar, beyond_versions), list)
        for since, until, book in whole if kpis is None else ():
            if since <= first and last <= until:
                return book
        found = cls._read(calendar, first, last, kpis, beyond_versions=beyond_versions)
        if kpis is None:
            whole.append((first, last, found))
        return found

    @classmethod
    def _read(
        cls,
        calendar: FiscalCalendar,
        first: Month,
        last: Month,
        kpis: Collection[int] | None,
        *,
        beyond_versions: bool,
    ) -> TargetBook:
        start = calendar.period(Kind.YEAR, first).first
        found = Target.objects.approved() if kpis is None else Target.objects.approved().filter(kpi__in=kpis)
        rows = found.reaching(start, last).order_by().annotate(since=_version_of_first_month(), **_WHOLE)
        span = ("from_month", "per", "until_month", "tier__retired_from")
        names = ("kpi_id", "tier_id", "since", *span, *_WHOLE)
        number = cache(to_fraction)  # many targets are the same number
        found_rows = ((row[0], row[1], _row(number, *row[2:])) for row in rows.values_list(*names))
        return cls(calendar, found_rows, beyond_versions=beyond_versions)

    def with_row(self, kpi: int, tier: int, row: TargetRow) -> TargetBook:
        """The book as it would be with the row approved, in the place of the one that it supersedes."""
        return self._replaced((kpi, Month(0) if self._beyond else row.since, tier), row, [row])

    def without_row(self, kpi: int, tier: int, row: TargetRow) -> TargetBook:
        """The book as it would be without the row, and nothing in its place."""
        return self._replaced((kpi, Month(0) if self._beyond else row.since, tier), row, [])

    def _replaced(self, column: _Column, row: TargetRow, new: list[TargetRow]) -> TargetBook:
        book, place = copy(self), (row.per, row.from_month)
        starts = {key: one for key, one in self._starts.get(column, {}).items() if key != place}
        starts |= {(one.per, one.from_month): one for one in new}
        monthly = sorted((one for one in starts.values() if one.per == Per.MONTH), key=lambda one: one.from_month)
        book._starts = defaultdict(dict, self._starts | {column: starts})
        book._monthly = defaultdict(list, self._monthly | {column: monthly})
        return book

    def in_force(self, kpi: Kpi, tier: int, month: Month, per: str) -> TargetRow | None:
        """The row of that length in force in the month.

        A month row stands until the next one or until its last month; then no earlier one comes back.
        """
        if per != Per.MONTH:
            start = self._first.get((per, month)) or self._begin(per, month)
            return self._starts.get(self._column(kpi, tier), {}).get((per, start))
        rows = self._monthly.get(self._column(kpi, tier), ())
        return _standing(rows, bisect_right(rows, month, key=_begins), month)

    def monthly(self, kpi: Kpi, tier: int, months: Sequence[Month]) -> list[TargetRow | None]:
        """The rows of a month's length in force in each of these months, which are in order."""
        rows = self._monthly.get(self._column(kpi, tier), ())
        found, place, end = [], 0, len(rows)
        for month in months:
            while place < end and rows[place].from_month <= month:
                place += 1
            found.append(_standing(rows, place, month))
        return found

    def has(self, kpi: Kpi, tier: int) -> bool:
        """Whether there is any row of a column."""
        return self._column(kpi, tier) in self._starts

    def _column(self, kpi: Kpi, tier: int) -> _Column:
        return kpi.pk, Month(0) if self._beyond else kpi.since, tier

    def _begin(self, per: str, month: Month) -> Month:
        first = self._first[per, month] = self._calendar.period(Kind(per), month).first
        return first

    def shortest(self, kpi: Kpi, tier: int, month: Month) -> TargetRow | None:
        """The row in force in the month: a month's before a quarter's before a year's."""
        for per in _MONTHS_OF:
            row = self.in_force(kpi, tier, month, per)
            if row is not None:
                return row
        return None

    def shares(self, kpi: Kpi, tier: int, months: Sequence[Month]) -> Goal | None:
        """Rule 2: the sum of the months' shares; None where a month has no row."""
        rows = [self.shortest(kpi, tier, month) for month in months]
        shares = [row.monthly_share for row in rows if row is not None]
        if not shares or len(shares) < len(rows):
            return None
        goal = shares[0]
        for share in shares[1:]:
            goal += share
        return goal

    def of_period(self, kpi: Kpi, tier: int, method: Method, period: Period, end: Month) -> Goal | None:
        """The target of a period by the four rules; ``end`` is its last month, for ttm the window's."""
        own = Per.YEAR if method.time == TimeMethod.TTM else Per(period.kind)
        row = self.in_force(kpi, tier, end, own)
        if row is not None:
            return row.goal
        if method.time == TimeMethod.TTM:
            return None
        if method.scales:
            return self.shares(kpi, tier, period.months)
        if method.customer == CustomerMethod.DISTINCT and method.time == TimeMethod.POOL:
            return None
        row = self.shortest(kpi, tier, end)
        return row.goal if row is not None else None

    def behind(self, kpi: Kpi, tier: int, method: Method, period: Period, end: Month) -> tuple[TargetRow, ...]:
        """The rows that ``of_period`` takes its answer from, in the order of their months; none where it has none."""
        if self.of_period(kpi, tier, method, period, end) is None:
            return ()
        own = self.in_force(kpi, tier, end, Per.YEAR if method.time == TimeMethod.TTM else period.kind)
        months = period.months if own is None and method.scales else (end,)
        found = (own or self.shortest(kpi, tier, month) for month in months)
        return tuple(dict.fromkeys(row for row in found if row is not None))

    def reaches(self, kpi: Kpi, tier: int, method: Method, months: Sequence[Month]) -> bool:
        """Whether any row that could count for the KPI is in force in any of the months."""
        if self._column(kpi, tier) not in self._starts:
            return False
        if method.time == TimeMethod.TTM:
            return self.in_force(kpi, tier, months[-1], Per.YEAR) is not None
        return any(self.shortest(kpi, tier, month) is not None for month in months)


def _begins(row: TargetRow) -> Month:
    return row.from_month


def _standing(rows: Sequence[TargetRow], begun: int, month: Month) -> TargetRow | None:
    """The last of those that have begun, of a column's month rows, unless it has ended before the month."""
    row = rows[begun - 1] if begun else None
    return None if row is None or (row.until_month is not None and row.until_month < month) else row


def _version_of_first_month() -> Coalesce:
    """Where the version of the KPI that holds in a row's first month begins; 0 where the KPI was never changed."""
    begun = KpiVersion.objects.filter(kpi=OuterRef("kpi"), from_month__lte=OuterRef("from_month"))
    return Coalesce(Subquery(begun.order_by("-from_month").values("from_month")[:1]), 0)


def _row(
    number: Callable[[int], Fraction],
    since: Month,
    from_month: Month,
    per: str,
    until_month: Month | None,
    tier_ends: Month | None,
    *parts: int | None,
) -> TargetRow:
    goal = Goal(*[None if part is None else number(part) for part in parts])
    return TargetRow(from_month, per, until_retired(per, until_month, tier_ends), goal, since)
