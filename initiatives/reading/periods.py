"""Which period a page about initiatives or pain is of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Max, Min

from accounts.models import Company
from core.forms import DayField
from core.periods import Period, month_of
from core.picker import Picker, Span, build_picker
from initiatives.models import Initiative, PainPoint
from kpis.reading.freshness import latest_period


def asked_period(company: Company, text: str) -> Period:
    """The period that an address names, else the latest. Raises PeriodError for what is no period."""
    return Period.parse(text, company.calendar) if text else latest_period(company)


@dataclass(frozen=True, slots=True)
class AskedDay:
    """The day as of which a page tells; None: its own. ``problem`` is a sentence where the address names none."""

    day: date | None
    problem: str = ""


def asked_day(text: str, today: date) -> AskedDay:
    """The day that an address names, today or earlier."""
    try:
        day = DayField(required=False).clean(text)
    except ValidationError:
        return AskedDay(None, f"“{text}” is no day to ask for: write one as {today}.")
    if day and day > today:
        return AskedDay(None, f"{day} lies ahead; ask for today or an earlier day.")
    return AskedDay(day)


def register_span(day: date) -> Span | None:
    """From the month in which the first initiative began, or should have, to that of the day; None without any."""
    first = Initiative.objects.aggregate(planned=Min("baseline_start"), begun=Min("started_on"))
    days = [one for one in first.values() if one]
    return Span(month_of(min(days)), month_of(day)) if days and min(days) <= day else None


def pain_span() -> Span | None:
    """The first and last month of which somebody told a pain; None without any."""
    found = PainPoint.objects.aggregate(first=Min("month"), last=Max("month"))
    return Span(found["first"], found["last"]) if found["first"] else None


def picker_of(period: Period, span: Span | None, day: date, path: str, params: dict[str, Any]) -> Picker:
    """The picker around a period, which stays on the page and keeps its other parameters."""
    kept = {name: value for name, value in params.items() if name != "period" and value}
    return build_picker(period, span, day, lambda of: f"{path}?{urlencode({**kept, 'period': of.code})}")
