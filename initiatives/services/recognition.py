"""Thanks, and turnarounds: nominated by themselves, confirmed or declined by an executive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.decisions import Decision, reasoned
from core.texts import plain
from core.writes import StaleTransition, TransitionRefused
from initiatives.choices import TurnaroundState
from initiatives.models import Initiative, Thanks, Turnaround
from initiatives.reading.turnarounds import find_turnarounds
from initiatives.services.recognition_mails import tell_owners
from initiatives.services.trail import require, said

_LONGEST = 500
_EXECUTIVES = "An executive confirms recognition."


@transaction.atomic
def thank(*, initiative: Initiative, by: User, text: str) -> Thanks:
    """An executive or a peer thanks those who work on an initiative; the same thanks sent twice are one.

    Raises PermissionDenied for its own people and those who may not comment, ValidationError by field.
    """
    require(by, Right.COMMENT, "Your roles do not include thanking.")
    if is_of(by, initiative):
        raise PermissionDenied("This is your own initiative: thanks come from others.")
    words = said(text, "text", "Write what you thank for.")
    if len(words) > _LONGEST:
        raise ValidationError({"text": f"Thanks have at most {_LONGEST} characters."})
    Initiative.objects.select_for_update().get(pk=initiative.pk)
    thanks, new = Thanks.objects.get_or_create(initiative=initiative, by=by, text=words)
    if new:
        record(by=by, verb=Verb.THANKED, obj=initiative, after={"text": words})
    return thanks


def is_of(user: User, initiative: Initiative) -> bool:
    """Whether the person has a part in it: as owner, deputy or in the team."""
    return Initiative.objects.of_person(user).filter(pk=initiative.pk).exists()


@transaction.atomic
def nominate_turnarounds(*, today: date) -> list[Turnaround]:
    """Nominate what turned for the better up to the day and was never nominated; answers what is new."""
    found = [
        Turnaround.objects.get_or_create(
            initiative_id=turn.initiative,
            kind=turn.kind,
            what=turn.what,
            defaults={"evidence": turn.evidence, "nominated_on": today},
        )
        for turn in find_turnarounds(today)
    ]
    fresh = [turnaround for turnaround, new in found if new]
    for turnaround in fresh:
        record(by=None, verb=Verb.NOMINATED, obj=turnaround, after=state_of(turnaround))
    return fresh


@transaction.atomic
def decide_turnarounds(*, decisions: Sequence[Decision], by: User) -> list[Turnaround]:
    """Confirm some turnarounds and decline others, each for its own reason: all of it or nothing.

    The same decision sent twice by the same person is one. The initiatives' owners are told. Raises PermissionDenied
    for others and for who has a part in an initiative, ReasonsMissing for a decline without a reason, StaleTransition
    where somebody else has decided, and TransitionRefused for none.
    """
    require(by, Right.APPROVE_INITIATIVES, _EXECUTIVES)
    said_of = reasoned(decisions)
    rows = list(Turnaround.objects.filter(pk__in=said_of).select_related("initiative").order_by("pk"))
    if not rows:
        raise TransitionRefused("There is no turnaround among these; nothing was decided.")
    done = [_decide(row, by, said_of[row.pk]) for row in rows]
    tell_owners([row for row, new in done if new], by=by)
    return [row for row, _ in done]


def _decide(turnaround: Turnaround, by: User, said_of_it: Decision) -> tuple[Turnaround, bool]:
    """The turnaround as it is now, and whether it was decided just now."""
    if is_of(by, turnaround.initiative):
        raise PermissionDenied("You have a part in this initiative: another executive decides.")
    state = TurnaroundState.CONFIRMED if said_of_it.approve else TurnaroundState.DECLINED
    note = plain(said_of_it.reason)
    waiting = Turnaround.objects.filter(pk=turnaround.pk, state=TurnaroundState.NOMINATED)
    swapped = waiting.update(state=state, decided_by=by, decided_at=timezone.now(), decision_note=note)
    row = Turnaround.objects.select_related("decided_by", "initiative__owner").get(pk=turnaround.pk)
    if not swapped and (row.state, row.decided_by_id) != (state, by.pk):
        raise StaleTransition(f"{row.decided_by} has {row.get_state_display().lower()} it meanwhile.")
    if swapped:
        after = {"state": state} | ({"reason": note} if note else {})
        record(by=by, verb=Verb(state), obj=row, before={"state": TurnaroundState.NOMINATED}, after=after)
    return row, bool(swapped)


@transaction.atomic
def take_back_turnaround(*, turnaround: Turnaround, by: User, reason: str = "") -> Turnaround:
    """Take a decision back: it waits for an executive again, and its initiative's owner is told.

    Raises PermissionDenied for others and for who has a part in the initiative, StaleTransition where it waits.
    """
    require(by, Right.APPROVE_INITIATIVES, "An executive takes decisions on recognition back.")
    row = Turnaround.objects.select_for_update(of=("self",)).select_related("initiative__owner").get(pk=turnaround.pk)
    if is_of(by, row.initiative):
        raise PermissionDenied("You have a part in this initiative: another executive takes it back.")
    if row.state == TurnaroundState.NOMINATED:
        raise StaleTransition("It is nominated and waits already. Nothing was changed.")
    before, why = {"state": row.state}, plain(reason)
    row.state, row.decided_by, row.decided_at, row.decision_note = TurnaroundState.NOMINATED, None, None, ""
    row.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    after = {"state": row.state} | ({"reason": why} if why else {})
    record(by=by, verb=Verb.TAKEN_BACK, obj=row, before=before, after=after)
    tell_owners([row], by=by, reason=why)
    return row
