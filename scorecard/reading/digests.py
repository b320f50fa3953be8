"""Who is due which digest: one for each edition, and one of an open period on the day that the person chose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.timezone import localdate

from accounts.models import Company
from core.formatting import day_name
from core.periods import Period, first_day, month_of, shift
from scorecard.models import Edition, Subscription

LOOKED_AT = 3  # so many ended periods of each kind, for one may be closed late


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest of a person: of an edition, or of a period that is still open. ``not_due`` says why it does not go
    yet; empty for one that does.
    """

    subscription: Subscription
    period: Period
    edition: Edition | None
    not_due: str = ""

    @property
    def key(self) -> str:
        """What names the mail, so that there is one for each person and edition."""
        which = self.edition.number if self.edition else "open"
        return f"digest:{self.subscription.person_id}:{self.period.code}:{which}"


def digests(subscription: Subscription, company: Company, today: date) -> Iterator[Digest]:
    """Of each kind of period that a person wants: what is due of those that ended since, and what is not, with why.

    Of a period with editions the latest counts; what was signed or ended before the subscription is not made up for.
    """
    for kind in subscription.kinds:
        period = company.calendar.period(kind, month_of(today)).previous
        for nth in range(LOOKED_AT):
            edition = latest_of(period.code)
            found = _of_edition(subscription, period, edition) if edition else _of_open(subscription, period, today)
            if found is not None and (edition is not None or nth == 0):
                yield found
            period = period.previous


def latest_of(code: str) -> Edition | None:
    """A period's latest edition without its document; None where it was not closed."""
    return Edition.objects.defer("document").filter(period=code).order_by("-number").first()


def _of_edition(subscription: Subscription, period: Period, edition: Edition) -> Digest | None:
    return Digest(subscription, period, edition) if localdate(edition.closed_at) >= subscription.since else None


def _of_open(subscription: Subscription, period: Period, today: date) -> Digest | None:
    """A period that has ended and nobody closed: told on the person's day, with the numbers of then."""
    if period.last_day < subscription.since - timedelta(days=1):
        return None
    day = first_day(shift(period.last, 1)).replace(day=subscription.day)
    not_due = "" if today >= day else f"comes on {day_name(day)}, or as soon as the period is closed"
    return Digest(subscription, period, None, not_due)
