"""What of the scorecard is a person's: nothing to look after; their name beside editions and their mails, which
erasing takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from accounts.models import User
from core.records import Handover, Held
from scorecard.models import AlertsTold, EditionName, Follow, Subscription
from scorecard.services.visits import forget_visits


def nothing_owned(person: User) -> Iterable[Held]:
    """Nobody looks after an edition: it stays as it was signed."""
    return ()


def hand_over_nothing(held: Sequence[Held], handover: Handover) -> Iterable[Held]:
    """So there is nothing to hand over."""
    return ()


def erase_from_scorecard(person: User) -> None:
    """Take the person's name from beside the editions; their documents have but the key, and stand. When they looked
    at the home page goes, and their mails: nothing is written to an erased person any more.
    """
    forget_visits(person)
    for model in (Follow, AlertsTold, Subscription):
        model._base_manager.filter(person=person).delete()
    EditionName.objects.filter(kind="person", key=person.pk).update(name=f"Erased person {person.pk}")
