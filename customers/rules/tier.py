"""What a tier may be called, and which of the columns of the matrix can be somebody's tier."""

from __future__ import annotations

from core.keys import address_problems
from core.writes import Problem
from customers.choices import TierScope

RESERVED = frozenset({TierScope.ALL.value, TierScope.UNTIERED.value})
_COMPUTED = "is the reserved code of a computed column"


def tier_problems(code: str) -> list[Problem]:
    """What is wrong with a tier's code; in any case it is none of the computed columns'."""
    return [("code", _COMPUTED)] if code.lower() in RESERVED else address_problems("code", code)


def membership_problems(tier: str) -> list[Problem]:
    """What is wrong with the tier, by code, that a customer moves to; empty for none."""
    return [("tier", f"{_COMPUTED}; leave it empty for no tier")] if tier in RESERVED else []
