"""What is new since a person last looked: cells, initiatives, answers, corrections and editions.

Cells, answers, corrections and editions count from the moment on. Initiatives know days alone, so that theirs count
from the day of that moment on, the day included: nothing is lost, and something of that day may be told twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.company import day_of, today_of
from accounts.models import Company, User
from accounts.reading.threads import Asked, answered_since
from core.periods import Kind, Period
from customers.choices import TierScope
from initiatives.choices import ScheduleStatus, Stage
from initiatives.models import Initiative
from initiatives.reading.standings import Standing, read_standings
from kpis.choices import Assurance, Signal, Status
from kpis.models import Restatement
from kpis.reading.matrix import shown_month
from scorecard.choices import Aspect
from scorecard.models import Edition
from scorecard.reading.transitions import Changed, changed_since


@dataclass(frozen=True, slots=True)
class News:
    """All of it. ``turned`` are verdicts of the period; ``worse``, ``better`` and ``gaps`` signals and capability gaps
    of its last ended month. ``answers`` are to the person's own questions.
    """

    since: datetime
    turned: tuple[Changed, ...]
    worse: tuple[Changed, ...]
    better: tuple[Changed, ...]
    gaps: tuple[Changed, ...]
    late: tuple[Standing, ...]
    started: tuple[Initiative, ...]
    finished: tuple[Initiative, ...]
    answers: tuple[Asked, ...]
    corrections: tuple[Restatement, ...]
    editions: tuple[Edition, ...]


def late_today() -> list[int]:
    """The ids of the initiatives that run and are late today."""
    running = read_standings(Initiative.objects.running(), steps=False)
    return [one.initiative.pk for one in running if one.status == ScheduleStatus.LATE]


def read_news(period: Period, since: datetime, reader: User, company: Company, late: Collection[int]) -> News:
    """What is new for the reader of a period; ``late`` are the ids of what is late today. As many queries however much
    is new.
    """
    today, day = today_of(company), day_of(company, since)
    month = period.calendar.period(Kind.MONTH, shown_month(period, today)).code
    found = changed_since(since, periods={period.code, month})
    # all customers hold the same facts again, and are counted where no tier has any
    cells = [one for one in found if one.last.tier.scope == TierScope.TIER] or found
    of_month = [one for one in cells if one.last.period == month]
    signals = [one for one in of_month if one.last.aspect == Aspect.SIGNAL]
    began = Initiative.objects.filter(stage__in=[Stage.IN_PROGRESS, Stage.DONE], started_on__range=(day, today))
    ended = Initiative.objects.filter(stage=Stage.DONE, finished_on__range=(day, today))
    return News(
        since=since,
        turned=tuple(one for one in cells if one.last.period == period.code and one.last.aspect == Aspect.VERDICT),
        worse=tuple(one for one in signals if one.after == Signal.WORSE),
        better=tuple(one for one in signals if one.after == Signal.BETTER),
        gaps=tuple(one for one in of_month if one.after == Assurance.WILL_MISS),
        late=tuple(_became_late(late, day - timedelta(days=1))),
        started=tuple(began.order_by("-started_on", "code")),
        finished=tuple(ended.order_by("-finished_on", "code")),
        answers=tuple(answered_since(reader, since)),
        corrections=tuple(Restatement.objects.filter(at__gt=since).select_related("kpi", "tier")),
        editions=tuple(Edition.objects.filter(closed_at__gt=since).defer("document")),
    )


def _became_late(late: Collection[int], day: date) -> list[Standing]:
    """Those of the late ones that were not late at the end of a day, as they stand today."""
    if not late:
        return []
    found = Initiative.objects.filter(pk__in=late)
    before = {one.initiative.pk: one.status for one in read_standings(found, as_of=day, steps=False)}
    fresh = [pk for pk in late if before.get(pk) != ScheduleStatus.LATE]
    return read_standings(Initiative.objects.filter(pk__in=fresh), steps=False) if fresh else []


def missed(found: Collection[Changed]) -> int:
    """How many verdicts turned to missed."""
    return sum(one.after == Status.MISSED for one in found)
