"""Steps that a steward may want to set, with the limits before and after; and whether a KPI looks seasonal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import takewhile

from core.formatting import month_name
from core.periods import Month, first_day, month_of, shift
from core.registry import StepCause, step_causes
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import Signal
from kpis.formulas.signals import LEAST_POINTS, Limits, chart_of, mean_range, points_of
from kpis.models import Kpi, MonthSignal
from kpis.reading.signal_points import SignalBook, Values

LOOK_BACK = 24  # months in which something is looked for
STOOD = 12  # months that a signal stands before its beginning is proposed as a step
SEASONAL_FROM = 24  # months with a value


@dataclass(frozen=True, slots=True)
class ProposedStep:
    """A step that nobody has set: ``tier`` None is of all columns, whose limits are those of all customers.

    ``before`` are the limits as they are, ``after`` as they would be, None with fewer than twelve ``points``.
    """

    month: Month
    tier: Tier | None
    reason: str
    before: Limits | None
    after: Limits | None
    points: int


@dataclass(frozen=True, slots=True)
class SeasonalHint:
    """A KPI whose months differ less from those a year before than from one another."""

    months: int
    by_month: Fraction
    by_year: Fraction


def propose_steps(book: SignalBook, kpi: Kpi, today: date) -> list[ProposedStep]:
    """What of the last 24 ended months may be a step of a KPI, the latest first: what happened to its customers or
    by its initiatives, and signals that have stood for a year. Those since which a step was set are left out.
    """
    last = shift(month_of(today), -1)
    begin, end = first_day(shift(last, 1 - LOOK_BACK)), first_day(shift(last, 1))
    columns = {tier.pk: tier for tier in book.tiers}
    everyone = next(tier for tier in book.tiers if tier.scope == TierScope.ALL)
    found: dict[tuple[Month, int | None], ProposedStep] = {}
    for cause in (*step_causes(kpi.pk, begin, end), *_standing(kpi, last, columns)):
        tier = columns.get(cause.tier) if cause.tier else everyone
        if tier and cause.month <= last and book.last_step(kpi, tier.pk, last) < cause.month:
            place = cause.month, cause.tier
            found[place] = _proposed(book, kpi, tier, cause, last, found.get(place))
    return sorted((one for one in found.values() if one.before or one.after), key=lambda one: -one.month)


def read_seasonal(book: SignalBook, kpi: Kpi, last: Month) -> SeasonalHint | None:
    """Whether a KPI looks seasonal, by the months of all customers; None where it is marked, doesn't look it, or has
    fewer than 24 months.
    """
    everyone = next(tier for tier in book.tiers if tier.scope == TierScope.ALL)
    values = book.values(kpi, everyone.pk, last)
    differences = points_of(values, seasonal=True)
    if kpi.seasonal or len(values) < SEASONAL_FROM or len(differences) < LEAST_POINTS:
        return None
    by_month = mean_range(list(values.values()))
    by_year = mean_range([one.value for one in differences])
    return SeasonalHint(len(values), by_month, by_year) if by_year < by_month else None


def _proposed(
    book: SignalBook, kpi: Kpi, tier: Tier, cause: StepCause, last: Month, same: ProposedStep | None
) -> ProposedStep:
    values = book.values(kpi, tier.pk, last)
    before = _limits(kpi, values)
    since = {month: value for month, value in values.items() if month >= cause.month}
    reason = f"{same.reason}; {cause.reason}" if same else cause.reason
    points = len(points_of(since, seasonal=kpi.seasonal))
    return ProposedStep(cause.month, tier if cause.tier else None, reason, before, _limits(kpi, since), points)


def _limits(kpi: Kpi, values: Values) -> Limits | None:
    return chart_of([one.value for one in points_of(values, seasonal=kpi.seasonal)]).limits


def _standing(kpi: Kpi, last: Month, columns: Iterable[int]) -> Iterator[StepCause]:
    """Signals that have stood for twelve months or more: from when on, and which. One query."""
    rows = MonthSignal.objects.filter(kpi=kpi.pk, month__gte=shift(last, 1 - LOOK_BACK), month__lte=last)
    said = {(tier, month): signal for tier, month, signal in rows.values_list("tier_id", "month", "signal")}
    for tier in columns:
        newest = said.get((tier, last))
        back = (shift(last, -n) for n in range(LOOK_BACK))
        stood = list(takewhile(lambda month: newest and said.get((tier, month)) == newest, back))  # noqa: B023
        if len(stood) >= STOOD and newest:
            words = f"a signal ({Signal(newest).label}) stands since {month_name(stood[-1])}"
            yield StepCause(stood[-1], tier, words)
