"""What a write leaves behind beside its audit entry: changes by the day, so that a past day can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F

from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from core.stale import as_seen
from core.texts import plain
from initiatives.access import may_edit
from initiatives.choices import Tracked
from initiatives.models import Initiative, Milestone, TrackedChange

# Columns whose past is kept by the day.
TRACKED = {
    "stage": Tracked.STAGE,
    "due": Tracked.DUE,
    "started_on": Tracked.STARTED_ON,
    "finished_on": Tracked.FINISHED_ON,
}


def require_editor(by: User, initiative: Initiative) -> None:
    """Raises PermissionDenied for those who may not edit the initiative."""
    if not may_edit(by, initiative):
        raise PermissionDenied("This initiative is not yours to change: its owner, deputy, team and stewards do that.")


def require(by: User, right: Right, sentence: str) -> None:
    """Raises PermissionDenied, with the sentence, for those who lack a right."""
    if not by.has_perm(right):
        raise PermissionDenied(sentence)


def said(text: str, field: str, sentence: str) -> str:
    """The text as it is kept. Raises ValidationError for the field where nothing is left."""
    stripped = plain(text)
    if not stripped:
        raise ValidationError({field: sentence})
    return stripped


def claim(initiative: Initiative, seen: str) -> Initiative:
    """The initiative as it is, locked for this transaction, if its revision is the one seen; counts it up.

    Raises StaleWrite where somebody changed it meanwhile.
    """
    found = Initiative.objects.select_for_update().filter(pk=initiative.pk).first()
    row = as_seen(found, seen, initiative)
    Initiative.objects.filter(pk=row.pk).update(revision=F("revision") + 1)
    row.revision += 1
    return row


def track(
    *, initiative: Initiative, by: User | None, before: Mapping[str, Any], reason: str = "", on: date | None = None
) -> None:
    """Keep by the day what changed of the initiative's stage and dates since the state before."""
    day = on or today()
    TrackedChange.objects.bulk_create(
        TrackedChange(initiative=initiative, what=what, before=told(old), after=told(new), on=day, by=by, reason=reason)
        for name, what in TRACKED.items()
        if (old := before.get(name)) != (new := getattr(initiative, name))
    )


def track_milestone(
    *, milestone: Milestone, by: User, changes: Iterable[tuple[Tracked, date | None, date | None]], reason: str = ""
) -> None:
    """Keep by the day what changed of a milestone's dates: (what, before, after)."""
    day = today()
    TrackedChange.objects.bulk_create(
        TrackedChange(
            initiative_id=milestone.initiative_id,
            milestone=milestone,
            what=what,
            before=told(before),
            after=told(after),
            on=day,
            by=by,
            reason=reason,
        )
        for what, before, after in changes
        if before != after
    )


def told(value: Any) -> str:
    """A stage or a day as a tracked change keeps it; empty for none."""
    return value.isoformat() if isinstance(value, date) else str(value or "")
