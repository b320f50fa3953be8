"""Handing over what is a person's to look after: one way to move a column of people, for every app."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from accounts.audit import record_all
from accounts.models import Action, User
from core.auditing import key_of
from core.records import Handover, Held

ACTION = "accounts.action"


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


def open_actions_of(person: User) -> Iterable[Held]:
    """The actions that a person has not done yet."""
    for action in Action.objects.filter(owner=person, done_at=None):
        yield Held(ACTION, action.pk, "open action", action.text)


def hand_over_actions(held: Sequence[Held], handover: Handover) -> list[Held]:
    """Open actions, to who does them now; one that was done meanwhile stays who did it."""
    own = [one for one in held if one.kind == ACTION]
    return hand_over_column(Action.objects.filter(done_at=None), "owner", own, handover)
