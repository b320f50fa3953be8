"""What may be asked of a board pack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.formatting import period_name
from core.periods import Period
from scorecard.models import Edition


def report_problems(period: Period, number: int | None, today: date) -> Iterator[tuple[str, str]]:
    """Why there is no pack of a period, or (``number``) of an edition of it, by field."""
    if period.first_day > today:
        yield "period", f"{period_name(period)} has not begun."
    if number is not None and not Edition.objects.filter(period=period.code, number=number).exists():
        yield "edition", f"{period_name(period)} has no edition {number}."
