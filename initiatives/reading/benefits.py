"""What benefits should have brought by a day and what they brought: by benefit, and added up by level.

Money is in the company's currency by finance's rate of the fiscal year in which the benefit begins (that of
the day for one that begins later); what has no rate is left out of sums, and named. What a KPI brought is
read from its cells:

- one that scales (a sum): the values of the ended months since the initiative began, less the mean month
  of the twelve before;
- any other: the value of the newest ended quarter less that of the last one before the initiative
  began (of a trailing twelve months: of months). Rates are never averaged.

Better counts as more: where lower is better the difference is turned round; a range has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from accounts.company import company, today_of
from core.formatting import month_span, period_name
from core.periods import FiscalCalendar, Kind, Month, Period, first_day, month_code, month_of, months_between, shift
from customers.reading.tiers import all_customers
from initiatives.choices import BenefitKind, BenefitState, Level, Stage
from initiatives.models import Benefit, Initiative, RealisedBenefit
from initiatives.reading.standings import Money, Standing, read_standings
from kpis.choices import Direction
from kpis.models import Kpi
from kpis.reading.cells import read_cells

_YEAR = 12
COUNTED = frozenset({Stage.APPROVED, Stage.IN_PROGRESS, Stage.ON_HOLD, Stage.DONE})


@dataclass(frozen=True, slots=True)
class Brought:
    """A planned benefit on a day.

    In money: company money, None without a rate. In a KPI: the KPI's unit; ``baseline`` and ``now``
    are then what is compared, in the periods ``before`` and ``since`` (in words), empty where there
    is nothing to compare. ``months`` are the months entered, of money.
    """

    benefit: Benefit
    planned: Fraction | None
    to_date: Fraction | None
    realised: Fraction | None
    baseline: Fraction | None = None
    now: Fraction | None = None
    before: str = ""
    since: str = ""
    months: tuple[RealisedBenefit, ...] = ()

    @property
    def in_money(self) -> bool:
        """Whether it counts in sums of money."""
        return self.benefit.kind == BenefitKind.MONEY

    @property
    def without_rate(self) -> bool:
        """Whether sums leave it out for want of a rate."""
        return self.in_money and self.planned is None

    @property
    def on_course(self) -> bool | None:
        """Whether it brought what it should have by now; None where one of the two is not known."""
        if self.realised is None or not self.to_date:
            return None
        return self.realised >= self.to_date


@dataclass(frozen=True, slots=True)
class LevelSum:
    """What a level's initiatives cost, and what benefits in money should bring and brought.

    ``initiatives`` are those approved, running, on hold and done; ``promising`` of them have an approved
    benefit. ``kpi_benefits`` count in a KPI's unit, ``kpi_met`` of them brought what they should.
    """

    level: Level | None
    initiatives: int
    promising: int
    planned: Fraction
    to_date: Fraction
    realised: Fraction
    waiting: Fraction
    cost: Fraction
    spent: Fraction
    kpi_benefits: int = 0
    kpi_met: int = 0


def read_benefits(benefits: QuerySet[Benefit], *, day: date | None = None) -> list[Brought]:
    """Each benefit as of the day (today where not given), in the query's order. A constant number of queries."""
    return brought(list(benefits.select_related(*_NAMES)), day=day)


def brought(benefits: Sequence[Benefit], *, day: date | None = None) -> list[Brought]:
    """The same of benefits that were read with their initiative, KPI and tier."""
    found = company()
    return _Reader(benefits, found.calendar, day or today_of(found)).read()


_NAMES = (
    "initiative",
    "initiative__customer",
    "initiative__department",
    "kpi",
    "tier",
    "created_by",
    "proposed_by",
    "decided_by",
)


