"""The company's tiers as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.formatting import month_name
from core.periods import month_of
from customers.models import Tier
from customers.reading.tiers import count_members


@dataclass(frozen=True, slots=True)
class TierLine:
    """A tier, how many customers are in it today, and from when on it is retired, in words."""

    tier: Tier
    customers: int
    state: str
    in_use: bool


def tier_lines(today: date) -> list[TierLine]:
    """All tiers, best first. Two queries."""
    members = count_members(today)
    return [
        TierLine(tier, members.get(tier.pk, 0), _state(tier), tier.stands_in(month_of(today)))
        for tier in Tier.objects.real().order_by("rank", "code")
    ]


def _state(tier: Tier) -> str:
    return f"retired from {month_name(tier.retired_from)} on" if tier.retired_from else "in use"
