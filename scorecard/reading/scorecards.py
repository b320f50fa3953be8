"""The scorecards there are: periods that were closed, and those that could be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from core.periods import FiscalCalendar, Kind, Month, Period, month_of
from scorecard.models import Closing, Edition
from scorecard.reading.editions import CLOSED, DIFFERS, OPEN, differences

# Ended periods of each kind that are offered, though nobody closed them.
_OFFERED = ((Kind.YEAR, 1), (Kind.QUARTER, 4), (Kind.MONTH, 3))


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A period that has ended, with its editions, the latest last; ``closing`` is prepared and not signed."""

    period: Period
    state: str
    editions: tuple[Edition, ...]
    closing: Closing | None

    @property
    def latest(self) -> Edition | None:
        """The edition that answers for it."""
        return self.editions[-1] if self.editions else None


def read_scorecards(calendar: FiscalCalendar, months: Collection[Month], today: date) -> list[Scorecard]:
    """Every period that was closed or prepared, and the latest ended ones whose last month is among the ``months``
    with data; the latest first.
    """
    editions: dict[str, list[Edition]] = {}
    for edition in Edition.objects.defer("document").select_related("prepared_by", "signed_by").order_by("number"):
        editions.setdefault(edition.period, []).append(edition)
    closings = {closing.period: closing for closing in Closing.objects.defer("content").select_related("prepared_by")}
    codes = dict.fromkeys([*editions, *closings, *_offered(calendar, months, today)])
    periods = sorted((Period.parse(code, calendar) for code in codes), key=lambda one: (one.last, one.first))
    return [
        Scorecard(
            *(period, _state(period, editions.get(period.code), today)),
            *(tuple(editions.get(period.code, ())), closings.get(period.code)),
        )
        for period in reversed(periods)
    ]


def _offered(calendar: FiscalCalendar, months: Collection[Month], today: date) -> list[str]:
    found = []
    for kind, number in _OFFERED:
        period = calendar.period(kind, month_of(today)).previous
        for _ in range(number):
            if period.last in months:
                found.append(period.code)
            period = period.previous
    return found


def _state(period: Period, editions: list[Edition] | None, today: date) -> str:
    if not editions:
        return OPEN
    return DIFFERS if differences(editions[-1], today, period) else CLOSED
