"""Where the period picker of a page about cells leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from core.formatting import period_months
from core.periods import Month, Period
from core.picker import Address, Choice, Picker, Span, build_picker
from scorecard.reading.editions import DIFFERS, state_of_period

__all__ = [
    "Address",
    "Choice",
    "OfPeriod",
    "Picker",
    "Span",
    "build_picker",
    "cell_address_of",
    "closed_words",
    "matrix_address",
    "of_period",
]


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """What a page about cells is of: the period's months where its name does not say them, the last of its months
    up to which there are data (None: none), and when they were rolled up (None: never). ``closed`` says whether it
    is as its edition has it, empty where it is open; ``scorecard`` is the page of that.
    """

    months: str
    to_date: bool
    data_until: Month | None
    computed_at: datetime | None
    closed: str = ""
    scorecard: str = ""


def of_period(
    period: Period, span: Span | None, computed_at: datetime | None, today: date, closed: str = ""
) -> OfPeriod:
    """What a page of the period is of, for a company with data in the span (None: no data yet); ``closed`` says of
    which edition, empty where it is open.
    """
    until = min(span.last, period.last) if span and span.first <= period.last else None
    return OfPeriod(
        *(period_months(period), period.is_to_date(today), until, computed_at),
        closed=closed,
        scorecard=reverse("scorecard", args=[period.code]),
    )


def closed_words(period: Period, today: date) -> str:
    """``differs from edition 1``, ``closed, as in edition 1``; empty where the period is open."""
    state, edition = state_of_period(period, today)
    if edition is None:
        return ""
    return said_of_edition(edition.number, differs=state == DIFFERS)


def said_of_edition(number: int, *, differs: bool) -> str:
    """What is said of a closed period in a few words."""
    return f"differs from edition {number}" if differs else f"closed, as in edition {number}"


def matrix_address(query: str = "") -> Address:
    """Addresses of matrix pages, keeping the filters."""
    return lambda period: reverse("matrix", args=[period.code]) + (f"?{query}" if query else "")


def cell_address_of(kpi: str, tier: str, query: str = "") -> Address:
    """Addresses of the same cell in other periods, keeping what else was asked for."""
    return lambda period: reverse("cell", args=[period.code, kpi, tier]) + (f"?{query}" if query else "")
