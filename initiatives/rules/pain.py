"""What a pain point may say."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.texts import out_of
from core.writes import Problem
from customers.choices import TierScope
from initiatives.choices import MOST_MENTIONS

SEVERITY = (1, 5)
MENTIONS = (0, MOST_MENTIONS)
BAD_SEVERITY = "severity runs from 1 to 5"


def pain_problems(tier: str, mentions: int, severity: int, revenue_at_risk: Decimal | None = None) -> Iterator[Problem]:
    """All that is wrong with a point; a source that knows no tiers says ``all``."""
    if tier == TierScope.UNTIERED:
        yield "tier", "is the reserved code of a computed column; pain is of a tier or of all"
    if not MENTIONS[0] <= mentions <= MENTIONS[1]:
        yield "mentions", out_of(*MENTIONS)
    if not SEVERITY[0] <= severity <= SEVERITY[1]:
        yield "severity", BAD_SEVERITY
    if revenue_at_risk is not None and revenue_at_risk < 0:
        yield "revenue_at_risk", "must not be negative"
    elif revenue_at_risk and not mentions and SEVERITY[0] <= severity <= SEVERITY[1]:  # a file reads cells first
        yield "revenue_at_risk", "is at risk by what nobody mentioned: give the mentions, or leave it empty"
