"""Writes the demo company's polls: by the services, as people would have, on the days of the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db.models import Max

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import AuditEntry, User
from accounts.models.frozen import lifted
from demo import people, questions
from demo.questions import Option, Question
from demo.registering import Cast, moment
from demo.timeline import Timeline
from kpis.models import Poll, PollAnswer, PollOption
from kpis.services import polls

POINTS = 5


def poll(timeline: Timeline, cast: Cast) -> None:
    """One poll whose short list became KPIs before the record begins, one that waits for answers."""
    steward = cast.staff[people.STEWARD.email]
    begins = timeline.start_of(0) - timedelta(days=questions.DECIDED.days_ago)
    asked = _ask(questions.DECIDED, begins, steward, cast)
    with _told_on(begins + timedelta(days=8)):
        polls.close_answers(poll=asked, by=steward)
        options = [_merge(asked, option, steward) for option in questions.DECIDED.options]
        polls.open_vote(poll=asked, by=steward)
    for place, name in enumerate(questions.EVERYBODY):
        given = {
            row.pk: option.points.get(name, 0) for row, option in zip(options, questions.DECIDED.options, strict=True)
        }
        with _told_on(begins + timedelta(days=9 + place)):
            polls.vote(poll=asked, by=cast.staff[people.address(name)], points=given)
    with _told_on(begins + timedelta(days=16)):
        _decide(asked, options, steward, cast)
    _ask(questions.OPEN, timeline.today - timedelta(days=questions.OPEN.days_ago), steward, cast)


def _ask(question: Question, day: date, by: User, cast: Cast) -> Poll:
    """Open a poll and have its answers given, one a day at most."""
    invited = [cast.staff[people.address(name)] for name in question.invited]
    with _told_on(day):
        asked = polls.open_poll(by=by, question=question.text, points=POINTS, invited=invited)
        Poll.objects.filter(pk=asked.pk).update(opened_at=moment(day, 9))
    span = min(question.days_ago, 7)
    for place, (name, text) in enumerate(question.answers):
        with _told_on(day + timedelta(days=place * span // len(question.answers))):
            polls.give_answer(poll=asked, by=cast.staff[people.address(name)], text=text)
    return asked


def _merge(asked: Poll, option: Option, by: User) -> PollOption:
    """Options of the same meaning under one name, and classified."""
    rows = list(PollOption.objects.filter(poll=asked, text__in=option.answers))
    merged = rows[0]
    if option.answers != (option.name,):
        merged = polls.merge_options(poll=asked, by=by, options=[row.pk for row in rows], text=option.name)
    return polls.classify(option=merged, by=by, indicator=option.indicator)


def _decide(asked: Poll, options: list[PollOption], by: User, cast: Cast) -> None:
    """The short list, and the KPIs that it became: they are in the library already."""
    made = [(row, option.kpi) for row, option in zip(options, questions.DECIDED.options, strict=True) if option.kpi]
    decided = polls.decide(poll=asked, by=by, shortlist=[row.pk for row, _ in made])
    for row, code in made:
        PollOption.objects.filter(pk=row.pk).update(kpi=cast.kpis[code])
        record(by=by, verb=Verb.MADE_A_KPI, obj=decided, after={"option": row.text, "kpi": code})


@contextmanager
def _told_on(day: date) -> Iterator[None]:
    """What is recorded and answered meanwhile happened on that day."""
    last = AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0
    answer = PollAnswer.objects.aggregate(last=Max("pk"))["last"] or 0
    yield
    with lifted():
        AuditEntry.objects.filter(pk__gt=last).update(at=moment(day, 10))
    PollAnswer.objects.filter(pk__gt=answer).update(at=moment(day, 10))
