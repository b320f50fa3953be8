"""Targets of the demo company, in versions, from its tables of aims and its plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import floor, log10

from core.periods import FiscalCalendar, Kind, Month, Period, shift
from demo import aims, behaviour
from demo.measuring import Measuring, Plan
from demo.people import TIERS
from demo.timeline import LENGTH, Timeline
from kpis.choices import Per, TargetState

COLUMNS = (*(code for code, _ in TIERS), "all")
_SOURCES = {"revenue_ttm": "revenue", "margin_ttm": "margin_pct"}


@dataclass(frozen=True)
class Agreed:
    """One version of a target row; a range has ``low`` and ``high`` in place of ``value``."""

    kpi: str
    tier: str
    month: Month
    per: Per
    value: Decimal | None
    year: Period
    low: Decimal | None = None
    high: Decimal | None = None
    until: Month | None = None
    plan: Decimal | None = None
    version: int = 1
    state: TargetState = TargetState.APPROVED
    note: str = ""
    batch: str = ""


def targets(measuring: Measuring) -> list[Agreed]:
    """All versions of all targets, once the facts have been read (the plan is known then)."""
    timeline = measuring.timeline
    rows = [*_rates(timeline), *_ranges(timeline), *_shares(measuring), *_active(measuring), *_lifetimes(measuring)]
    return [*_with_versions(rows, timeline), *_next_year(timeline)]


def _home_year(timeline: Timeline) -> Period:
    """The fiscal year of the newest ended quarter, for which the tables of aims are."""
    return timeline.calendar.period(Kind.YEAR, timeline.newest_quarter.last)


def _rates(timeline: Timeline) -> Iterator[Agreed]:
    for year in timeline.fiscal_years:
        since = year.year - _home_year(timeline).year
        for aim in aims.RATES:
            for tier, level in zip(COLUMNS, aim.levels, strict=True):
                if level is not None:
                    yield Agreed(aim.kpi, tier, year.first, aim.per, exact(level + since * aim.step), year)
    yield from _ended(timeline)


def _ended(timeline: Timeline) -> Iterator[Agreed]:
    """A month target with an end, after which there is none."""
    kpi, tier, value = aims.ENDED
    year, until = timeline.fiscal_years[0], timeline.newest_quarter.previous.last
    yield Agreed(kpi, tier, year.first, Per.MONTH, exact(value), year, until=until)


def _ranges(timeline: Timeline) -> Iterator[Agreed]:
    first, *later = timeline.fiscal_years
    for kpi, per, levels in aims.BEFORE_RANGES:
        for tier, level in zip(COLUMNS, levels, strict=True):
            yield Agreed(kpi, tier, first.first, per, exact(level), first)
    for year in later:
        for kpi, per, bounds in aims.RANGES:
            for tier, (low, high) in zip(COLUMNS, bounds, strict=True):
                yield Agreed(kpi, tier, year.first, per, None, year, exact(low), exact(high))


def _shares(measuring: Measuring) -> Iterator[Agreed]:
    for share in aims.SHARES:
        for tier, ambition in zip(COLUMNS, share.ambition, strict=False):
            if ambition is not None:
                for period, year in _spans(measuring.timeline, share.pers):
                    plan = sum(
                        planned(measuring, _SOURCES.get(share.kpi, share.kpi), tier, month) for month in period.months
                    )
                    value = exact(figures(plan * ambition, share.figures))
                    per = Per(period.kind.value)
                    yield Agreed(share.kpi, tier, period.first, per, value, year, plan=exact(figures(plan, 4)))


def _active(measuring: Measuring) -> Iterator[Agreed]:
    """Active customers, a row for each length: what the customers on the book lead one to expect."""
    for period, year in _spans(measuring.timeline, (Per.MONTH, Per.QUARTER, Per.YEAR)):
        total = 0.0
        for (tier, _), ambition in zip(TIERS, aims.ACTIVE_AMBITION, strict=True):
            heads = max(_head_count(measuring, tier, month) for month in period.months)
            active = heads * (1 - behaviour.CUSTOMERS[tier][4] ** period.kind.length) * ambition
            total += active
            yield _counted("active_customers", tier, period, year, active)
        yield _counted("active_customers", "all", period, year, total)


def _lifetimes(measuring: Measuring) -> Iterator[Agreed]:
    """Lifetime value, by quarter: the plan's mean over the customers on the book."""
    for period, year in _spans(measuring.timeline, (Per.QUARTER,)):
        for (tier, _), ambition in zip(TIERS, aims.LIFETIME_AMBITION, strict=True):
            plan = planned(measuring, "clv", tier, period.last) / max(1, _head_count(measuring, tier, period.last))
            yield Agreed("clv", tier, period.first, Per.QUARTER, exact(figures(plan * ambition, 3)), year)


