"""The actuals that targets are held against: a year before and the latest, as long as the target is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from core.formatting import MONTH_NAMES
from core.periods import FiscalCalendar, Kind, Month, Period, month_of, shift
from customers.models import Tier
from kpis.choices import TimeMethod
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.reading.actuals import part_words, read_actuals, year_before
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actual, Actuals
from kpis.reading.freshness import months_with_data
from kpis.rollup.merging import CellStore, period_values


@dataclass(frozen=True, slots=True)
class Compared:
    """An actual beside a target, and what it is of: ``2025``, ``Q3 2026``, ``Sep 2026``, ``12 months to Oct 2026``.

    ``part`` says why it is not that of the whole; empty where it is, or where there is none.
    """

    number: Fraction | None
    span: str
    part: str = ""

    @property
    def short(self) -> str:
        """The span for a narrow place: ``12 months``."""
        return "12 months" if self.span.startswith("12 months") else self.span

    @property
    def whole(self) -> Fraction | None:
        """The number, where it is that of the whole."""
        return None if self.part else self.number


class Comparisons:
    """What some targets are held against, read once, whatever their number.

    A year's target is for a year: beside it stand the last fiscal year that is over, and the twelve months that end
    with the newest ended month that has data. Customers over several months are not counted from those of each: of
    such a KPI the latest is the year that is over.
    """

    def __init__(
        self,
        targets: Collection[Target],
        library: Collection[Kpi],
        versions: VersionBook,
        tiers: Collection[Tier],
        calendar: FiscalCalendar,
        today: date,
    ) -> None:
        self._calendar, self._today, self._versions = calendar, today, versions
        month = month_of(today)
        self.newest = max((one for one in months_with_data() if one < month), default=shift(month, -1))
        periods = {one for target in targets for one in (self._before(target), self._newest(target))}
        periods |= {self._month()} if periods else set()
        self._actuals = read_actuals(periods, library, versions, tiers) if periods else {}
        yearly = any(target.per == Kind.YEAR for target in targets)
        self._trailing = self._read_trailing(library, tiers) if yearly else {}

    def last_year(self, target: Target) -> Compared:
        """Of the same period in the last fiscal year in which it is over."""
        period = self._before(target)
        return self._compared(target, self._actuals[period], period, short_period(period))

    def latest(self, target: Target) -> Compared:
        """Of the newest ended period of the target's length; of a year's the latest twelve months."""
        if target.per != Kind.YEAR:
            period = self._newest(target)
            return self._compared(target, self._actuals[period], period, short_period(period))
        trailing = target.kpi.time_method == TimeMethod.TTM
        found = self._actuals[self._month()] if trailing else self._trailing
        if (target.kpi_id, target.tier_id) not in found:
            return self.last_year(target)
        return self._compared(target, found, self._twelve_months(), f"12 months to {short_period(self._month())}")

    def _compared(self, target: Target, actuals: Actuals, period: Period, span: str) -> Compared:
        actual = actuals.get((target.kpi_id, target.tier_id))
        then, now = self._versions.at(target.kpi, period.last), target.kpi
        if actual is None or (then.unit, then.currency) != (now.unit, now.currency):
            return Compared(None, span)
        return Compared(actual.number, span, part_words(actual, period, self._today))

    def _before(self, target: Target) -> Period:
        period = year_before(self._calendar.period(Kind(target.per), Month(target.from_month)))
        while period.is_to_date(self._today) or period.first_day > self._today:
            period = year_before(period)
        return period

    def _newest(self, target: Target) -> Period:
        found = self._calendar.period(Kind(target.per), self.newest)
        return found.previous if found.is_to_date(self._today) else found

    def _month(self) -> Period:
        return self._calendar.period(Kind.MONTH, self.newest)

    def _twelve_months(self) -> Period:
        """The twelve months that end with the newest, as the year of a calendar that begins after it."""
        calendar = replace(self._calendar, start_month=shift(self.newest, 1) % 100)
        return calendar.period(Kind.YEAR, self.newest)

    def _read_trailing(self, library: Iterable[Kpi], tiers: Iterable[Tier]) -> Actuals:
        """The values of these months, calculated ones included."""
        span = self._twelve_months()
        meant = [self._versions.at(kpi, span.last) for kpi in library]
        told = [kpi for kpi in meant if not (kpi.calculated or kpi.method.counts_over_months)]
        store = CellStore.read({kpi.source_id: span.months for kpi in told}, {})
        found: Actuals = {
            (kpi.pk, tier): Actual(
                *(value.number, value.months_with_data, value.months_expected, value.total.facts, value.last_month),
                value.provisional,
            )
            for kpi in told
            for tier, value in period_values(kpi, span, store).items()
        }
        Calculations.of(meant).fill(found, [tier.pk for tier in tiers], span.kind.length)
        return found


def short_period(period: Period) -> str:
    """``Sep 2026``, ``Q3 2026``, ``2026``."""
    return f"{short_name(period)} {period.year}" if period.kind is not Kind.YEAR else str(period.year)


def short_name(period: Period) -> str:
    """``Sep``, ``Q3``, ``2026``: where the year is known."""
    names = {Kind.MONTH: MONTH_NAMES[period.number - 1][:3], Kind.QUARTER: f"Q{period.number}"}
    return names.get(period.kind, str(period.year))
