"""The target-versus-actual matrix of a period: the one value behind page, API, export and PDF.

Cells hold actuals; target and status are applied here, when read, so an approval needs no rollup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Max, Q

from accounts.services import company, today_of
from core.periods import Month, Period, month_code, month_of, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import CustomerMethod, Direction, Status, TimeMethod
from kpis.formulas import Band, Goal, Method, attainment, status, variance
from kpis.models import Kpi, PeriodCell, RolledSlice
from kpis.rollup.merging import method_of
from kpis.targets import TargetBook


@dataclass(frozen=True, slots=True)
class Cell:
    """One KPI in one tier and period: actual beside target, and the verdict.

    Values are exact, in the KPI's unit (percent values times 100); None where there is none.
    ``variance`` is actual less target and, like ``attainment``, is empty for ranges and for
    ``partial`` cells, where a part is not compared with a whole. ``previous`` is empty where the
    change is withheld. ``last_month`` is the last month that has a value.
    """

    tier: Tier
    actual: Fraction | None
    target: Fraction | None
    low: Fraction | None
    high: Fraction | None
    variance: Fraction | None
    attainment: Fraction | None
    status: Status
    pace: Status | None
    previous: Fraction | None
    months_with_data: int
    months_expected: int
    facts: int
    last_month: Month | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A KPI and its cells, in the order of the matrix's tiers."""

    kpi: Kpi
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All KPIs of a period by tier: leading rows first; tiers by rank, untiered, all customers last.

    ``computed_at`` is when the newest of its cells was rolled up, ``data_until`` the last month
    of the period that has any data; both None where nothing has been rolled up.
    """

    period: Period
    to_date: bool
    computed_at: datetime | None
    data_until: Month | None
    tiers: tuple[Tier, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Actual:
    """A stored period cell, as the matrix needs it."""

    number: Fraction | None
    months_with_data: int
    months_expected: int
    facts: int
    last_month: Month | None


Actuals = dict[tuple[int, int], Actual]


def build_matrix(period: Period, *, today: date | None = None) -> Matrix:
    """The matrix of a period as of today (the company's day where not given).

    Takes the same few queries whatever the number of KPIs and tiers. A period that has not begun
    has no values.
    """
    return MatrixBuilder(period, today or today_of(company())).build()


def shown_month(period: Period, today: date) -> Month:
    """The month that a trailing-twelve-months value of the period ends with: its last ended one."""
    return min(period.last, shift(month_of(today), -1))


class MatrixBuilder:
    """Reads what a period's matrix needs, once, and judges each cell."""

    def __init__(self, period: Period, today: date, kpis: Sequence[Kpi] | None = None) -> None:
        self.period = period
        self.today = today
        self.to_date = period.is_to_date(today)
        self.begun = period.first_day <= today
        self.end = shown_month(period, today)
        found = Kpi.objects.in_matrix_order().select_related("department")
        self.kpis = list(found) if kpis is None else list(kpis)
        self.tiers = list(Tier.objects.all())
        self.methods = {kpi.pk: method_of(kpi) for kpi in self.kpis}
        self.book = TargetBook.read(period.calendar, min(period.first, self.end), period.last)

    def build(self) -> Matrix:
        """The whole matrix."""
        current, previous = self._actuals()
        columns = self._columns(current)
        goals = {kpi.pk: self._goals(kpi, current) for kpi in self.kpis}
        months = self._month_numbers(current, goals)
        rows = tuple(
            Row(kpi, tuple(self._cell(kpi, tier, current, previous, goals[kpi.pk], months) for tier in columns))
            for kpi in self.kpis
        )
        slices = RolledSlice.objects.filter(month__gte=self.period.first, month__lte=self.period.last)
        fresh = slices.aggregate(at=Max("computed_at"), until=Max("month", filter=Q(facts__gt=0)))
        return Matrix(self.period, self.to_date, fresh["at"], fresh["until"], tuple(columns), rows)

    def _actuals(self) -> tuple[Actuals, Actuals]:
        """The cells of this period and of the one before, in one query."""
        before = self.period.previous
        now, then = self.period.code, before.code
        now_ttm, then_ttm = month_code(self.end), month_code(before.last)
        wanted = {now, now_ttm} | (set() if self.to_date else {then, then_ttm})
        current: Actuals = {}
        previous: Actuals = {}
        for code, kpi, tier, actual in read_cells(wanted if self.begun else set()):
            ttm = kpi in self.methods and self.methods[kpi].time == TimeMethod.TTM
            if code == (now_ttm if ttm else now):
                current[kpi, tier] = actual
            if code == (then_ttm if ttm else then):
                previous[kpi, tier] = actual
        return current, previous

    def _columns(self, current: Actuals) -> list[Tier]:
        """Tiers in use; a retired one with a fact or a target in the period; untiered with a fact; all."""
        held = {tier for (kpi, tier), actual in current.items() if actual.facts and kpi in self.methods}
        return [
            tier
            for tier in self.tiers
            if tier.scope == TierScope.ALL
            or tier.pk in held
            or (tier.scope == TierScope.TIER and (not tier.retired or self._has_target(tier)))
        ]

    def _has_target(self, tier: Tier) -> bool:
        return any(self.book.reaches(kpi.pk, tier.pk, self.methods[kpi.pk], self._months(kpi)) for kpi in self.kpis)

    def _months(self, kpi: Kpi) -> tuple[Month, ...]:
        """The months whose targets count: the period's own, for ttm the last of the window."""
        return (self.end,) if kpi.time_method == TimeMethod.TTM else self.period.months

    def _goals(self, kpi: Kpi, current: Actuals) -> dict[int, Goal | None]:
        """The target of each tier by the four rules, and of all customers."""
        method = self.methods[kpi.pk]
        end = self.end if method.time == TimeMethod.TTM else self.period.last
        goals = {t.pk: self.book.of_period(kpi.pk, t.pk, method, self.period, end) for t in self.tiers}
        held = {tier for (of, tier), actual in current.items() if of == kpi.pk and actual.facts}
        return self._with_all(kpi, goals, held, self._months(kpi))

    def _with_all(
        self, kpi: Kpi, goals: dict[int, Goal | None], held: set[int], months: Sequence[Month]
    ) -> dict[int, Goal | None]:
        """All customers without a row of their own: the sum of the tiers, where each tier that has a
        fact or a target has one, for a KPI that sums customers; others have none.
        """
        goals = {tier: goal if goal is not None and goal.fits(kpi.direction) else None for tier, goal in goals.items()}
        everyone = next(tier.pk for tier in self.tiers if tier.scope == TierScope.ALL)
        if goals[everyone] is None and kpi.customer_method == CustomerMethod.SUM:
            method = self.methods[kpi.pk]
            concerned = [
                goals[tier.pk]
                for tier in self.tiers
                if tier.scope == TierScope.TIER
                and (tier.pk in held or self.book.reaches(kpi.pk, tier.pk, method, months))
            ]
            goals[everyone] = added(concerned)
        return goals

    def _month_numbers(
        self, current: Actuals, goals: dict[int, dict[int, Goal | None]]
    ) -> dict[tuple[int, int], dict[Month, Actual]]:
        """For cells that may have a pace, the actuals of the period's ended months; else no query."""
        ended = self.period.ended_months(self.today)
        concerned = {
            kpi
            for (kpi, tier), actual in current.items()
            if kpi in self.methods
            and self.methods[kpi].scales
            and goals[kpi].get(tier)
            and self._is_partial(self.methods[kpi], actual)
        }
        months: dict[tuple[int, int], dict[Month, Actual]] = defaultdict(dict)
        if concerned and ended:
            codes = {month_code(month): month for month in ended}
            for code, kpi, tier, actual in read_cells(codes, concerned):
                months[kpi, tier][codes[code]] = actual
        return months

    def _is_partial(self, method: Method, actual: Actual) -> bool:
        """Whether the value is a part that must not be held against the whole."""
        return (
            (method.additive and actual.months_with_data < actual.months_expected)
            or (self.to_date and method.counts_or_sums)
            or (method.time == TimeMethod.LAST and actual.last_month != self.period.last)
        )

    def _cell(
        self,
        kpi: Kpi,
        tier: Tier,
        current: Actuals,
        previous: Actuals,
        goals: dict[int, Goal | None],
        months: dict[tuple[int, int], dict[Month, Actual]],
    ) -> Cell:
        method = self.methods[kpi.pk]
        expected = 12 if method.time == TimeMethod.TTM else self.period.kind.length
        actual = current.get((kpi.pk, tier.pk)) or Actual(None, 0, expected, 0, None)
        goal = goals[tier.pk]
        verdict = self._verdict(kpi, method, actual, goal)
        compared = goal if verdict != Status.PARTIAL else None
        pace = None
        if verdict == Status.PARTIAL and method.scales:
            pace = self._pace(kpi, tier, months)
        return Cell(
            tier,
            actual.number,
            *(goal.parts if goal else (None, None, None)),
            variance=variance(actual.number, compared),
            attainment=attainment(actual.number, compared, Direction(kpi.direction)),
            status=verdict,
            pace=pace,
            previous=self._previous(method, actual, previous.get((kpi.pk, tier.pk))),
            months_with_data=actual.months_with_data,
            months_expected=actual.months_expected,
            facts=actual.facts,
            last_month=actual.last_month,
        )

    def _verdict(self, kpi: Kpi, method: Method, actual: Actual, goal: Goal | None) -> Status:
        """The first that applies of no data, no target, partial; else met, near or missed."""
        if actual.number is None:
            return Status.NO_DATA
        if goal is None:
            return Status.NO_TARGET
        if self._is_partial(method, actual):
            return Status.PARTIAL
        return status(actual.number, goal, Direction(kpi.direction), band_of(kpi))

    def _previous(self, method: Method, now: Actual, then: Actual | None) -> Fraction | None:
        """The value before, None where the change is withheld: to date, or either a part of a whole."""
        if self.to_date or then is None:
            return None
        gaps = [cell.months_with_data < cell.months_expected for cell in (now, then)]
        return None if method.additive and any(gaps) else then.number

    def _pace(self, kpi: Kpi, tier: Tier, months: dict[tuple[int, int], dict[Month, Actual]]) -> Status | None:
        """The ended months with data, against the target of just those months."""
        held = {m: cell.number for m, cell in months.get((kpi.pk, tier.pk), {}).items() if cell.number is not None}
        if not held:
            return None
        goals = {t.pk: self.book.shares(kpi.pk, t.pk, sorted(held)) for t in self.tiers}
        facts = {of_tier for (of, of_tier), cells in months.items() if of == kpi.pk and _facts_in(cells, held)}
        goal = self._with_all(kpi, goals, facts, sorted(held))[tier.pk]
        if goal is None:
            return None
        return status(sum(held.values(), Fraction(0)), goal, Direction(kpi.direction), band_of(kpi))


def _facts_in(cells: dict[Month, Actual], months: Iterable[Month]) -> bool:
    return any(cells[month].facts for month in months if month in cells)


def added(goals: Sequence[Goal | None]) -> Goal | None:
    """The sum of targets; None where there are none or one is missing."""
    known = [goal for goal in goals if goal is not None]
    if not known or len(known) < len(goals):
        return None
    merged = known[0]
    for goal in known[1:]:
        merged += goal
    return merged


def band_of(kpi: Kpi) -> Band:
    """How far from the target is still near, from the KPI's own settings."""
    absolute = None if kpi.near_band_abs is None else Fraction(kpi.near_band_abs)
    return Band(absolute=absolute) if kpi.near_band is None else Band(Fraction(kpi.near_band), absolute)


def read_cells(codes: Iterable[str], kpis: Iterable[int] | None = None) -> Iterable[tuple[str, int, int, Actual]]:
    """Stored cells of these periods: (period, KPI id, tier id, actual)."""
    found = PeriodCell.objects.of_periods(codes)
    if kpis is not None:
        found = found.filter(kpi_id__in=kpis)
    fields = (
        *("period", "kpi_id", "tier_id", "value_numerator", "value_denominator"),
        *("months_with_data", "months_expected", "facts", "last_month"),
    )
    for code, kpi, tier, above, below, *rest in found.values_list(*fields):
        number = None if above is None or below is None else Fraction(above, below)
        yield code, kpi, tier, Actual(number, *rest)
