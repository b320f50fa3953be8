"""Customers that are retired, and brought back: what was measured of them stays as it is."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record_change
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.stale import as_seen
from core.writes import refuse
from customers.models import Customer
from customers.rules.customers import retirement_problems


@transaction.atomic
def retire_customer(*, customer: Customer, by: User, day: date | None, seen: str | None = None) -> Customer:
    """From that day on in no picker and no list, unless it is asked for.

    Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    row = _held(customer, by, seen)
    refuse(retirement_problems(day, row.retired_from))
    return _write(row, by, Verb.RETIRED, day)


@transaction.atomic
def bring_customer_back(*, customer: Customer, by: User) -> Customer:
    """As before it was retired; what is not retired stays. Raises PermissionDenied, StaleWrite."""
    return _write(_held(customer, by, None), by, Verb.BROUGHT_BACK, None)


def _held(customer: Customer, by: User, seen: str | None) -> Customer:
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards keep customers; your roles do not include it.")
    return as_seen(Customer.objects.select_for_update().filter(pk=customer.pk).first(), seen, customer)


def _write(row: Customer, by: User, verb: Verb, day: date | None) -> Customer:
    if row.retired_from == day:
        return row
    before = state_of(row)
    row.retired_from = day
    row.save(update_fields=["retired_from"])
    record_change(by=by, verb=verb, obj=row, before=before)
    return row
