"""The fiscal calendar: months, quarters and years as values.

The atom is the calendar month, held everywhere as a whole number ``yyyymm`` (201109 is
September 2011), so that it sorts, compares and reads the same in Python and in SQL. Quarters and
years are fiscal; the calendar is passed in, nothing here reads a setting or a clock.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NewType

Month = NewType("Month", int)

# Years that people may write, at every door. What is stored already may lie outside, and is read all the same.
FIRST_YEAR, LAST_YEAR = 1900, 2199
YEARS = f"years run from {FIRST_YEAR} to {LAST_YEAR}"
# Why a text is no month or no day, to be read after the field's name.
NO_MONTH, NO_DAY = "is no month; a month looks like 2011-09", "is no date; a date looks like 2011-09-30"
OUT_OF_RANGE = f"is out of range: {YEARS}"

_CODE = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.ASCII)


class PeriodError(ValueError):
    """A text that is no period; the message says what one looks like."""


class Kind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def length(self) -> int:
        """Number of months: 1, 3 or 12."""
        return {"month": 1, "quarter": 3, "year": 12}[self.value]


def make_month(year: int, number: int) -> Month:
    """Month ``number`` (1 to 12) of a calendar year."""
    return Month(year * 100 + number)


def month_of(day: date) -> Month:
    """The month that a day lies in."""
    return make_month(day.year, day.month)


def shift(month: Month, by: int) -> Month:
    """The month ``by`` months later (earlier where negative)."""
    year, number = divmod(month // 100 * 12 + month % 100 - 1 + by, 12)
    return make_month(year, number + 1)


def months_between(first: Month, last: Month) -> tuple[Month, ...]:
    """All months from first to last, both included; empty where last comes before first."""
    count = (last // 100 - first // 100) * 12 + last % 100 - first % 100 + 1
    return tuple(shift(first, n) for n in range(count))


def first_day(month: Month) -> date:
    """The first day of a month."""
    return date(month // 100, month % 100, 1)


def last_day(month: Month) -> date:
    """The last day of a month."""
    return date(month // 100, month % 100, calendar.monthrange(month // 100, month % 100)[1])


def month_code(month: Month) -> str:
    """``2011-09``: how a month is written in files and addresses."""
    return f"{month // 100:04d}-{month % 100:02d}"


def year_is_kept(year: int) -> bool:
    """Whether months and days of that calendar year, or periods of that fiscal year, may be written."""
    return FIRST_YEAR <= year <= LAST_YEAR


def parse_month(text: str) -> Month:
    """Read ``2011-09`` as a person or a program wrote it. Raises PeriodError where the text is no month, or
    one outside ``FIRST_YEAR`` to ``LAST_YEAR``.
    """
    month = stored_month(text)
    if not year_is_kept(month // 100):
        raise PeriodError(f"“{text}” {OUT_OF_RANGE}")
    return month


def stored_month(text: str) -> Month:
    """The month of a text that was written by us, ``month_code`` backwards: from the year 1000 on, for what was
    taken in before the range was narrower must still be read and taken back. Raises PeriodError.
    """
    match = _CODE.fullmatch(text)
    if not match or not match["month"] or match["year"].startswith("0"):
        raise PeriodError(f"“{text}” {NO_MONTH}")
    return make_month(int(match["year"]), int(match["month"]))


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """Which calendar month the fiscal year starts with, and which calendar year names it.

    ``named_by`` is ``end`` (the default: the calendar year in which the fiscal year ends) or
    ``start``. With April as the start and ``end``, 2019-Q4 is January to March 2019.
    """

    start_month: int = 1
    named_by: str = "end"

    @property
    def _offset(self) -> int:
        """Months from January of the naming year back to the first month of the fiscal year."""
        return 0 if self.start_month == 1 or self.named_by == "start" else 12

    def first_month(self, year: int) -> Month:
        """The first month of a fiscal year."""
        return shift(make_month(year, self.start_month), -self._offset)

    def period(self, kind: Kind, month: Month) -> Period:
        """The period of that kind that contains the month."""
        if kind is Kind.MONTH:
            return Period(kind, month // 100, month % 100, self)
        # as though the fiscal year began in January
        start = shift(month, 1 - self.start_month)
        fiscal_year = start // 100 + self._offset // 12
        if kind is Kind.YEAR:
            return Period(kind, fiscal_year, 1, self)
        return Period(kind, fiscal_year, (start % 100 - 1) // 3 + 1, self)


@dataclass(frozen=True)
class Period:
    """A month, a fiscal quarter or a fiscal year, as a value. Its months are worked out once.

    ``number`` is the month of the calendar year (1 to 12), the quarter of the fiscal year
    (1 to 4), or 1 for a year.
    """

    kind: Kind
    year: int
    number: int
    calendar: FiscalCalendar = FiscalCalendar()

    @classmethod
    def parse(cls, code: str, calendar: FiscalCalendar) -> Period:
        """Read ``2011-09``, ``2011-Q3`` or ``2011`` as a person or a program wrote it. Raises PeriodError where
        the text is no period, or one outside ``FIRST_YEAR`` to ``LAST_YEAR``.
        """
        period = cls.stored(code, calendar)
        if not year_is_kept(period.year):
            raise PeriodError(f"“{code}” {OUT_OF_RANGE}")
        return period

    @classmethod
    def stored(cls, code: str, calendar: FiscalCalendar) -> Period:
        """The period of a code that was written by us: of a year beside the range too, for a fiscal year may
        begin in the one before its first month. Raises PeriodError.
        """
        match = _CODE.fullmatch(code)
        if not match or not 1 < int(match["year"]) < 9998:
            raise PeriodError(f"“{code}” is no period; one looks like 2011-09, 2011-Q3 or 2011")
        year = int(match["year"])
        if match["quarter"]:
            return cls(Kind.QUARTER, year, int(match["quarter"]), calendar)
        if match["month"]:
            return cls(Kind.MONTH, year, int(match["month"]), calendar)
        return cls(Kind.YEAR, year, 1, calendar)

    @property
    def code(self) -> str:
        """``2011-09``, ``2011-Q3`` or ``2011``."""
        if self.kind is Kind.MONTH:
            return month_code(self.first)
        return f"{self.year:04d}-Q{self.number}" if self.kind is Kind.QUARTER else f"{self.year:04d}"

    def __str__(self) -> str:
        return self.code

    @cached_property
    def first(self) -> Month:
        """The first month."""
        if self.kind is Kind.MONTH:
            return make_month(self.year, self.number)
        return shift(self.calendar.first_month(self.year), 3 * (self.number - 1))

    @cached_property
    def last(self) -> Month:
        """The last month."""
        return shift(self.first, self.kind.length - 1)

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """The months in order: one, three or twelve."""
        return months_between(self.first, self.last)

    @property
    def first_day(self) -> date:
        """The first day of the first month."""
        return first_day(self.first)

    @property
    def last_day(self) -> date:
        """The last day of the last month."""
        return last_day(self.last)

    @property
    def previous(self) -> Period:
        """The period of the same kind before this one."""
        return self.calendar.period(self.kind, shift(self.first, -1))

    @property
    def year_before(self) -> Period:
        """The same period a year before."""
        return self.calendar.period(self.kind, shift(self.first, -12))

    @property
    def next(self) -> Period:
        """The period of the same kind after this one."""
        return self.calendar.period(self.kind, shift(self.last, 1))

    def contains(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return self.first <= month_of(day) <= self.last

    def is_to_date(self, today: date) -> bool:
        """Whether the period has not ended: its last day is today or later."""
        return self.last_day >= today

    def ended_months(self, today: date) -> tuple[Month, ...]:
        """Those of its months whose last day is before today."""
        return tuple(m for m in self.months if last_day(m) < today)
