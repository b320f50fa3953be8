"""What was measured and promised of a tier from a month on: what it concerns that the tier is retired."""

from __future__ import annotations

from collections.abc import Iterator

from kpis.choices import Per, TargetState
from kpis.models import Target, TierActual

_COUNTS = (TargetState.APPROVED, TargetState.PROPOSED, TargetState.DRAFT)


def rows_of_tier(tier: int, month: int) -> Iterator[tuple[int, str]]:
    """How many actuals and target rows the tier (by id) has from the month on, and open rows that end before it."""
    rows = Target.objects.filter(tier=tier, state__in=_COUNTS)
    running = rows.filter(per=Per.MONTH, until_month=None, from_month__lt=month)
    yield TierActual.objects.filter(tier=tier, month__gte=month).count(), "actual"
    yield rows.filter(from_month__gte=month).count(), "target row"
    yield running.count(), "open target row"
