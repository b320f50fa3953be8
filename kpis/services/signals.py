"""Steps of charts, set and taken back by stewards with a reason; the rollup takes limits anew."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.periods import Month
from core.registry import cells_touched
from core.texts import plain
from core.writes import StaleTransition, refuse
from customers.models import Tier
from kpis.models import Kpi, Step
from kpis.reading.signals import is_charted
from kpis.rules.signals import StepCells, reason_problems, step_problems
from kpis.services.definitions import locked_kpi
from kpis.services.touches import touch_signals


@transaction.atomic
def set_step(*, kpi: Kpi, tier: Tier | None, month: Month, reason: str, by: User) -> Step:
    """Have limits taken of the months from this one on: in one column, or, without a tier, in all of them.

    Raises PermissionDenied, ValidationError by field.
    """
    require_setter(by)
    kpi, told = locked_kpi(kpi, None), plain(reason)
    taken = Step.objects.filter(kpi=kpi, tier=tier, month=month, taken_back_at=None).exists()
    cells = StepCells(kpi, tier, month, told)
    refuse(step_problems(cells, today(), charted=is_charted(kpi, month), taken=taken))
    step = Step.objects.create(kpi=kpi, tier=tier, month=month, reason=told, by=by)
    record(by=by, verb=Verb.SET_STEP, obj=step, after=state_of(step))
    touch_signals([kpi.pk], month)
    cells_touched(by)
    return step


@transaction.atomic
def take_back_step(*, step: Step, reason: str, by: User) -> Step:
    """Have a step count nowhere, for a reason; it stays to be read.

    Raises PermissionDenied, ValidationError, StaleTransition where somebody else was faster.
    """
    require_setter(by)
    told = plain(reason)
    refuse(reason_problems(told))
    found = Step.objects.select_for_update(of=("self",)).select_related("kpi", "tier").get(pk=step.pk)
    if found.taken_back_at is not None:
        raise StaleTransition("This step was taken back already; nothing was changed.")
    before = state_of(found)
    found.taken_back_at, found.taken_back_by, found.why_taken_back = timezone.now(), by, told
    found.save(update_fields=["taken_back_at", "taken_back_by", "why_taken_back"])
    record(by=by, verb=Verb.TOOK_BACK_STEP, obj=found, before=before, after=state_of(found))
    touch_signals([found.kpi_id], Month(found.month))
    cells_touched(by)
    return found


def require_setter(by: User) -> None:
    """Raises PermissionDenied for who may not say how signals are told."""
    if not by.has_perm(Right.SET_STEPS):
        raise PermissionDenied("Stewards set steps, and say which KPIs are seasonal.")
