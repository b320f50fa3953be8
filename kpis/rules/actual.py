"""Which months may have actuals: facts, tier actuals and complete months alike, by whatever door."""

from __future__ import annotations

from datetime import date

from core.periods import Month, month_of

NOT_BEGUN = "has not begun; look for a mistyped year"


def newest_month(today: date) -> Month:
    """The month that runs: no later one has anything to measure yet, and what is stored of one counts nowhere."""
    return month_of(today)


def month_problem(month: Month, today: date) -> str:
    """Why nothing can be said of a month on the company's day ``today``, as a reason; empty where all is well."""
    return NOT_BEGUN if month > newest_month(today) else ""
