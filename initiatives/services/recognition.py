"""Thanks, and turnarounds: nominated by themselves, confirmed or declined by an executive."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.writes import StaleTransition
from initiatives.choices import TurnaroundState
from initiatives.models import Initiative, Thanks, Turnaround
from initiatives.reading.turnarounds import find_turnarounds
from initiatives.services.trail import require, said

_LONGEST = 500


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
def decide_turnaround(*, turnaround: Turnaround, by: User, confirm: bool) -> Turnaround:
    """An executive confirms or declines; the same decision sent twice by the same person is one.

    Raises PermissionDenied for others and for who has a part in the initiative, StaleTransition
    where somebody else has decided.
    """
    require(by, Right.APPROVE_INITIATIVES, "An executive confirms recognition.")
    if is_of(by, turnaround.initiative):
        raise PermissionDenied("You have a part in this initiative: another executive decides.")
    state = TurnaroundState.CONFIRMED if confirm else TurnaroundState.DECLINED
    waiting = Turnaround.objects.filter(pk=turnaround.pk, state=TurnaroundState.NOMINATED)
    swapped = waiting.update(state=state, decided_by=by, decided_at=timezone.now())
    row = Turnaround.objects.select_related("decided_by").get(pk=turnaround.pk)
    if not swapped and (row.state, row.decided_by_id) != (state, by.pk):
        raise StaleTransition(f"{row.decided_by} has {row.get_state_display().lower()} it meanwhile.")
    if swapped:
        record(by=by, verb=Verb(state), obj=row, before={"state": TurnaroundState.NOMINATED}, after={"state": state})
    return row
