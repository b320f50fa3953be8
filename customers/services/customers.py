"""Writes of tiers, customers, their moves and their lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.rules.people import gone_problems
from accounts.services.rows import Rows
from core.formatting import sentence_list
from core.registry import cells_touched
from core.texts import sentence
from core.writes import TransitionRefused
from customers.choices import TierScope
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.customers import uses_of
from customers.rules.customers import customer_problems
from customers.rules.lifecycle import illegal_events
from customers.rules.tier import membership_problems, tier_problems
from customers.services.touches import FIRST_MONTH, touch_months, touch_moves

# What an event has that was derived from nothing.
SAID = {"derived_from": "", "derived_months": None}


class TierRows(Rows[Tier]):
    """Tiers; the computed columns stay."""

    model = Tier
    what = "tiers"
    fixed = ("code",)

    def problems(self, row: Tier) -> Iterator[tuple[str, str]]:
        """Reserved codes."""
        return iter(tier_problems(row.code) if row.scope == TierScope.TIER else ())

    def written(self, *, by: User, old: Tier | None, new: Tier | None) -> None:
        """A new tier is a new column of every month."""
        if old is not None and new is None and old.scope != TierScope.TIER:
            raise TransitionRefused(f"“{old}” is a computed column and cannot be deleted; nothing was changed.")
        if old is None or new is None:
            touch_months([(FIRST_MONTH, None)])
            cells_touched(by)


class CustomerRows(Rows[Customer]):
    """Customers."""

    model = Customer
    what = "customers"
    fixed = ("external_id",)

    def problems(self, row: Customer) -> Iterator[tuple[str, str]]:
        """An id that another customer took over stays its own."""
        return iter([*customer_problems(row.external_id), *gone_problems(row, "account_manager")])

    @transaction.atomic
    def delete(self, *, row: Customer, by: User, seen: str | None = None) -> None:
        """A customer of whom there is nothing goes. Raises as usual, with how much there is of what."""
        self._require(by)
        if uses := uses_of(row):
            have = sentence_list(use.words for use in uses)
            raise TransitionRefused(
                f"“{row}” cannot be deleted, for there is something of it: {have}. Nothing was changed. "
                "Retire it instead: what was measured stays."
            )
        super().delete(row=row, by=by, seen=seen)


class MembershipRows(Rows[TierMembership]):
    """From when on a customer belongs to which tier."""

    model = TierMembership
    what = "tier memberships"
    fixed = ("customer", "starts_on")

    def problems(self, row: TierMembership) -> Iterator[tuple[str, str]]:
        """Nobody belongs to a computed column."""
        if row.tier is None:
            return iter(())
        return iter(membership_problems(row.tier.code, row.starts_on, row.tier.retired_from))

    def written(self, *, by: User, old: TierMembership | None, new: TierMembership | None) -> None:
        """The months of it as it was and as it is are rolled up again."""
        touch_moves((row.customer_id, row.starts_on) for row in (old, new) if row is not None)
        cells_touched(by)


class LifecycleRows(Rows[LifecycleEvent]):
    """When customers joined, left and returned."""

    model = LifecycleEvent
    what = "lifecycle events"
    fixed = ("customer", "on")

    def change(
        self, *, row: LifecycleEvent, by: User, values: Mapping[str, Any], seen: str | None = None
    ) -> LifecycleEvent:
        """What somebody says is not derived any more. Raises as in ``Rows``."""
        return super().change(row=row, by=by, values={**values, **SAID}, seen=seen)

    def save(self, *, row: LifecycleEvent, by: User) -> LifecycleEvent:
        """The same of a form."""
        for name, value in SAID.items():
            setattr(row, name, value)
        return super().save(row=row, by=by)

    def written(self, *, by: User, old: LifecycleEvent | None, new: LifecycleEvent | None) -> None:
        """What is there now has to be legal by date. Raises ValidationError, of one that goes TransitionRefused."""
        changed = {row.customer.external_id for row in (old, new) if row is not None}
        for customer, day, _, reason in illegal_events(changed):
            if new is None:
                raise TransitionRefused(f"Of {customer} the event of {day} would be left, and {reason}.")
            raise ValidationError({"kind": sentence(f"{customer}, {day}: {reason}")})


def move_customer(*, customer: Customer, by: User, tier: Tier | None, day: date) -> TierMembership:
    """Have a customer in a tier, or in none, from a day on; what was said of that very day is replaced.

    Raises PermissionDenied, ValidationError by field.
    """
    rows = MembershipRows()
    there = TierMembership.objects.filter(customer=customer, starts_on=day).first()
    if there is not None:
        return rows.change(row=there, by=by, values={"tier": tier})
    return rows.create(by=by, values={"customer": customer, "starts_on": day, "tier": tier})
