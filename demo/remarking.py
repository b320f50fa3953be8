"""Writes what people of the demo company said to and promised of its initiatives."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from accounts.choices import ThreadState, WordKind
from accounts.models import Action, Thread, ThreadWord, User
from core.periods import first_day, shift
from demo import people, promises, remarks
from demo.registering import Cast, moment
from demo.timeline import Timeline
from initiatives.choices import BenefitKind, BenefitState, Response, TurnaroundKind, TurnaroundState
from initiatives.models import (
    Benefit,
    Document,
    Initiative,
    RealisedBenefit,
    StatusUpdate,
    Thanks,
    Turnaround,
    UpdateResponse,
)
from initiatives.reading.subjects import INITIATIVE
from kpis.reading.subjects import CELL, cell_key
from scorecard.models import Narrative

_UNDECIDED = (BenefitState.DRAFT, BenefitState.PROPOSED)


def remark(timeline: Timeline, cast: Cast, initiatives: dict[str, Initiative]) -> None:
    """Answers to updates, what was said and written of cells, documents, thanks, benefits and turnarounds."""
    for answer in remarks.ANSWERS:
        update = StatusUpdate.objects.filter(initiative=initiatives[answer.code]).latest("on")
        by = cast.staff[people.address(answer.by)]
        asks = answer.verb == Response.ASKED_BACK
        thread = _ask(update.initiative, by, answer.text, timeline) if asks else None
        UpdateResponse.objects.create(update=update, by=by, verb=answer.verb, text=answer.text, thread=thread)
    _talk(timeline, cast, remarks.TALK)
    Narrative.objects.bulk_create(_narrative(row, timeline, cast) for row in remarks.WRITTEN)
    Document.objects.bulk_create(
        Document(initiative=initiatives[code], title=title, url=url) for code, title, url in remarks.DOCUMENTS
    )
    Thanks.objects.bulk_create(
        Thanks(initiative=initiatives[code], by=cast.person(by), text=text) for code, by, text in remarks.THANKS
    )
    _promise(timeline, cast, initiatives)
    _bring(timeline, cast, initiatives)
    _turn(timeline, cast, initiatives)


def _ask(initiative: Initiative, by: User, text: str, timeline: Timeline) -> Thread:
    """A question about an update, which waits for its owner since yesterday."""
    at = moment(timeline.today - timedelta(days=1), 9)
    thread = Thread.objects.create(kind=INITIATIVE, key=initiative.code, asked_by=by, opened_at=at)
    ThreadWord.objects.create(thread=thread, kind=WordKind.ASKED, text=text, by=by, at=at)
    return thread


def _talk(timeline: Timeline, cast: Cast, talk: remarks.Talk) -> None:
    """A question about a cell of the latest quarter, answered with an action."""
    kpi, tier = cast.column(f"{talk.kpi}@{talk.tier}")
    assert tier is not None  # noqa: S101  the column names one
    asker, answerer = (cast.staff[people.address(name)] for name in (talk.by, talk.answered_by))
    asked, answered = (moment(timeline.today - timedelta(days=days), 9) for days in (talk.asked, talk.answered))
    thread = Thread.objects.create(
        kind=CELL,
        key=cell_key(kpi, tier, timeline.newest_quarter),
        asked_by=asker,
        state=ThreadState.ANSWERED,
        opened_at=asked,
    )
    ThreadWord.objects.create(thread=thread, kind=WordKind.ASKED, text=talk.text, by=asker, at=asked)
    word = ThreadWord.objects.create(thread=thread, kind=WordKind.ANSWERED, text=talk.answer, by=answerer, at=answered)
    due = timeline.today + timedelta(days=talk.due)
    Action.objects.create(word=word, text=talk.action, owner=answerer, due=due)


def _narrative(row: remarks.Written, timeline: Timeline, cast: Cast) -> Narrative:
    """What was written of a cell of the latest quarter."""
    kpi, tier = cast.column(row.cell)
    found = Narrative(period=timeline.newest_quarter.code, kpi=kpi, tier=tier, analysis=row.text)
    found.by, found.at = cast.staff[people.address(row.by)], moment(timeline.today - timedelta(days=row.days), 10)
    if row.action:
        found.action, found.owner = row.action, cast.person(row.owner)
        found.due = timeline.today + timedelta(days=row.due)
    return found


def _promise(timeline: Timeline, cast: Cast, initiatives: dict[str, Initiative]) -> None:
    """Finance decided four weeks before a benefit begins, or lately where it begins later."""
    for row in promises.PROMISES:
        begins = first_day(shift(timeline.months[-1], -row.since))
        decided = min(begins - timedelta(days=28), timeline.today - timedelta(days=10))
        benefit = _benefit(row, cast, initiatives[row.code], timeline)
        if row.state not in _UNDECIDED:
            benefit.decided_by, benefit.decided_at = cast.staff[people.FINANCE.email], moment(decided, 15)
        benefit.save()


def _benefit(row: promises.Promise, cast: Cast, initiative: Initiative, timeline: Timeline) -> Benefit:
    kpi, tier = cast.column(row.kpi) if row.kpi else (None, None)
    return Benefit(
        initiative=initiative,
        name=row.name,
        version=row.version,
        kind=BenefitKind.KPI if kpi else BenefitKind.MONEY,
        kpi=kpi,
        tier=tier,
        value_per_year=Decimal(row.per_year),
        currency=row.currency,
        from_month=shift(timeline.months[-1], -row.since),
        state=row.state,
        note=row.note,
        created_by=cast.person(row.by),
        decision_note=row.decision,
    )


def _bring(timeline: Timeline, cast: Cast, initiatives: dict[str, Initiative]) -> None:
    RealisedBenefit.objects.bulk_create(
        RealisedBenefit(
            initiative=initiatives[row.code],
            name=row.name,
            month=month,
            value=Decimal(value),
            by=cast.person(row.by),
        )
        for row in promises.BROUGHT
        for month, value in zip(timeline.months[-len(row.values) :], row.values, strict=True)
    )


def _turn(timeline: Timeline, cast: Cast, initiatives: dict[str, Initiative]) -> None:
    for code, state in promises.TURNED:
        confirmed = state == TurnaroundState.CONFIRMED
        finished = initiatives[code].finished_on or timeline.today
        Turnaround.objects.create(
            initiative=initiatives[code],
            kind=TurnaroundKind.SCHEDULE,
            what="schedule",
            evidence=f"Late by its owner’s word, then on schedule, done on {finished:%-d %B %Y}.",
            nominated_on=finished + timedelta(days=1),
            state=state,
            decided_by=cast.staff[people.EXECUTIVE.email] if confirmed else None,
            decided_at=moment(finished + timedelta(days=3), 9) if confirmed else None,
        )
