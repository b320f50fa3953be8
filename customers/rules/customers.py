"""What may be written of customers: ids that others have taken over, and retiring."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from core.keys import address_problems
from core.writes import Problem
from customers.models import Customer

MERGED = "was merged into “{}”: name that customer instead"


def customer_problems(external_id: str, taken_over: dict[str, str] | None = None) -> list[Problem]:
    """What is wrong with a customer's id. ``taken_over`` is what ``taken_over_by`` answers, where many are asked."""
    found = taken_over_by([external_id]) if taken_over is None else taken_over
    merged = [("external_id", MERGED.format(found[external_id]))] if external_id in found else []
    return [*merged, *address_problems("external_id", external_id)]


def taken_over_by(external_ids: Iterable[str] | None = None) -> dict[str, str]:
    """Of those of these ids (None: of all) that were merged away, the id of the customer that is kept."""
    rows = Customer.everyone.merged_away()
    if external_ids is not None:
        rows = rows.filter(external_id__in=list(external_ids))
    found = {row.external_id: row.merged_into for row in rows}
    return {name: _kept(customer) for name, customer in found.items() if customer is not None}


def merged_words(external_id: str) -> str:
    """Why an id names no customer any more; empty where it was not merged away."""
    found = taken_over_by([external_id])
    return MERGED.format(found[external_id]) if external_id in found else ""


def _kept(customer: Customer) -> str:
    while customer.merged_into is not None:
        customer = customer.merged_into
    return customer.external_id


def retirement_problems(day: date | None, retired_from: date | None) -> list[Problem]:
    """What is wrong with the day from which a customer is to be retired."""
    if retired_from is not None:
        return [("retired_from", f"is {retired_from} already; bring the customer back first")]
    return [] if day else [("retired_from", "must be a day")]
