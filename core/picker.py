"""The period picker: which periods a page offers beside the one that it shows. Pure: addresses are passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from core.formatting import MONTH_NAMES, period_months, period_name
from core.periods import Kind, Month, Period

Address = Callable[[Period], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One period to pick: what is written, its whole name, where it leads, whether it is the shown one."""

    label: str
    name: str
    url: str
    current: bool
    has_data: bool


@dataclass(frozen=True, slots=True)
class Picker:
    """Earlier and later periods of the same kind, and the year's months, quarters and the year itself.

    ``previous`` and ``next`` are None where there is nothing to see: before the first data, after today. ``all_months``
    is there on a page that can show every month at once; where it does, no period is current.
    """

    name: str
    months: str
    previous: Choice | None
    next: Choice | None
    years: tuple[Choice, ...]
    whole_year: Choice
    quarters: tuple[Choice, ...]
    month_choices: tuple[Choice, ...]
    all_months: Choice | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The first and last month of which there is any data."""

    first: Month
    last: Month

    def reaches(self, period: Period) -> bool:
        """Whether the period has a month of the span."""
        return period.first <= self.last and period.last >= self.first


def build_picker(period: Period, span: Span | None, today: date, address: Address) -> Picker:
    """The picker around a period, for a company with data in the span (None: no data yet)."""

    def choice(label: str, of: Period) -> Choice:
        return Choice(label, period_name(of), address(of), of == period, span is not None and span.reaches(of))

    year = period.calendar.period(Kind.YEAR, period.first)
    quarters = [period.calendar.period(Kind.QUARTER, month) for month in year.months[::3]]
    months = [period.calendar.period(Kind.MONTH, month) for month in year.months]
    before, after = period.previous, period.next
    return Picker(
        name=period_name(period),
        months=period_months(period),
        previous=choice(period_name(before), before) if span and before.last >= span.first else None,
        next=choice(period_name(after), after) if after.first_day <= today else None,
        years=tuple(choice(str(of.year), of) for of in _same_in_other_years(period, year, span, today)),
        whole_year=choice(f"Year {year.year}", year),
        quarters=tuple(choice(f"Q{of.number}", of) for of in quarters),
        month_choices=tuple(choice(MONTH_NAMES[of.number - 1][:3], of) for of in months),
    )


def with_all_months(picker: Picker, url: str, *, chosen: bool) -> Picker:
    """The same beside a way to every month; ``chosen`` where the page shows them, and the picker's period is none."""
    every = Choice("All months", "All months", url, chosen, has_data=True)
    if not chosen:
        return replace(picker, all_months=every)
    years, quarters, months = (
        tuple(replace(one, current=False) for one in choices)
        for choices in (picker.years, picker.quarters, picker.month_choices)
    )
    return replace(
        picker,
        name=every.name,
        months="",
        previous=None,
        next=None,
        years=years,
        whole_year=replace(picker.whole_year, current=False),
        quarters=quarters,
        month_choices=months,
        all_months=every,
    )


def _same_in_other_years(period: Period, year: Period, span: Span | None, today: date) -> list[Period]:
    """The period of the same kind in every fiscal year from the first with data to this one, newest first."""
    calendar = period.calendar
    this_year = calendar.period(Kind.YEAR, Month(today.year * 100 + today.month)).year
    oldest = calendar.period(Kind.YEAR, span.first).year if span else this_year
    offset = year.months.index(period.first)
    found = []
    for number in range(max(this_year, year.year), min(oldest, year.year) - 1, -1):
        first = Period(Kind.YEAR, number, 1, calendar).months[offset]
        found.append(calendar.period(period.kind, first))
    return found
