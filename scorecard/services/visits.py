"""Noting that a person looks at the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet, Subquery, Value

from accounts.models import User
from scorecard.models import Transition, Visit

PAUSE = timedelta(minutes=30)  # who looks again sooner is still on the same visit


@dataclass(frozen=True, slots=True)
class Looked:
    """Since when what is new is told (None: the person looks for the first time), and the newest transition."""

    since: datetime | None
    newest: int


def note_visit(person: User, now: datetime) -> Looked:
    """Note that the person looks, and answer since when what is new is to be told: since the visit before this one
    began. Within half an hour of a visit's beginning it stays as it is, and nothing is written.

    No audit entry: it says nothing of the company, and changes what one person is shown alone.
    """
    row = _read(person)
    if row is None:
        Visit.objects.get_or_create(person=person, defaults={"began_at": now})
        row = _read(person)
        return Looked(None, row.newest or 0)
    if now - row.began_at >= PAUSE:
        Visit.objects.filter(pk=row.pk, began_at=row.began_at).update(since=row.began_at, began_at=now)
    return would_look(row, now)


def would_look(row: Any, now: datetime) -> Looked:
    """What a person is told who looks now; nothing is noted. ``row`` is their visit, of ``visits()``."""
    return Looked(row.since if now - row.began_at < PAUSE else row.began_at, row.newest or 0)


def visits() -> QuerySet[Visit]:
    """Each person's visit, with the number of the newest transition as ``newest``."""
    newest = Transition.objects.order_by().values(one=Value(1)).annotate(newest=Max("pk")).values("newest")
    return Visit.objects.annotate(newest=Subquery(newest))


def _read(person: User) -> Any:
    return visits().filter(person=person).first()


def forget_visits(person: User) -> None:
    """Take away when an erased person looked."""
    Visit.objects.filter(person=person).delete()
