"""How far the data reach: the one answer to which period is the latest."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from accounts.company import today_of
from accounts.models import Company
from core.periods import FiscalCalendar, Kind, Month, Period, month_of
from kpis.models import RolledSlice


def latest_period(company: Company) -> Period:
    """The period that a page, a mail or a call is of where it names none. One query."""
    return latest_quarter(company.calendar, months_with_data(), today_of(company))


def months_with_data() -> frozenset[Month]:
    """The months in which a KPI has a fact or an actual, as far as they are rolled up."""
    return frozenset(RolledSlice.objects.filter(facts__gt=0).values_list("month", flat=True).distinct())


def latest_quarter(calendar: FiscalCalendar, months: Collection[Month], today: date) -> Period:
    """The newest ended quarter in whose last month there are data.

    Where there is none, the quarter of the newest month that has begun and has data, which may be to date;
    without data the running quarter.
    """
    running = calendar.period(Kind.QUARTER, month_of(today))
    ended = [month for month in months if month < running.first]
    whole = [month for month in ended if calendar.period(Kind.QUARTER, month).last == month]
    begun = [month for month in months if month <= month_of(today)]
    return calendar.period(Kind.QUARTER, max(whole or begun, default=running.first))
