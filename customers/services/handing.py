"""The customers whose account a person manages, handed over to somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from accounts.models import User
from accounts.services.handing import hand_over_column
from core.records import Handover, Held
from customers.models import Customer

MANAGER = "customers.account_manager"


def customers_of(person: User) -> Iterator[Held]:
    """The customers whose account the person manages."""
    for customer in Customer.objects.filter(account_manager=person):
        yield Held(MANAGER, customer.pk, "customer as account manager")


def hand_over_customers(held: Sequence[Held], handover: Handover) -> list[Held]:
    """To their new account manager. Call it in a transaction."""
    own = (one for one in held if one.kind == MANAGER)
    return hand_over_column(Customer.objects.all(), "account_manager", own, handover)
