"""Polls: from a brain dump to a short list. Answers are blind, and every merge and decision is on record.

Audit entries are about the poll and hold no answer that somebody could read before giving one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import key_of
from core.texts import CONTROLS, controls
from core.writes import StaleTransition, TransitionRefused, refuse
from kpis.choices import Indicator, KpiState, PollStage
from kpis.models import Kpi, Poll, PollAnswer, PollOption, PollVote
from kpis.services.definitions import create_kpi

MOST_POINTS = 100


@transaction.atomic
def open_poll(*, by: User, question: str, points: int, invited: Collection[User]) -> Poll:
    """Ask people a question; each has so many points to give. Raises PermissionDenied, ValidationError by field."""
    _require_steward(by)
    if not invited:
        raise ValidationError({"invited": "Invite somebody: a poll without people has no answers."})
    if not 1 <= points <= MOST_POINTS:
        raise ValidationError({"points": f"Give each person 1 to {MOST_POINTS} points."})
    poll = Poll(question=_line(question, "question"), points=points, opened_by=by)
    poll.full_clean()
    poll.save()
    poll.invited.set(invited)
    people = [key_of(person) for person in invited]
    record(by=by, verb=Verb.OPENED, obj=poll, after={"question": poll.question, "points": points, "invited": people})
    return poll


@transaction.atomic
def invite(*, poll: Poll, by: User, people: Collection[User]) -> int:
    """Ask more people, until the vote is decided; how many were new."""
    _require_steward(by)
    poll = _locked(poll)
    if poll.stage == PollStage.DECIDED:
        raise TransitionRefused("The poll is decided: nobody can take part any more.")
    new = [person for person in people if not poll.invited.filter(pk=person.pk).exists()]
    poll.invited.add(*new)
    if new:
        record(by=by, verb=Verb.INVITED, obj=poll, after={"people": [key_of(person) for person in new]})
    return len(new)


@transaction.atomic
def give_answer(*, poll: Poll, by: User, text: str) -> PollAnswer:
    """One answer of an invited person; more may follow. Raises PermissionDenied, StaleTransition, ValidationError."""
    poll = _locked(poll)
    _require_invited(by, poll)
    _require_stage(poll, PollStage.ANSWERING, "Answers are closed")
    answer = PollAnswer(poll=poll, by=by, text=_line(text))
    if any(_same(answer.text, own) for own in poll.answers.filter(by=by).values_list("text", flat=True)):
        raise ValidationError({"text": "You gave that answer already; it counts once."})
    answer.full_clean()
    answer.save()
    record(by=by, verb=Verb.ANSWERED, obj=poll)
    return answer


@transaction.atomic
def close_answers(*, poll: Poll, by: User) -> Poll:
    """No more answers; those that read the same are merged by themselves. Raises TransitionRefused without any."""
    poll = _advance(poll, by, PollStage.ANSWERING, PollStage.MERGING)
    answers = list(poll.answers.all())
    if not answers:
        raise TransitionRefused("Nobody has answered yet; close the poll once somebody has.")
    options: dict[str, PollOption] = {}
    for answer in answers:
        key = answer.text.casefold()
        if key not in options:
            options[key] = PollOption.objects.create(poll=poll, text=answer.text)
        PollAnswer.objects.filter(pk=answer.pk).update(option=options[key])
    record(by=by, verb=Verb.CLOSED_ANSWERS, obj=poll, after={"answers": len(answers), "options": len(options)})
    return poll


@transaction.atomic
def merge_options(*, poll: Poll, by: User, options: Collection[int], text: str) -> PollOption:
    """Make one of options (by id) that mean the same, under a name; one alone is renamed.

    Raises PermissionDenied, StaleTransition, ValidationError. The answers stay as they were given.
    """
    poll = _at_merging(poll, by)
    rows = list(poll.options.filter(pk__in=options))
    name = _line(text)
    if not rows or len(rows) != len(set(options)):
        raise ValidationError("Choose what to merge; what you chose was merged by somebody else meanwhile.")
    if not name:
        raise ValidationError({"text": "Give what you merge a name."})
    if any(_same(name, other.text) for other in poll.options.exclude(pk__in=options)):
        raise ValidationError({"text": f"“{name}” is another option: choose it too, or another name."})
    kept, *gone = rows
    before = {"options": [row.text for row in rows]}
    poll.answers.filter(option__in=gone).update(option=kept)
    PollOption.objects.filter(pk__in=[row.pk for row in gone]).delete()
    kept.text = name
    kept.indicator = kept.indicator if len({row.indicator for row in rows}) == 1 else ""
    kept.full_clean()
    kept.save()
    record(by=by, verb=Verb.MERGED if gone else Verb.RENAMED, obj=poll, before=before, after={"option": name})
    return kept


@transaction.atomic
def take_out(*, answer: PollAnswer, by: User) -> PollOption:
    """Make an option of its own of an answer that was merged with others. Raises as merge_options."""
    poll = _at_merging(answer.poll, by)
    answer = PollAnswer.objects.select_related("option").get(pk=answer.pk)
    merged = answer.option
    if merged is None or merged.answers.count() < 2:
        raise ValidationError("That answer stands alone already.")
    if any(_same(answer.text, text) for text in poll.options.values_list("text", flat=True)):
        raise ValidationError(f"There is an option “{answer.text}” already: give that another name first.")
    alone = PollOption.objects.create(poll=poll, text=answer.text)
    PollAnswer.objects.filter(pk=answer.pk).update(option=alone)
    record(by=by, verb=Verb.TOOK_OUT, obj=poll, before={"option": merged.text}, after={"option": alone.text})
    return alone


@transaction.atomic
def classify(*, option: PollOption, by: User, indicator: str) -> PollOption:
    """Say whether an option tells what is coming or what has come. Raises as merge_options."""
    poll = _at_merging(option.poll, by)
    if indicator not in Indicator.values:
        raise ValidationError({"indicator": "Choose leading or trailing."})
    row = poll.options.filter(pk=option.pk).first()
    if row is None:
        raise StaleTransition("Somebody merged it meanwhile; nothing was changed.")
    before = row.indicator
    if before != indicator:
        row.indicator = indicator
        row.save(update_fields=["indicator"])
        change = {"option": row.text, "indicator": indicator}
        record(by=by, verb=Verb.CLASSIFIED, obj=poll, before={"indicator": before}, after=change)
    return row


@transaction.atomic
def open_vote(*, poll: Poll, by: User) -> Poll:
    """Let the invited vote; every option has to be leading or trailing by then. Raises TransitionRefused."""
    poll = _advance(poll, by, PollStage.MERGING, PollStage.VOTING)
    if missing := poll.options.filter(indicator="").count():
        raise TransitionRefused(f"{missing} of the options are neither leading nor trailing yet: classify them first.")
    record(by=by, verb=Verb.OPENED_THE_VOTE, obj=poll, after={"options": poll.options.count()})
    return poll


@transaction.atomic
def vote(*, poll: Poll, by: User, points: Mapping[int, int]) -> int:
    """Give points to options (by id), at most the poll's; a second vote replaces the first. Answers those given.

    Raises PermissionDenied, StaleTransition, ValidationError.
    """
    poll = _locked(poll)
    _require_invited(by, poll)
    _require_stage(poll, PollStage.VOTING, "The vote is not open")
    given, known = sum(points.values()), set(poll.options.values_list("pk", flat=True))
    if any(number < 0 for number in points.values()) or not set(points) <= known:
        raise ValidationError("Points are whole numbers from 0 on, for options of this poll.")
    if given > poll.points or given == 0:
        raise ValidationError(f"You gave {given} points; give 1 to {poll.points} in all. Nothing was counted.")
    earlier = PollVote.objects.filter(option__poll=poll, by=by)
    before = {"votes": dict(earlier.values_list("option", "points"))} if earlier else None
    earlier.delete()
    votes = [PollVote(option_id=pk, by=by, points=number) for pk, number in points.items() if number]
    PollVote.objects.bulk_create(votes)
    record(by=by, verb=Verb.VOTED, obj=poll, before=before, after={"points": given})
    return given


@transaction.atomic
def decide(*, poll: Poll, by: User, shortlist: Collection[int]) -> Poll:
    """End the vote with a short list of options (by id). Raises PermissionDenied, StaleTransition, ValidationError."""
    poll = _advance(poll, by, PollStage.VOTING, PollStage.DECIDED)
    chosen = poll.options.filter(pk__in=shortlist)
    if not chosen:
        raise ValidationError("Choose at least one option for the short list.")
    chosen.update(shortlisted=True)
    names = sorted(chosen.values_list("text", flat=True))
    record(by=by, verb=Verb.DECIDED, obj=poll, after={"shortlist": names, "points": points_of(poll)})
    return poll


@transaction.atomic
def make_kpi(*, option: PollOption, by: User, values: Mapping[str, Any]) -> Kpi:
    """A KPI from a short-listed option, once. ``values`` holds its model fields.

    Raises PermissionDenied, StaleTransition, TransitionRefused, ValidationError by field.
    """
    _require_steward(by)
    poll = _locked(option.poll)
    row = poll.options.select_related("kpi").get(pk=option.pk)
    if poll.stage != PollStage.DECIDED or not row.shortlisted:
        raise TransitionRefused("Only what is on the short list of a decided poll becomes a KPI.")
    if row.kpi is not None:
        raise StaleTransition(f"It became the KPI “{row.kpi}” already.")
    row.kpi = create_kpi(by=by, values={"state": KpiState.DRAFT, **values})
    row.save(update_fields=["kpi"])
    record(by=by, verb=Verb.MADE_A_KPI, obj=poll, after={"option": row.text, "kpi": row.kpi.code})
    return row.kpi


def points_of(poll: Poll) -> dict[str, int]:
    """The points of each option by its text; 0 where nobody gave any."""
    rows: Sequence[Any] = poll.options.annotate(given=Sum("votes__points"))  # type: ignore[assignment]
    return {row.text: row.given or 0 for row in rows}


def _line(text: str, field: str = "text") -> str:
    """An answer or an option as it is kept: in one line. Raises ValidationError for what nobody sees."""
    refuse([(field, CONTROLS)] if controls(text) else [])
    return " ".join(text.split())


def _at_merging(poll: Poll, by: User) -> Poll:
    _require_steward(by)
    poll = _locked(poll)
    _require_stage(poll, PollStage.MERGING, "Options are merged and classified between answers and vote")
    return poll


def _advance(poll: Poll, by: User, before: PollStage, after: PollStage) -> Poll:
    """Take the poll a stage on; of two people who press at once, one does."""
    _require_steward(by)
    if not Poll.objects.filter(pk=poll.pk, stage=before).update(stage=after):
        raise StaleTransition("Somebody took this poll a stage further meanwhile; nothing was changed.")
    return Poll.objects.get(pk=poll.pk)


def _locked(poll: Poll) -> Poll:
    return Poll.objects.select_for_update().get(pk=poll.pk)


def _require_stage(poll: Poll, stage: PollStage, why: str) -> None:
    if poll.stage != stage:
        raise StaleTransition(f"{why}; nothing was changed. The poll is {poll.get_stage_display().lower()} now.")


def _require_steward(by: User) -> None:
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards run polls; you answer and vote where you are invited.")


def _require_invited(by: User, poll: Poll) -> None:
    if not (by.has_perm(Right.READ) and poll.invited.filter(pk=by.pk).exists()):
        raise PermissionDenied("You are not invited to this poll.")


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
