"""Weights of the composite, written and taken back by stewards; a set is never changed, a later one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import Company, User
from accounts.rights import Right
from core.auditing import state_of
from core.periods import Month
from core.scorecards import covered_months
from core.texts import plain
from core.writes import StaleTransition, StaleWrite, refuse
from kpis.models import Kpi, Weight, WeightSet
from kpis.reading.weights import last_month_of, revision, set_of_month, shares_of, stands
from kpis.rules.signals import reason_problems
from kpis.rules.weights import weights_problems


@transaction.atomic
def write_weights(*, from_month: Month, weights: Mapping[Kpi, Decimal], by: User, seen: str | None = None) -> WeightSet:
    """Have KPIs weigh so much, in percent, from a month on, until the month of the next set.

    ``seen`` is the revision of the sets that the person saw. Raises PermissionDenied, StaleWrite where a set was
    written or taken back meanwhile, ValidationError by field.
    """
    _require_writer(by)
    if seen is not None and seen != revision():
        raise StaleWrite("The weights were changed by somebody else meanwhile; nothing of yours was kept.")
    problems = weights_problems(from_month, weights, covered_months(from_month, last_month_of(from_month)))
    now = set_of_month(from_month)
    if not problems and shares_of(now) == {kpi.code: weight for kpi, weight in weights.items()}:
        problems.append(("weights", "are those that stand in that month already: nothing was written"))
    refuse(problems)
    made = WeightSet.objects.create(from_month=from_month, by=by)
    Weight.objects.bulk_create([Weight(set=made, kpi=kpi, percent=weight) for kpi, weight in weights.items()])
    record(by=by, verb=Verb.CREATED, obj=made, after=state_of(made))
    return made


@transaction.atomic
def take_back_weights(*, weights: WeightSet, reason: str, by: User) -> WeightSet:
    """Have a set count nowhere, for a reason; the one before it stands again, and it stays to be read.

    Raises PermissionDenied, ValidationError, StaleTransition where somebody else was faster.
    """
    _require_writer(by)
    told = plain(reason)
    found = WeightSet.objects.get(pk=weights.pk)
    if found.taken_back_at is not None:
        raise StaleTransition("These weights were taken back already; nothing was changed.")
    covered = _covered(found)
    refuse([*reason_problems(told), *(("from_month", reason) for reason in covered)])
    before = state_of(found)
    found.taken_back_at, found.taken_back_by, found.why_taken_back = timezone.now(), by, told
    found.save(update_fields=["taken_back_at", "taken_back_by", "why_taken_back"])
    record(by=by, verb=Verb.TAKEN_BACK, obj=found, before=before, after=state_of(found))
    return found


def _covered(row: WeightSet) -> list[str]:
    """Why a set cannot be taken back; one that another of its month has replaced stands nowhere."""
    month = Month(row.from_month)
    told = stands(row) and covered_months(month, last_month_of(month))
    return ["are of months that an edition covers"] if told else []


def _require_writer(by: User) -> None:
    """One writer at a time; raises PermissionDenied for who may not write weights."""
    if not by.has_perm(Right.SET_STEPS):
        raise PermissionDenied("Stewards write weights; your roles do not include it.")
    Company.objects.select_for_update().get(pk=1)
