"""Which months may have actuals: facts, tier actuals and complete months alike, by whatever door."""

from __future__ import annotations

from datetime import date

from core.periods import Month, month_code, month_of
from kpis.models import Kpi

NOT_BEGUN = "has not begun; look for a mistyped year"


def newest_month(today: date) -> Month:
    """The month that runs: no later one has anything to measure yet, and what is stored of one counts nowhere."""
    return month_of(today)


def retired_problem(retired_from: Month | None, month: Month) -> str:
    """Why a KPI takes no fact, actual or target of a month: it is retired from an earlier one on, or from just that.

    A reason; empty where it stands. What is stored of such months stays, and counts nowhere.
    """
    if retired_from is None or month < retired_from:
        return ""
    return f"lies after the KPI’s end: it is retired from {month_code(Month(retired_from))} on"


def month_of_kpi_problem(kpi: Kpi, month: Month, today: date) -> str:
    """Why a KPI takes no actual of a month, as a reason; empty where all is well."""
    return month_problem(month, today) or retired_problem(kpi.retired_from, month)


def month_problem(month: Month, today: date) -> str:
    """Why nothing can be said of a month on the company's day ``today``, as a reason; empty where all is well."""
    return NOT_BEGUN if month > newest_month(today) else ""