def _counted(kpi: str, tier: str, period: Period, year: Period, value: float) -> Agreed:
    return Agreed(kpi, tier, period.first, Per(period.kind.value), Decimal(round(value)), year)


def _spans(timeline: Timeline, pers: Sequence[Per]) -> Iterator[tuple[Period, Period]]:
    """The periods of each length in the years that have targets, with their year."""
    for year in timeline.fiscal_years:
        for per in pers:
            yield from ((period, year) for period in _parts(year, Kind(per.value), timeline.calendar))


def _parts(year: Period, kind: Kind, calendar: FiscalCalendar) -> list[Period]:
    return [calendar.period(kind, month) for month in year.months[:: kind.length]]


def planned(measuring: Measuring, kpi: str, tier: str, month: Month) -> float:
    """The plan of a month; of months without data that of the same month in the nearest year with."""
    if kpi == "clv":
        month = min(month, measuring.timeline.months[-1])
    growth = (1 + behaviour.CUSTOMERS[tier][3]) ** 12
    index, years = measuring.timeline.index_of(month), 0
    while not 0 <= index - 12 * years < LENGTH:
        years += 1 if index >= LENGTH else -1
    return _grown(measuring.plan, (kpi, tier, shift(month, -12 * years)), growth**years)


def _grown(plan: Plan, key: tuple[str, str, Month], factor: float) -> float:
    return plan[key] * (factor if key[0] in {"revenue", "margin_pct", "clv"} else 1)


def _head_count(measuring: Measuring, tier: str, month: Month) -> int:
    """Customers on the book; of months without data, of the nearest month with."""
    months = measuring.timeline.months
    return measuring.heads[tier, min(max(month, months[0]), months[-1])]


def _with_versions(rows: list[Agreed], timeline: Timeline) -> Iterator[Agreed]:
    """The rows that count, and those that were superseded, rejected, or wait for a decision."""
    home = _home_year(timeline)
    revised = {(kpi, tier): factor for kpi, tier, factor in aims.REVISED}
    wishes = {(wish.kpi, wish.tier): (state, wish) for state, wish in _undecided()}
    for row in rows:
        factor = revised.get((row.kpi, row.tier)) if row.year == home else None
        if factor and row.value is not None:
            first = exact(figures(float(row.value) * factor, 3))
            yield replace(row, value=first, state=TargetState.SUPERSEDED)
        yield replace(row, version=2, batch="revision") if factor else row
        if row.year == home and (row.kpi, row.tier) in wishes:
            state, wish = wishes[row.kpi, row.tier]
            yield _wished(replace(row, version=3 if factor else 2, state=state), wish)


def _undecided() -> Iterator[tuple[TargetState, aims.Wish]]:
    for state, wishes in (
        (TargetState.PROPOSED, aims.PROPOSED),
        (TargetState.DRAFT, aims.DRAFTED),
        (TargetState.REJECTED, aims.REJECTED),
    ):
        yield from ((state, wish) for wish in wishes)


def _wished(row: Agreed, wish: aims.Wish) -> Agreed:
    plan = None if wish.plan is None else exact(wish.plan)
    return replace(row, value=exact(wish.value), plan=plan, note=wish.note, batch=wish.batch)


def _next_year(timeline: Timeline) -> Iterator[Agreed]:
    """What is proposed for the fiscal year after today's."""
    year = timeline.fiscal_years[-1].next
    for wish in aims.NEXT_YEAR:
        row = Agreed(wish.kpi, wish.tier, year.first, Per.YEAR, None, year, state=TargetState.PROPOSED)
        yield _wished(row, wish)


def exact(value: float) -> Decimal:
    """A table's number with at most four decimals."""
    return Decimal(str(round(value, 4)))


def figures(value: float, count: int) -> float:
    """Rounded to that many figures, as people agree to numbers: 1234567 is 1230000 with three."""
    return 0.0 if not value else round(value, count - 1 - floor(log10(abs(value))))
