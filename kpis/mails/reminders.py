"""Mails to the owners of KPIs: what the last month misses, and what missed its target in the last quarter.

Each is written once per person and period: the mail's key names both, so that neither two workers nor a
later look write it again, and what recovers and fails again brings no second one. What comes up after the
mail stands on /my/. Whoever has nothing to be told by then is looked at again, until the next period ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.company import company, today_of
from accounts.models import Company, OutgoingMail, User
from accounts.rights import Right
from accounts.services.outbox import absolute, one_mail, write_mail
from core.formatting import month_name, period_name, some_of
from core.periods import Kind, Period, first_day, month_of, shift
from core.reader import to_its_reader
from core.registry import Ask
from kpis.access import enters_own
from kpis.models import Kpi, RolledSlice
from kpis.reading.asks import missed_asks, missing_asks, owned_kpis
from kpis.reading.calculations import Calculations
from kpis.reading.freshness import latest_period

HOUR = 8  # in the company's time zone, as the weekly mail unless somebody chose another
PATIENCE = timedelta(days=10)  # for which a quarter's mail waits for what its last month still lacks

Find = Callable[[Company, Iterable[Any]], Iterator[tuple[Kpi, Ask]]]


@dataclass(frozen=True, slots=True)
class Occasion:
    """A period that has ended, how its asks are found, whom they are for, and how the mail begins."""

    period: Period
    find: Find
    concerns: Callable[[User], bool]
    subject: str
    lead: str

    def key(self, owner: int) -> str:
        """What names the mail to a person, so that there is one."""
        return f"kpis:{owner}:{self.period.code}"


def remind() -> int:
    """Write the mails whose day has come to those who have none yet; how many were written."""
    found = company()
    occasions = (_missing_month(found), _missed_quarter(found))
    due = [occasion for occasion in occasions if timezone.now() >= _due_at(occasion.period, found)]
    return sum(_tell_owners(occasion, found) for occasion in due)


def _missing_month(found: Company) -> Occasion:
    month = found.calendar.period(Kind.MONTH, month_of(today_of(found))).previous
    name = month_name(month.first)
    lead = f"Actuals that you enter at {found.name} are missing for {name}. Blank is not zero: they have no value."
    return Occasion(month, missing_asks, _reads_and_enters, f"Actuals of {name} are missing", lead)


def _missed_quarter(found: Company) -> Occasion:
    quarter = latest_period(found)
    lead = f"KPIs that you own at {found.name} missed a target of {period_name(quarter)}. Look why, and who is on it."
    return Occasion(quarter, _settled, _reads, f"Targets of {quarter.code} were missed", lead)


def _reads(user: User) -> bool:
    return user.has_perm(Right.READ)


def _reads_and_enters(user: User) -> bool:
    return _reads(user) and enters_own(user)


def _due_at(period: Period, found: Company) -> datetime:
    """Some days after the period's end, in the company's time zone."""
    day = first_day(shift(period.last, 1)).replace(day=found.kpi_mail_day)
    return datetime.combine(day, time(HOUR), ZoneInfo(found.time_zone))


def _settled(found: Company, kpis: Iterable[Any]) -> Iterator[tuple[Kpi, Ask]]:
    """What missed its target, of owners none of whose KPIs still waits for the quarter's last month."""
    kpis = list(kpis)
    waiting = {kpi.owner_id for kpi in _awaited(found, kpis)}
    return missed_asks(found, [kpi for kpi in kpis if kpi.owner_id not in waiting])


def _awaited(found: Company, kpis: Sequence[Kpi]) -> list[Kpi]:
    """The KPIs that have data in the last quarter, of whose last month none was rolled up before today.

    None where that has lasted too long: they are taken as they stand.
    """
    quarter, midnight = latest_period(found), datetime.combine(today_of(found), time(), ZoneInfo(found.time_zone))
    if timezone.now() >= _due_at(quarter, found) + PATIENCE:
        return []
    rolled = RolledSlice.objects.filter(month__in=quarter.months, facts__gt=0)
    rows = list(rolled.values_list("kpi_id", "month", "computed_at"))
    open_ = {kpi for kpi, *_ in rows} - {kpi for kpi, month, at in rows if month == quarter.last and at < midnight}
    if not open_:
        return []
    book = Calculations.of(Kpi.objects.all())
    return [kpi for kpi in kpis if open_ & {book.kpis[leaf].source_id for leaf in book.leaves(kpi.pk)}]


def _tell_owners(occasion: Occasion, found: Company) -> int:
    """One mail to each person who is asked something and was not told yet."""
    kpis = owned_kpis(Q(owner__is_active=True))
    keys = {occasion.key(kpi.owner_id): kpi.owner_id for kpi in kpis}
    told = {keys[key] for key in OutgoingMail.objects.filter(key__in=keys).values_list("key", flat=True)}
    asks: dict[User, list[Ask]] = defaultdict(list)
    for kpi, ask in occasion.find(found, [kpi for kpi in kpis if kpi.owner_id not in told]):
        if kpi.owner:
            asks[kpi.owner].append(ask)
    concerned = {owner: theirs for owner, theirs in asks.items() if occasion.concerns(owner)}
    what = f"mail about {occasion.period}"
    tried = [one_mail(owner, what, partial(_tell, owner, theirs, occasion)) for owner, theirs in concerned.items()]
    return sum(bool(one) for one in tried)


@to_its_reader
def _tell(owner: User, asks: Sequence[Ask], occasion: Occasion) -> bool:
    """Write one person's mail; whether there was none yet."""
    context = {
        "person": owner,
        "lead": occasion.lead,
        "asks": [(ask, absolute(ask.url)) for ask in asks],
        "once": f"once for {occasion.period.code}",
        "my_url": absolute(reverse("my")),
    }
    mail = write_mail(
        key=occasion.key(owner.pk),
        to=owner,
        subject=f"{occasion.subject}: {some_of(ask.about for ask in asks)}",
        body=render_to_string("mail/own_kpis.txt", context),
        html=render_to_string("mail/own_kpis.html", context),
    )
    return mail is not None
