"""Handing over what is a person's to look after: one way to move a column of people, for every app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models

from accounts.audit import record_all
from accounts.choices import ThreadState
from accounts.models import Action, Thread, User
from core.auditing import key_of
from core.records import Handover, Held

ACTION, QUESTION = "accounts.action", "accounts.question"


def hand_over_column(
    rows: models.QuerySet[Any], column: str, held: Iterable[Held], handover: Handover, **also: Any
) -> list[Held]:
    """Move ``column`` of those rows that are still the giver's; ``also`` is written with it. Answers what was moved.

    Each moved row has its audit entry. In two queries and one for the entries, however many there are.
    """
    wanted = {one.key: one for one in held}
    found = list(rows.select_for_update(of=("self",)).filter(pk__in=wanted, **{column: handover.giver}))
    rows.model._default_manager.filter(pk__in=[row.pk for row in found]).update(**{column: handover.taker}, **also)
    before, after = {column: key_of(handover.giver)}, {column: key_of(handover.taker)}
    record_all(by=handover.by, verb=handover.verb, changes=((row, before, after) for row in found))
    return [wanted[row.pk] for row in found]


def open_asks_of(person: User) -> Iterable[Held]:
    """The actions that a person has not done yet, and their questions that nobody has answered."""
    for action in Action.objects.filter(owner=person, done_at=None):
        yield Held(ACTION, action.pk, "open action", action.text)
    for thread in _open_questions().filter(asked_by=person).prefetch_related("words"):
        yield Held(QUESTION, thread.pk, "open question", _asked(thread))


def hand_over_asks(held: Sequence[Held], handover: Handover) -> Iterator[Held]:
    """Open actions, to who does them now, and open questions, to who is told the answer and may ask again; what was
    done or answered meanwhile stays. What was said stays who said it.
    """
    for kind, rows, column in (
        (ACTION, Action.objects.filter(done_at=None), "owner"),
        (QUESTION, _open_questions(), "asked_by"),
    ):
        yield from hand_over_column(rows, column, (one for one in held if one.kind == kind), handover)


def _open_questions() -> models.QuerySet[Thread]:
    return Thread.objects.filter(state=ThreadState.OPEN)


def _asked(thread: Thread) -> str:
    """The question as it was asked first."""
    return next((word.text for word in thread.words.all()), str(thread))
