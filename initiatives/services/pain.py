"""Writes of pain points, for stewards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.stale import as_seen
from core.texts import tidied
from core.writes import refuse
from initiatives.models import PainPoint
from initiatives.rules.pain import pain_problems
from initiatives.services.trail import require

FIELDS = ("source", "department", "theme", "tier", "month", "mentions", "severity", "revenue_at_risk")
_DENIED = "Stewards enter pain points; your roles do not include it."


@transaction.atomic
def enter_pain_point(*, by: User, values: Mapping[str, Any]) -> PainPoint:
    """A new point. ``values`` holds model fields, with objects for department and tier.

    Raises PermissionDenied, ValidationError by field.
    """
    require(by, Right.MANAGE_KPIS, _DENIED)
    point = PainPoint(**{name: values[name] for name in FIELDS if name in values})
    _validate(point)
    point.save()
    record(by=by, verb=Verb.CREATED, obj=point, after=state_of(point))
    return point


@transaction.atomic
def edit_pain_point(
    *, pain_point: PainPoint, by: User, values: Mapping[str, Any], seen: str | None = None
) -> PainPoint:
    """Change what ``values`` names. ``seen``: the revision that was read, if the caller names one.

    Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    require(by, Right.MANAGE_KPIS, _DENIED)
    row = as_seen(PainPoint.objects.select_for_update().filter(pk=pain_point.pk).first(), seen, pain_point)
    before = state_of(row)
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    _validate(row)
    row.save()
    record_change(by=by, verb=Verb.CHANGED, obj=row, before=before)
    return row


@transaction.atomic
def delete_pain_point(*, pain_point: PainPoint, by: User) -> None:
    """It goes; deleted twice is as deleted once. Raises PermissionDenied."""
    require(by, Right.MANAGE_KPIS, _DENIED)
    row = PainPoint.objects.filter(pk=pain_point.pk).first()
    if row is not None:
        record(by=by, verb=Verb.DELETED, obj=row, before=state_of(row))
        row.delete()


def _validate(point: PainPoint) -> None:
    point.source, point.theme = tidied(point.source), tidied(point.theme)
    point.clean_fields(exclude=["mentions"])
    refuse(pain_problems(point.tier.code, point.mentions, point.severity, point.revenue_at_risk))
    point.full_clean()
