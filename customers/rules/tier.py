"""What a tier may be called, and which of the columns of the matrix can be somebody's tier."""

from __future__ import annotations

from datetime import date

from core.keys import address_problems
from core.periods import Month, month_code, month_of
from core.writes import Problem
from customers.choices import TierScope
from customers.models import Tier

RESERVED = frozenset({TierScope.ALL.value, TierScope.UNTIERED.value})
_COMPUTED = "is the reserved code of a computed column"


def tier_problems(code: str) -> list[Problem]:
    """What is wrong with a tier's code; in any case it is none of the computed columns'."""
    return [("code", _COMPUTED)] if code.lower() in RESERVED else address_problems("code", code)


def membership_problems(tier: str, starts_on: date, retired_from: Month | None = None) -> list[Problem]:
    """What is wrong with the tier, by code (empty for none), that a customer moves to on a day.

    ``retired_from`` is the month from which on the tier is retired; None while it is in use.
    """
    if tier in RESERVED:
        return [("tier", f"{_COMPUTED}; leave it empty for no tier")]
    retired = retired_tier_problem(retired_from, month_of(starts_on))
    return [("tier", retired)] if retired else []


def retired_tier_problem(retired_from: Month | None, month: Month) -> str:
    """Why nothing is said of a tier in a month: it is retired from then on, or earlier. Empty where it stands."""
    if retired_from is None or month < retired_from:
        return ""
    return f"is retired from {month_code(Month(retired_from))} on"


def tier_ends() -> dict[str, Month]:
    """From which month on the retired tiers are so, by code. One query."""
    rows = Tier.objects.real().exclude(retired_from=None).values_list("code", "retired_from")
    return {code: Month(month) for code, month in rows if month is not None}