class _Reader:
    """What a set of benefits needs, read once."""

    def __init__(self, rows: Sequence[Benefit], calendar: FiscalCalendar, day: date) -> None:
        self.rows, self.calendar, self.day = rows, calendar, day
        self.money = Money.read()
        self.last = shift(month_of(day), -1)  # the newest month that has ended
        self.entered = self._entered()
        self.everybody = all_customers().pk
        self.cells = self._cells()

    def read(self) -> list[Brought]:
        """All of them."""
        return [self._in_kpi(row, row.kpi) if row.kpi else self._in_money(row) for row in self.rows]

    def _entered(self) -> dict[tuple[int, str], list[RealisedBenefit]]:
        found: dict[tuple[int, str], list[RealisedBenefit]] = defaultdict(list)
        ids = {row.initiative_id for row in self.rows}
        for entry in RealisedBenefit.objects.filter(initiative__in=ids).select_related("by").order_by("month"):
            found[entry.initiative_id, entry.name].append(entry)
        return found

    def _in_money(self, row: Benefit) -> Brought:
        months = tuple(self.entered[row.initiative_id, row.name])
        # nobody knows the rate of a year to come
        rate = self.money.rate(row.currency, min(first_day(Month(row.from_month)), self.day))
        if rate is None:
            return Brought(row, None, None, None, months=months)
        planned = Fraction(row.value_per_year) * rate
        realised = sum((Fraction(entry.value) for entry in months), Fraction(0)) * rate
        return Brought(row, planned, planned * self._elapsed(row) / _YEAR, realised, months=months)

    def _elapsed(self, row: Benefit) -> int:
        """The ended months since the benefit begins; 0 before."""
        return len(months_between(Month(row.from_month), self.last)) if row.from_month <= self.last else 0

    # -- in a KPI's unit

    def _cells(self) -> dict[tuple[str, int, int], Fraction]:
        """Values by period, KPI id and tier id."""
        codes: set[str] = set()
        for row in self.rows:
            if row.kpi:
                codes |= self._codes(row)
        if not codes:
            return {}
        kpis = {row.kpi_id for row in self.rows if row.kpi_id}
        read = read_cells(codes, kpis)
        return {(code, kpi, tier): one.number for code, kpi, tier, one in read if one.number is not None}

    def _codes(self, row: Benefit) -> set[str]:
        start = _start_of(row.initiative)
        if start is None or row.kpi is None:
            return set()
        if row.kpi.method.scales:
            return {month_code(month) for month in (*self._before(start), *self._since(start))}
        return {self._baseline(row.kpi, start).code, self._newest(row.kpi).code}

    def _before(self, start: Month) -> tuple[Month, ...]:
        return months_between(shift(start, -_YEAR), shift(start, -1))

    def _since(self, start: Month) -> tuple[Month, ...]:
        return months_between(start, self.last) if start <= self.last else ()

    def _kind(self, kpi: Kpi) -> Kind:
        return Kind.MONTH if kpi.method.counts_window else Kind.QUARTER

    def _baseline(self, kpi: Kpi, start: Month) -> Period:
        """The last whole period before the month in which the initiative began."""
        return self.calendar.period(self._kind(kpi), start).previous

    def _newest(self, kpi: Kpi) -> Period:
        """The newest period that has ended."""
        return self.calendar.period(self._kind(kpi), month_of(self.day)).previous

    def _in_kpi(self, row: Benefit, kpi: Kpi) -> Brought:
        planned, start = Fraction(row.value_per_year), _start_of(row.initiative)
        bare = Brought(row, planned, self._due(row, kpi, planned), None)
        if start is None or kpi.direction == Direction.RANGE:
            return bare
        return self._summed(bare, kpi, start) if kpi.method.scales else self._compared(bare, kpi, start)

    def _due(self, row: Benefit, kpi: Kpi, planned: Fraction) -> Fraction:
        """What it should have brought: by the month, or whole once a period has ended that reaches into its time."""
        if kpi.method.scales:
            return planned * self._elapsed(row) / _YEAR
        return planned if self._newest(kpi).last >= row.from_month else Fraction(0)

    def _summed(self, bare: Brought, kpi: Kpi, start: Month) -> Brought:
        before = self._values(bare.benefit, map(month_code, self._before(start)))
        since = self._values(bare.benefit, map(month_code, self._since(start)))
        codes = _span(self._before(start)), _span(self._since(start))
        if not before or not since or self._changed(kpi, self._before(start)[0]):
            return bare
        baseline = sum(before, Fraction(0)) / len(before) * len(since)
        return self._difference(bare, kpi, baseline, sum(since, Fraction(0)), codes)

    def _compared(self, bare: Brought, kpi: Kpi, start: Month) -> Brought:
        before, newest = self._baseline(kpi, start), self._newest(kpi)
        values = self._values(bare.benefit, (before.code, newest.code))
        if len(values) < 2 or newest.last <= before.last or self._changed(kpi, before.last):
            return bare
        return self._difference(bare, kpi, values[0], values[1], (period_name(before), period_name(newest)))

    def _changed(self, kpi: Kpi, since: Month) -> bool:
        """Whether the KPI means something else since then: no change is told across versions."""
        return kpi.versions_from is not None and kpi.versions_from > since

    def _values(self, row: Benefit, codes: Iterable[str]) -> list[Fraction]:
        tier, kpi = row.tier_id or self.everybody, row.kpi_id or 0
        return [value for code in codes if (value := self.cells.get((code, kpi, tier))) is not None]

    def _difference(
        self, bare: Brought, kpi: Kpi, baseline: Fraction, now: Fraction, codes: tuple[str, str]
    ) -> Brought:
        realised = baseline - now if kpi.direction == Direction.LOWER else now - baseline
        return Brought(bare.benefit, bare.planned, bare.to_date, realised, baseline, now, *codes)


