"""Thanks and turnarounds of an initiative."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from accounts.rights import Right
from initiatives.choices import TurnaroundState
from initiatives.models import Thanks, Turnaround
from initiatives.reading.standings import Standing
from initiatives.services.recognition import is_of


@dataclass(frozen=True, slots=True)
class RecognitionPart:
    """What an initiative was thanked for and what turned; ``may_thank`` and ``may_decide`` open the forms."""

    code: str
    thanks: tuple[Thanks, ...]
    turnarounds: tuple[Turnaround, ...]
    may_thank: bool
    may_decide: bool


def build(standing: Standing, user: User) -> RecognitionPart | None:
    """The part of an initiative's page; None where there is nothing to show or to do."""
    row = standing.initiative
    thanks = tuple(Thanks.objects.filter(initiative=row).select_related("by"))
    rows = Turnaround.objects.filter(initiative=row).exclude(state=TurnaroundState.DECLINED)
    turnarounds = tuple(rows.select_related("decided_by"))
    stranger = not is_of(user, row)
    may_thank = stranger and user.has_perm(Right.COMMENT)
    if not (thanks or turnarounds or may_thank):
        return None
    may_decide = stranger and user.has_perm(Right.APPROVE_INITIATIVES)
    return RecognitionPart(row.code, thanks, turnarounds, may_thank, may_decide)
