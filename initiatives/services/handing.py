"""What of the register is a person's: as owner, deputy, sponsor and in the team."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.models import F

from accounts.audit import record_all
from accounts.models import User
from accounts.services.handing import hand_over_column
from core.auditing import key_of
from core.records import Handover, Held
from initiatives.models import Initiative, ReminderTime

ROLES = {"owner": "initiative", "deputy": "initiative as deputy", "sponsor": "initiative as sponsor"}
TEAM = "initiatives.team"
_TEAM = Initiative.team.through


def initiatives_of(person: User) -> Iterator[Held]:
    """What a person has a part in, a part at a time; what has ended too, for somebody answers for it."""
    for role, noun in ROLES.items():
        for initiative in Initiative.objects.filter(**{role: person}):
            yield Held(f"initiatives.{role}", initiative.pk, noun, initiative.title)
    for initiative in Initiative.objects.filter(team=person):
        yield Held(TEAM, initiative.pk, "initiative in the team", initiative.title)


def hand_over_initiatives(held: Sequence[Held], handover: Handover) -> Iterator[Held]:
    """Part by part. Call it in a transaction. Whoever has a form of one open is told who changed it meanwhile."""
    for role in ROLES:
        own = [one for one in held if one.kind == f"initiatives.{role}"]
        rows = Initiative.objects.all()
        yield from hand_over_column(rows, role, own, handover, revision=F("revision") + 1) if own else ()
    yield from _hand_over_teams([one for one in held if one.kind == TEAM], handover)


def erase_from_initiatives(person: User) -> None:
    """What was the person's alone: when they are reminded."""
    ReminderTime.objects.filter(user=person).delete()


def _hand_over_teams(held: Sequence[Held], handover: Handover) -> list[Held]:
    """A place in a team, to who takes it; who has one there already keeps it, now and when it is given back."""
    giver, taker = handover.giver.pk, handover.taker.pk
    places = _TEAM.objects.filter(initiative__in=[one.key for one in held], user__in=(giver, taker))
    there = set(places.values_list("initiative_id", "user_id"))
    going = [one for one in held if one.shared or (one.key, giver) in there]
    rows = Initiative.objects.select_for_update().filter(pk__in=[one.key for one in going])
    found = {row.pk: row for row in rows}
    leaving = [one.key for one in going if not one.shared]
    _TEAM.objects.filter(initiative__in=leaving, user=giver).delete()
    new = [_TEAM(initiative_id=key, user_id=taker) for key in found if (key, taker) not in there]
    _TEAM.objects.bulk_create(new)
    Initiative.objects.filter(pk__in=found).update(revision=F("revision") + 1)
    before, after = {"team": [key_of(handover.giver)]}, {"team": [key_of(handover.taker)]}
    record_all(by=handover.by, verb=handover.verb, changes=((row, before, after) for row in found.values()))
    return [replace(one, shared=not one.shared and (one.key, taker) in there) for one in going if one.key in found]