def _start_of(row: Initiative) -> Month | None:
    """The month in which it began; None where it has not."""
    begun = row.started_on or (row.baseline_start if row.stage in {Stage.IN_PROGRESS, Stage.DONE} else None)
    return None if begun is None else month_of(begun)


def _span(months: Sequence[Month]) -> str:
    """``November 2025 to October 2026``; empty for none."""
    return month_span(months[0], months[-1]) if months else ""


@dataclass(frozen=True, slots=True)
class BenefitReport:
    """What all benefits should bring and brought, by level, with what sums leave out."""

    levels: tuple[LevelSum, ...]
    total: LevelSum
    without_rate: tuple[Brought, ...]
    cost_without_rate: tuple[Standing, ...]


def report_benefits(*, day: date | None = None) -> BenefitReport:
    """Planned, realised and cost by level, every level included, with zeros. A constant number of queries."""
    counted = [one for one in read_standings(Initiative.objects.all(), as_of=day) if one.stage in COUNTED]
    states = (BenefitState.APPROVED, BenefitState.PROPOSED)
    ids = [one.initiative.pk for one in counted]
    brought = read_benefits(Benefit.objects.filter(state__in=states, initiative__in=ids), day=day)
    levels = tuple(
        _sum(
            level,
            [one for one in counted if one.initiative.level == level],
            [one for one in brought if one.benefit.initiative.level == level],
        )
        for level in Level
    )
    return BenefitReport(
        levels,
        _sum(None, counted, brought),
        tuple(one for one in brought if one.without_rate),
        tuple(one for one in counted if one.without_rate),
    )


def _sum(level: Level | None, standings: Sequence[Standing], brought: Sequence[Brought]) -> LevelSum:
    approved = [one for one in brought if one.benefit.state == BenefitState.APPROVED]
    money = [one for one in approved if one.in_money]
    in_kpis = [one for one in approved if not one.in_money]
    waiting = [one for one in brought if one.benefit.state == BenefitState.PROPOSED and one.in_money]
    return LevelSum(
        level,
        len(standings),
        len({one.benefit.initiative_id for one in approved}),
        _added(one.planned for one in money),
        _added(one.to_date for one in money),
        _added(one.realised for one in money),
        _added(one.planned for one in waiting),
        _added(one.cost for one in standings),
        _added(one.spent for one in standings),
        len(in_kpis),
        sum(one.on_course is True for one in in_kpis),
    )


def _added(amounts: Iterable[Fraction | Decimal | None]) -> Fraction:
    return sum((Fraction(amount) for amount in amounts if amount is not None), Fraction(0))
