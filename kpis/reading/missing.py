"""Which months of entered KPIs miss actuals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.formatting import sentence_list
from core.periods import Month, month_code, month_of, shift
from customers.models import Tier
from kpis.models import Kpi, TierActual

MONTHS_BACK = 12  # ended months in which something is looked for


@dataclass(frozen=True, slots=True)
class MissingMonth:
    """A month without the actuals of some tiers that have others."""

    month: Month
    tiers: tuple[Tier, ...]

    @property
    def code(self) -> str:
        """As addresses have it."""
        return month_code(self.month)

    @property
    def names(self) -> str:
        """The tiers in words."""
        return sentence_list(tier.name for tier in self.tiers)


def missing_months(kpis: Iterable[Kpi], today: date) -> dict[int, tuple[MissingMonth, ...]]:
    """Of the last twelve ended months those that miss actuals, newest first, by KPI id; one query.

    A tier is expected from the first of these months that has its actual on; months from which on the
    tier or the KPI is retired are not. A KPI for which nobody entered anything in these months misses nothing.
    """
    ended = [shift(month_of(today), -back) for back in range(1, MONTHS_BACK + 1)]
    found = {kpi.pk: kpi for kpi in kpis}
    rows = TierActual.objects.filter(kpi__in=found, month__in=ended).select_related("tier")
    there: dict[int, dict[Tier, set[Month]]] = defaultdict(lambda: defaultdict(set))
    for row in rows.order_by("tier__rank", "tier__code"):
        there[row.kpi_id][row.tier].add(Month(row.month))
    return {pk: tuple(_missing(kpi, there[pk], ended)) for pk, kpi in found.items()}


def _missing(kpi: Kpi, there: Mapping[Tier, set[Month]], ended: Iterable[Month]) -> Iterable[MissingMonth]:
    for month in ended:
        stands = kpi.retired_from is None or month < kpi.retired_from
        expected = (tier for tier, months in there.items() if min(months) < month and month not in months)
        tiers = tuple(tier for tier in expected if tier.stands_in(month))
        if tiers and stands:
            yield MissingMonth(month, tiers)
