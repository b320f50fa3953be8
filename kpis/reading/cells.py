"""Stored cells of periods, as matrix, trend and formulas read them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from core.periods import Month
from kpis.formulas.values import Value
from kpis.models import PeriodCell
from kpis.querysets import PeriodCellQuerySet


class Actual(NamedTuple):
    """A stored or calculated value of a KPI in a tier and period, and what it rests on.

    ``months_with_data`` counts confirmed months; ``provisional``: one that is still to be confirmed counts in it.
    """

    number: Fraction | None
    months_with_data: int
    months_expected: int
    facts: int
    last_month: Month | None
    provisional: bool = False

    @classmethod
    def of(cls, value: Value) -> Actual:
        """The same of a value that was just computed."""
        return cls(
            *(value.number, value.months_with_data, value.months_expected, value.total.facts, value.last_month),
            value.provisional,
        )

    @property
    def lacks_months(self) -> bool:
        """Whether one of its months has no data."""
        return self.months_with_data < self.months_expected

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


_Found = Iterable[tuple[str, int, int, Actual]]  # period, KPI id, tier id, actual


def read_cells(codes: Iterable[str], kpis: Iterable[int] | None = None, tiers: Iterable[int] | None = None) -> _Found:
    """Stored cells of these periods, of all KPIs and tiers where not said of which."""
    found = PeriodCell.objects.of_periods(codes)
    found = found if kpis is None else found.filter(kpi_id__in=kpis)
    return cells_of(found if tiers is None else found.filter(tier_id__in=tiers))


def cells_of(query: PeriodCellQuerySet, *others: PeriodCellQuerySet) -> _Found:
    """The stored cells of several queries, asked as one."""
    rows = query.values_list(*_FIELDS)
    if others:
        rows = rows.union(*(other.values_list(*_FIELDS) for other in others), all=True)
    for code, kpi, tier, above, below, *rest in rows:
        number = None if above is None or below is None else Fraction(above, below)
        yield code, kpi, tier, Actual(number, *rest)
