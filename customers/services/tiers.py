"""Tiers by hand: retired from a month on, and brought back. What a tier has stays."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.periods import Month, month_code
from core.stale import as_seen
from customers.choices import TierScope
from customers.models import Tier


@transaction.atomic
def retire_tier(*, tier: Tier, by: User, from_month: Month, seen: str | None = None) -> Tier:
    """Retire a tier from a month on: nobody moves into it, and nothing is measured or promised of it any more.

    Who is in it stays until moved, its facts count where they did. ``customers.reading.tiers.read_concern`` says
    beforehand whom and what it concerns. Raises PermissionDenied, StaleWrite, ValidationError for a computed column.
    """
    row = _locked(tier, by, seen)
    if row.scope != TierScope.TIER:
        raise ValidationError(f"“{row}” is a computed column and stays.")
    return _dated(row, by, from_month, Verb.RETIRED)


@transaction.atomic
def bring_back_tier(*, tier: Tier, by: User, seen: str | None = None) -> Tier:
    """Have a retired tier in use again, as though it had never been retired. Raises PermissionDenied, StaleWrite."""
    return _dated(_locked(tier, by, seen), by, None, Verb.BROUGHT_BACK)


def _locked(tier: Tier, by: User, seen: str | None) -> Tier:
    if not by.has_perm(Right.MANAGE_KPIS):
        raise PermissionDenied("Stewards keep the tiers.")
    found = Tier.objects.select_for_update().filter(pk=tier.pk).first()
    return as_seen(found, seen, tier)


def _dated(tier: Tier, by: User, from_month: Month | None, verb: Verb) -> Tier:
    before, tier.retired_from = tier.retired_from, from_month
    tier.save(update_fields=["retired_from"])
    was, now = ({"retired_from": month and month_code(Month(month))} for month in (before, from_month))
    record(by=by, verb=verb, obj=tier, before=was, after=now)
    return tier
