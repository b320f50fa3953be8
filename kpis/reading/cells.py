"""Stored cells of periods, as matrix, trend and formulas read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from core.periods import Month
from kpis.models import PeriodCell
from kpis.querysets import PeriodCellQuerySet


@dataclass(frozen=True, slots=True)
class Actual:
    """A stored or calculated value of a KPI in a tier and period, and what it rests on.

    ``months_with_data`` counts confirmed months; ``provisional``: one that is still to be confirmed counts in it.
    """

    number: Fraction | None
    months_with_data: int
    months_expected: int
    facts: int
    last_month: Month | None
    provisional: bool = False

    @property
    def share(self) -> Fraction:
        """The share of its months that have data."""
        return Fraction(self.months_with_data, self.months_expected)


_FIELDS = (
    *("period", "kpi_id", "tier_id", "value_numerator", "value_denominator"),
    *("months_with_data", "months_expected", "facts", "last_month", "provisional"),
)

# By KPI id and tier id.
Actuals = dict[tuple[int, int], Actual]


def nothing(expected: int) -> Actual:
    """No value, no data."""
    return Actual(None, 0, expected, 0, None)


def read_cells(
    codes: Iterable[str],
    kpis: Iterable[int] | None = None,
    tiers: Iterable[int] | None = None,
    more: PeriodCellQuerySet | None = None,
) -> Iterable[tuple[str, int, int, Actual]]:
    """Stored cells of these periods, and ``more`` of others, in one query: (period, KPI id, tier id, actual).

    Of all KPIs and tiers where none are named.
    """
    found = PeriodCell.objects.of_periods(codes)
    if kpis is not None:
        found = found.filter(kpi_id__in=kpis)
    if tiers is not None:
        found = found.filter(tier_id__in=tiers)
    rows = found.values_list(*_FIELDS)
    rows = rows if more is None else rows.union(more.values_list(*_FIELDS), all=True)
    for code, kpi, tier, above, below, *rest in rows:
        number = None if above is None or below is None else Fraction(above, below)
        yield code, kpi, tier, Actual(number, *rest)
