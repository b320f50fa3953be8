"""The demo company's thirty months, counted from the newest quarter that has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from core.periods import FiscalCalendar, Kind, Month, Period, first_day, last_day, month_of, months_between, shift

LENGTH = 30


@dataclass(frozen=True)
class Timeline:
    """The months that have data, the last of them the month before today.

    Stories are told in fiscal quarters relative to the newest one that has ended (0; -1 is the one
    before it, 1 the quarter to date), so that the matrix of that quarter tells them on any day.
    """

    today: date
    calendar: FiscalCalendar

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """Thirty months, oldest first."""
        last = shift(month_of(self.today), -1)
        return months_between(shift(last, 1 - LENGTH), last)

    @cached_property
    def newest_quarter(self) -> Period:
        """The newest fiscal quarter that has ended."""
        running = self.calendar.period(Kind.QUARTER, month_of(self.today))
        return running.previous

    @cached_property
    def quarters(self) -> tuple[int, ...]:
        """For each month the quarter that it lies in, relative to the newest ended one."""
        start = self.newest_quarter.first
        return tuple((_apart(start, month)) // 3 for month in self.months)

    @cached_property
    def quarter_starts(self) -> tuple[int, ...]:
        """The indexes of the months with which a fiscal quarter starts: the days of the tier review."""
        start = self.newest_quarter.first
        return tuple(n for n, month in enumerate(self.months) if n and _apart(start, month) % 3 == 0)

    @cached_property
    def fiscal_years(self) -> tuple[Period, ...]:
        """The fiscal years that have targets: those of the last 24 months, and today's."""
        first = self.calendar.period(Kind.YEAR, self.months[-24])
        years = [first]
        while years[-1].last_day < self.today:
            years.append(years[-1].next)
        return tuple(years)

    def index_of(self, month: Month) -> int:
        """The place of a month in ``months``; negative before the first, 30 or more after the last."""
        return _apart(self.months[0], month)

    def start_of(self, index: int) -> date:
        """The first day of a month by its index."""
        return first_day(shift(self.months[0], index))

    def end_of(self, index: int) -> date:
        """The last day of a month by its index."""
        return last_day(shift(self.months[0], index))


def _apart(first: Month, second: Month) -> int:
    """Months from first to second."""
    return (second // 100 - first // 100) * 12 + second % 100 - first % 100
