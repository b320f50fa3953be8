"""Naming the KPIs that say what a tier is worth."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record_change
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.stale import as_seen
from core.texts import sentence
from kpis.choices import ValueRole
from kpis.models import Kpi, ValueKpis
from kpis.rules.value import value_problems


@transaction.atomic
def name_value_kpis(*, by: User, named: Mapping[str, Kpi | None], seen: str | None = None) -> ValueKpis:
    """Name the KPIs of revenue, margin and cost to serve; a part that ``named`` leaves out stays as it is.

    ``seen`` is the revision that the person saw. Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards name the KPIs of value; your roles do not include it.")
    row = as_seen(ValueKpis.objects.select_for_update().get(pk=1), seen, "The KPIs of value")
    before = state_of(row)
    for role in ValueRole:
        if role.value in named:
            setattr(row, role.value, named[role.value])
    problems = list(value_problems({role.value: kpi for role, kpi in row.named}))
    if problems:
        raise ValidationError({name: sentence(reason) for name, reason in problems})
    row.save()
    record_change(by=by, verb=Verb.CHANGED, obj=row, before=before)
    return row
