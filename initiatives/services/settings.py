"""Writes of the register's settings, and of finance's yearly rates."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.company import company
from accounts.models import ExchangeRate, User
from accounts.rights import Right
from core.auditing import state_of
from core.stale import as_seen
from core.writes import StaleWrite
from initiatives.models import Policy
from initiatives.services.trail import require

POLICY_FIELDS = (
    *("cost_band_2", "cost_band_3", "cost_band_4", "cost_band_5"),
    *("silence_key_account", "silence_business_unit", "silence_corporate"),
)
_BANDS = POLICY_FIELDS[:4]
_AGAIN = "nothing of yours is kept yet: send it again where it should hold."


def may_set_rates(user: User) -> bool:
    """Finance, whose rates they are, and administrators."""
    return user.has_perm(Right.APPROVE_TARGETS) or user.has_perm(Right.ADMINISTER)


@transaction.atomic
def set_policy(*, by: User, values: Mapping[str, Any], seen: str | None = None) -> Policy:
    """Change the thresholds of cost bands and the days of silence; scores and statuses follow at once.

    ``seen`` is the revision that the person saw. Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    require(by, Right.ADMINISTER, "Administrators set the register's thresholds; your roles do not include it.")
    row = as_seen(Policy.objects.select_for_update().get(pk=1), seen, "The register’s settings")
    before = state_of(row)
    for name in POLICY_FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.clean_fields()
    bands = [getattr(row, name) for name in _BANDS]
    if bands[0] <= 0 or any(low >= high for low, high in pairwise(bands)):
        raise ValidationError({"cost_band_2": "The four thresholds are above 0 and ascend."})
    row.full_clean()
    if state_of(row) != before:
        row.save()
        record_change(by=by, verb=Verb.CHANGED, obj=row, before=before)
    return row


@transaction.atomic
def set_rate(
    *, by: User, currency: str, year: int, rate: Decimal | None, seen: Decimal | None = None
) -> ExchangeRate | None:
    """What a unit of a currency is worth in the company's in a fiscal year; without a rate the entry goes.

    ``seen`` is the rate that the person saw, None for none. Raises PermissionDenied, StaleWrite, ValidationError
    by field.
    """
    if not may_set_rates(by):
        raise PermissionDenied("Finance sets the yearly rates; your roles do not include it.")
    code = currency.strip().upper()
    if code == company().currency:
        raise ValidationError({"currency": f"{code} is the company's own currency: it needs no rate."})
    row = ExchangeRate.objects.select_for_update().filter(currency=code, year=year).first()
    if (row.rate if row else None) not in {seen, rate}:
        now = f"is {row.rate.normalize():f}" if row else "was taken out"
        raise StaleWrite(f"The rate of {code} for {year} was changed by somebody else meanwhile and {now}; {_AGAIN}")
    if rate is None:
        _take_out(row, by)
        return None
    if row is not None and row.rate == rate:
        return row
    fresh = row or ExchangeRate(currency=code, year=year)
    before = state_of(row) if row else {}
    fresh.rate = rate
    fresh.full_clean()
    fresh.save()
    record_change(by=by, verb=Verb.CHANGED if row else Verb.CREATED, obj=fresh, before=before)
    return fresh


def _take_out(row: ExchangeRate | None, by: User) -> None:
    if row is not None:
        record(by=by, verb=Verb.DELETED, obj=row, before=state_of(row))
        row.delete()
