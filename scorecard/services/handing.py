"""What of the scorecard is a person's: the actions that narratives and warnings gave them; their name beside
editions, their mails and when they looked, which erasing takes. A narrative that is asked of who owns a KPI goes with
the KPI.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet

from accounts.models import User
from accounts.services.handing import hand_over_column
from core.records import Handover, Held
from scorecard.models import AlertsTold, EditionName, Follow, Narrative, Subscription, WarningResponse
from scorecard.services.visits import forget_visits

ACTION, WARNED = "scorecard.narrative", "scorecard.warningresponse"


def narrated_actions_of(person: User) -> Iterable[Held]:
    """The actions of narratives and warnings that a person has not done yet. An edition is nobody's: it stays as it
    was signed.
    """
    for row in Narrative.objects.filter(owner=person, done_at=None):
        yield Held(ACTION, row.pk, "open action", row.action)
    for warned in _open_responses().filter(owner=person):
        yield Held(WARNED, warned.pk, "open action", warned.text)


def hand_over_narrated(held: Sequence[Held], handover: Handover) -> Iterable[Held]:
    """Open actions, to who does them now; whoever has a form of one open is told who changed it meanwhile."""
    own = [one for one in held if one.kind == ACTION]
    rows = Narrative.objects.filter(done_at=None)
    moved = hand_over_column(rows, "owner", own, handover, revision=F("revision") + 1)
    warned = [one for one in held if one.kind == WARNED]
    return [*moved, *hand_over_column(_open_responses(), "owner", warned, handover)]


def _open_responses() -> QuerySet[WarningResponse]:
    return WarningResponse.objects.filter(done_at=None, taken_back_at=None)


def erase_from_scorecard(person: User) -> None:
    """Take the person's name from beside the editions; their documents have but the key, and stand. When they looked
    at the home page goes, and their mails: nothing is written to an erased person any more.
    """
    forget_visits(person)
    for model in (Follow, AlertsTold, Subscription):
        model._base_manager.filter(person=person).delete()
    EditionName.objects.filter(kind="person", key=person.pk).update(name=f"Erased person {person.pk}")
