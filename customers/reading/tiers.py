"""Tiers as they stand, and whom and what it concerns that one is retired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, QuerySet

from core.formatting import counted, month_name, sentence_list
from core.once import once
from core.periods import Month, first_day
from core.registry import rows_of_tier
from customers.choices import TierScope
from customers.models import Tier, TierMembership


@dataclass(frozen=True, slots=True)
class Concern:
    """What a tier has from a month on: how many customers are in it when the month begins, and rows by what they are
    (``(3, "actual")``, those of none left out).
    """

    tier: Tier
    month: Month
    customers: int
    rows: tuple[tuple[int, str], ...]


def every_tier() -> list[Tier]:
    """All tiers, the best first, retired ones and the columns of all and of no tier among them; once a reading."""
    return once(Tier, lambda: list(Tier.objects.all()))


def all_customers() -> Tier:
    """The column of all customers, from the same reading."""
    return next(tier for tier in every_tier() if tier.scope == TierScope.ALL)


def members(day: date) -> QuerySet[TierMembership]:
    """The membership of each customer who has a tier at the end of a day."""
    later = TierMembership.objects.filter(
        customer=OuterRef("customer"), starts_on__gt=OuterRef("starts_on"), starts_on__lte=day
    )
    return TierMembership.objects.filter(~Exists(later), starts_on__lte=day).exclude(tier=None).order_by()


def count_members(day: date) -> dict[int, int]:
    """How many customers are in each tier at the end of a day, by the tier's id; without those of none."""
    return dict(members(day).values_list("tier").annotate(Count("pk")))


def read_concern(tier: Tier, month: Month) -> Concern:
    """Whom and what it concerns that a tier is retired from a month on."""
    day = first_day(month)
    moves = TierMembership.objects.filter(tier=tier, starts_on__gte=day).count()
    rows = [(moves, "later membership")] if moves else []
    return Concern(tier, month, members(day).filter(tier=tier).count(), (*rows, *rows_of_tier(tier.pk, month)))


def concern_in_words(concern: Concern) -> str:
    """``312 customers are in it on 1 September 2026 and stay until they are moved; of it from then on there are …``"""
    who = counted(concern.customers, "customer") if concern.customers else "no customer"
    verb = "is" if concern.customers < 2 else "are"
    stay = f" and {'stay' if concern.customers > 1 else 'stays'} until moved" if concern.customers else ""
    there = f"when {month_name(concern.month)} begins {who} {verb} in it{stay}"
    has = sentence_list(counted(number, what) for number, what in concern.rows)
    return f"{there}; from then on it has {has}" if has else there
