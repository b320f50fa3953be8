"""Where the period picker of a page about cells leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from core.formatting import period_months
from core.periods import Month, Period
from core.picker import Address, Choice, Picker, Span, build_picker

__all__ = [
    "Address",
    "Choice",
    "OfPeriod",
    "Picker",
    "Span",
    "build_picker",
    "cell_address_of",
    "matrix_address",
    "of_period",
]


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """What a page about cells is of: the period's months where its name does not say them, the last of its months
    up to which there are data (None: none), and when they were rolled up (None: never).
    """

    months: str
    to_date: bool
    data_until: Month | None
    computed_at: datetime | None


def of_period(period: Period, span: Span | None, computed_at: datetime | None, today: date) -> OfPeriod:
    """What a page of the period is of, for a company with data in the span (None: no data yet)."""
    until = min(span.last, period.last) if span and span.first <= period.last else None
    return OfPeriod(period_months(period), period.is_to_date(today), until, computed_at)


def matrix_address(query: str = "") -> Address:
    """Addresses of matrix pages, keeping the filters."""
    return lambda period: reverse("matrix", args=[period.code]) + (f"?{query}" if query else "")


def cell_address_of(kpi: str, tier: str) -> Address:
    """Addresses of the same cell in other periods."""
    return lambda period: reverse("cell", args=[period.code, kpi, tier])
