"""Lifecycle events derived from a KPI's activity, where a company has no contract dates: written, and taken back."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import today
from accounts.models import Company, User
from accounts.rights import Right
from core.writes import StaleWrite, TransitionRefused
from customers.models import LifecycleEvent
from customers.rules.lifecycle import illegal_events
from kpis.models import Kpi
from kpis.reading.lifecycle import LONGEST_WINDOW, NEW, OWN, SAME, Derived, staged

_NAMED = 3
_GO = """
    DELETE FROM customers_lifecycleevent WHERE id IN (
        SELECT e.id FROM customers_lifecycleevent e WHERE {own} AND NOT {same}
    )
"""
_COME = """
    INSERT INTO customers_lifecycleevent (customer_id, "on", kind, derived_from, derived_months)
    SELECT d.customer_id, d."on", d.kind, %s, %s FROM kpis_derived d WHERE {new}
"""


@transaction.atomic
def preview_lifecycle(*, kpi: Kpi, months: int) -> Derived:
    """What deriving events from a KPI would give; nothing is written. Raises ValidationError by field."""
    _refuse(kpi, months)
    with staged(kpi, months, today()) as (_, derived):
        return derived


@transaction.atomic
def derive_lifecycle(*, kpi: Kpi, months: int, by: User | None, seen: str | None = None) -> Derived:
    """Derive events from a KPI with a window of months: those of the same KPI and window are replaced.

    ``seen`` is the ``mark`` of what was previewed; ``by`` is None for the operator. A customer with an event that
    somebody said, or that was derived otherwise, is left alone. Raises PermissionDenied, StaleWrite where something
    else would be written than was seen, ValidationError by field.
    """
    _require(by)
    _refuse(kpi, months)
    with staged(kpi, months, today()) as (cursor, derived):
        if seen is not None and seen != derived.mark:
            raise StaleWrite("The facts or the events have changed since this was counted; nothing was written.")
        key = (kpi.code, months)
        cursor.execute(_GO.format(own=OWN, same=SAME), key)
        cursor.execute(_COME.format(new=NEW), key)
    if derived.new or derived.gone:
        counts = {"months": months, "new": derived.new, "gone": derived.gone, "left_alone": derived.left_alone}
        record(by=by, verb=Verb.DERIVED, obj=kpi, after=counts)
    return derived


@transaction.atomic
def take_back_lifecycle(*, kpi: Kpi, months: int, by: User) -> int:
    """Take all events away that were derived from a KPI with that window; answers how many.

    Raises PermissionDenied, TransitionRefused where an event that somebody said since rests on one of them, or where
    there are none any more.
    """
    _require(by)
    events = LifecycleEvent.objects.filter(derived_from=kpi.code, derived_months=months)
    rest = LifecycleEvent.objects.exclude(derived_from=kpi.code, derived_months=months)
    concerned = set(rest.filter(customer__in=events.values("customer")).values_list("customer__external_id", flat=True))
    gone, _ = events.delete()
    if not gone:
        raise TransitionRefused("These events have been taken back before; nothing was changed.")
    if left := [customer for customer, *_ in illegal_events(concerned)]:
        named = ", ".join(left[:_NAMED]) + (f" and {len(left) - _NAMED:,} more" if len(left) > _NAMED else "")
        reason = f"Of {named} an event that was said since rests on these; nothing was changed. Delete that first."
        raise TransitionRefused(reason)
    record(by=by, verb=Verb.TAKEN_BACK, obj=kpi, before={"derived_events": gone, "months": months})
    return gone


def _require(by: User | None) -> None:
    """One writer at a time. Raises PermissionDenied for who keeps no customers."""
    if by is not None and not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards derive lifecycle events.")
    Company.objects.select_for_update().get(pk=1)


def _refuse(kpi: Kpi, months: int) -> None:
    if kpi.calculated:
        raise ValidationError({"kpi": "It is calculated and has no facts of customers."})
    if not 1 <= months <= LONGEST_WINDOW:
        raise ValidationError({"months": f"A window is of 1 to {LONGEST_WINDOW} months."})
