"""A customer as it can be asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.urls import reverse

from accounts.access import can_answer
from accounts.models import User
from accounts.reading.people import with_roles
from accounts.rights import Right
from core.registry import Subject
from customers.models import Customer

CUSTOMER = "customer"


def resolve_customers(keys: Collection[str], reader: User) -> Iterator[Subject]:
    """The customers of these external ids that the reader may read by name: one query, and one for roles."""
    found = Customer.objects.visible_to(reader).filter(external_id__in=keys)
    rows = list(found.select_related("account_manager", "business_unit"))
    with_roles(row.account_manager for row in rows)
    return (customer_subject(row) for row in rows)


def customer_subject(row: Customer) -> Subject:
    """A customer, asked of who looks after it."""
    manager: User | None = row.account_manager
    with_roles([manager])
    reachable = can_answer(manager)
    return Subject(
        *(CUSTOMER, row.external_id, row.name, reverse("customer", args=[row.external_id]), row),
        asked=manager if reachable else None,
        role="looks after the account",
        nobody=_nobody(manager),
        takers=Right.MANAGE_KPIS,
        place=row.business_unit.name if row.business_unit else "",
    )


def _nobody(manager: User | None) -> str:
    who = f"{manager} looks after it and has no way to sign in" if manager else "Nobody looks after this account"
    return f"{who}: a steward may answer, or name another account manager under Edit."
