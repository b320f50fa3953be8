"""What codes of tiers may be, and which tier a customer may be in."""

from __future__ import annotations

from collections.abc import Iterator

from customers.choices import TierScope
from customers.models import Tier, TierMembership

_RESERVED = frozenset({TierScope.ALL.value, TierScope.UNTIERED.value})
RESERVED_CODE = "is the reserved code of a computed column"
NO_TIER = f"{RESERVED_CODE}; leave it empty for no tier"


def is_reserved(code: str) -> bool:
    """Whether a code is that of a computed column, in any case."""
    return code.lower() in _RESERVED


def tier_problems(tier: Tier) -> Iterator[tuple[str, str]]:
    """What is wrong with a tier, by field."""
    if tier.scope == TierScope.TIER and is_reserved(tier.code):
        yield "code", f"“{tier.code}” {RESERVED_CODE}."


def membership_problems(membership: TierMembership) -> Iterator[tuple[str, str]]:
    """What is wrong with a membership, by field."""
    if membership.tier is not None and membership.tier.scope != TierScope.TIER:
        yield "tier", f"“{membership.tier.code}” {NO_TIER}."
