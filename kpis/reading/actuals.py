"""Actuals of several periods at once, as a grid or an inbox shows them beside targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from core.formatting import months_words
from core.periods import Period, month_code
from customers.models import Tier
from kpis.choices import TimeMethod
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from kpis.reading.calculations import Calculations
from kpis.reading.cells import Actual, Actuals, read_cells


def year_before(period: Period) -> Period:
    """The same period of the fiscal year before."""
    return replace(period, year=period.year - 1)


def part_words(actual: Actual | None, period: Period, today: date) -> str:
    """Why a value is not yet, or never will be, that of the whole period: ``so far``, ``provisional``, a part.

    Empty where it is the whole, or where there is none.
    """
    if actual is None or actual.number is None:
        return ""
    if period.is_to_date(today):
        return "so far"
    if actual.provisional:
        return "provisional"
    whole = actual.months_with_data >= actual.months_expected
    return "" if whole else months_words(actual.months_with_data, actual.months_expected)


def read_actuals(
    periods: Iterable[Period],
    library: Collection[Kpi],
    versions: VersionBook,
    tiers: Iterable[Tier],
    *,
    alone: bool = False,
) -> dict[Period, Actuals]:
    """The values of each period by KPI and tier, calculated ones included; in one query.

    ``library`` are all KPIs, for a formula may take any; ``alone``: some with all that their formulas take, and no
    others are read.
    """
    wanted, columns = set(periods), [tier.pk for tier in tiers]
    stored: dict[str, Actuals] = defaultdict(dict)
    kpis = [kpi.pk for kpi in library] if alone else None
    codes = {one.code for one in wanted} | {month_code(one.last) for one in wanted}
    for code, kpi, tier, actual in read_cells(codes, kpis):
        stored[code][kpi, tier] = actual
    return {period: _of_period(period, stored, library, versions, columns) for period in wanted}


def _of_period(
    period: Period, stored: Mapping[str, Actuals], library: Collection[Kpi], versions: VersionBook, tiers: list[int]
) -> Actuals:
    """Trailing months stand in the cells of the period's last month, the others in its own."""
    meant = [versions.at(kpi, period.last) for kpi in library]
    trailing = {kpi.pk for kpi in meant if kpi.time_method == TimeMethod.TTM}
    own, months = stored.get(period.code, {}), stored.get(month_code(period.last), {})
    found = {key: actual for key, actual in own.items() if key[0] not in trailing}
    found |= {key: actual for key, actual in months.items() if key[0] in trailing}
    Calculations.of(meant).fill(found, tiers, period.kind.length)
    return found
