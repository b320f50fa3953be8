"""What stands against closing a period: asked by pages and command alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from core.formatting import period_name
from core.periods import Period, shift
from core.writes import Problem
from customers.models import TierTouch
from kpis.choices import RunState
from kpis.models import RollupRun, SignalTouch, SliceTouch

LONGEST_LOOK_BACK = 24  # months that a value, the one before it or its signal may go back to


@dataclass(frozen=True, slots=True)
class Asked:
    """A closing that somebody asks for: of which period, as which edition, with which reason, and what is missing."""

    period: Period
    number: int
    reason: str
    missing: int
    differs: bool


def preparing_problems(asked: Asked, today: date) -> Iterator[Problem]:
    """What stands against preparing."""
    yield from period_problems(asked.period, today)
    if asked.number > 1 and not asked.reason:
        yield "reason", f"is needed: edition {asked.number} says on each page why it was issued"
    if asked.number > 1 and not asked.differs:
        yield "period", f"nothing differs from edition {asked.number - 1}"
    if asked.missing:
        yield "missing", f"{asked.missing} of the list {_is_are(asked.missing)} neither done nor waived"


def _is_are(number: int) -> str:
    return "is" if number == 1 else "are"


def period_problems(period: Period, today: date) -> Iterator[Problem]:
    """A period that has not ended, or of which a rollup is owed or running."""
    if period.is_to_date(today) or today < period.first_day:
        yield "period", f"{period_name(period)} has not ended: it can be closed from the day after {period.last_day} on"
        return
    if RollupRun.objects.filter(state=RunState.RUNNING).exists():
        yield "period", "a rollup is running: wait until it has ended"
    elif is_owed(period):
        yield "period", f"a rollup of {period_name(period)} is owed: wait until a worker has done it, or run it now"


def is_owed(period: Period) -> bool:
    """Whether something was touched that cells of the period are made from, and is not rolled up yet."""
    first, last = shift(period.first, -LONGEST_LOOK_BACK), period.last
    return (
        SliceTouch.objects.filter(month__gte=first, month__lte=last).exists()
        or TierTouch.objects.filter(first_month__lte=last).exists()
        or SignalTouch.objects.filter(month__lte=last).exists()
    )


def signing_problems(prepared_by: int, by: User, *, one_may_close: bool) -> Iterator[Problem]:
    """Whoever prepared does not sign, unless the company lets them."""
    if by.pk == prepared_by and not one_may_close:
        yield "signed_by", "must be another person than who prepared it"
