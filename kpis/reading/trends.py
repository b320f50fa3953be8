"""The values of one KPI month by month, each month by what the KPI meant in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.periods import Month, month_code, months_between, shift
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actuals, read_cells

TREND_MONTHS = 24


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month: what each KPI meant in it, what is calculated from what, and the values by KPI and tier."""

    meant: Mapping[int, Kpi]
    calculations: Calculations
    actuals: Actuals

    def is_part(self, kpi: int, tier: int) -> bool:
        """Whether a trailing sum behind the value misses months, or is still to be confirmed: a part is not held
        against a whole.
        """
        for leaf in self.calculations.leaves(kpi):
            found = self.actuals.get((leaf, tier))
            short = found is not None and found.months_with_data < found.months_expected
            if short and self.meant[leaf].method.additive:
                return True
            if found is not None and found.provisional:
                return True
        return False


def last_months(last: Month) -> tuple[Month, ...]:
    """The months of a trend that ends there, oldest first."""
    return months_between(shift(last, 1 - TREND_MONTHS), last)


def month_views(
    kpis: Collection[Kpi],
    months: Iterable[Month],
    library: Collection[Kpi],
    versions: VersionBook,
    tiers: Collection[int],
) -> dict[Month, MonthView]:
    """What is known of KPIs and their inputs in each month, in these tiers, in one query.

    ``library`` are all KPIs where one of them is or was calculated; else they alone will do.
    """
    meant = {month: {one.pk: versions.at(one, month) for one in library} for month in months}
    calculations = {month: Calculations.of(found.values()) for month, found in meant.items()}
    wanted = {pk for found in calculations.values() for kpi in kpis for pk in found.behind(kpi.pk)}
    stored: dict[str, Actuals] = defaultdict(dict)
    for code, one, tier, actual in read_cells([month_code(month) for month in meant], wanted, tiers):
        stored[code][one, tier] = actual
    views = {}
    for month, found in meant.items():
        actuals = stored[month_code(month)]
        calculations[month].fill(actuals, tiers, 1)
        views[month] = MonthView(found, calculations[month], actuals)
    return views


def library_for(kpi: Kpi) -> list[Kpi]:
    """The KPIs that its values may be made of: all where it is or was calculated, else itself."""
    if not (kpi.calculated or kpi.versions_from):
        return [kpi]
    others = Kpi.objects.exclude(pk=kpi.pk)
    return [kpi, *others]


def leaves_of(library: Collection[Kpi]) -> dict[int, frozenset[int]]:
    """By each KPI's id the ids of those with data of their own that it is made of; of most, itself."""
    calculations = Calculations.of(library)
    return {kpi.pk: calculations.leaves(kpi.pk) for kpi in library}
