"""Months, quarters and years, counted by hand. A month is ``yyyymm``."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

LENGTH = {"month": 1, "quarter": 3, "year": 12}


def later(month: int, by: int) -> int:
    """The month ``by`` months later (earlier where negative), one step at a time."""
    year, number = month // 100, month % 100
    for _ in range(abs(by)):
        number += 1 if by > 0 else -1
        if number == 13:
            year, number = year + 1, 1
        if number == 0:
            year, number = year - 1, 12
    return year * 100 + number


def run_of(first: int, count: int) -> tuple[int, ...]:
    """That many months, beginning with ``first``."""
    return tuple(later(first, step) for step in range(count))


def last_day(month: int) -> date:
    """The last day of a month."""
    return date(month // 100, month % 100, calendar.monthrange(month // 100, month % 100)[1])


def first_day(month: int) -> date:
    """The first day of a month."""
    return date(month // 100, month % 100, 1)


@dataclass(frozen=True)
class Span:
    """A period: its name, what kind it is and the months it has."""

    code: str
    kind: str
    months: tuple[int, ...]

    @property
    def last(self) -> int:
        """The last month."""
        return self.months[-1]

    def has_begun(self, today: date) -> bool:
        """Whether its first day has come."""
        return first_day(self.months[0]) <= today

    def to_date(self, today: date) -> bool:
        """A period that has not ended: its last day is not over."""
        return last_day(self.last) >= today

    def ended(self, today: date) -> tuple[int, ...]:
        """Its months that are over."""
        return tuple(month for month in self.months if last_day(month) < today)


@dataclass(frozen=True)
class Calendar:
    """Fiscal years that start with a month, named after the calendar year in which they end or start."""

    start_month: int = 1
    named_by: str = "end"

    def year_of(self, month: int) -> tuple[int, ...]:
        """The twelve months of the fiscal year that a month lies in."""
        first = month
        while first % 100 != self.start_month:
            first = later(first, -1)
        return run_of(first, 12)

    def quarter_of(self, month: int) -> tuple[int, ...]:
        """The three months of the fiscal quarter that a month lies in."""
        year = self.year_of(month)
        start = year.index(month) // 3 * 3
        return year[start : start + 3]

    def span(self, kind: str, month: int) -> Span:
        """The period of a kind that a month lies in."""
        if kind == "month":
            return Span(f"{month // 100}-{month % 100:02d}", kind, (month,))
        year = self.year_of(month)
        name = (year[-1] if self.named_by == "end" else year[0]) // 100
        if kind == "year":
            return Span(f"{name}", kind, year)
        return Span(f"{name}-Q{year.index(month) // 3 + 1}", kind, self.quarter_of(month))

    def before(self, span: Span) -> Span:
        """The period of the same kind just before."""
        return self.span(span.kind, later(span.months[0], -1))

    def year_before(self, span: Span) -> Span:
        """The same period a year before."""
        return self.span(span.kind, later(span.months[0], -12))


def make_calendar(start_month: int = 1, named_by: str = "end") -> Calendar:
    """A fiscal calendar."""
    return Calendar(start_month, named_by)
