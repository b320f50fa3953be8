"""Writes of tiers, customers, their moves and their lives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.services.rows import Rows
from core.registry import cells_touched
from core.texts import sentence
from core.writes import TransitionRefused
from customers.choices import TierScope
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
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
