"""Different customers over several months: month cells of these do not merge, so facts are read again.

One pass answers every window of a run. A fact is the customer's first in a window when the month of
the customer's fact before it lies before the window; so facts are counted by their month and the
month of the one before, and a window adds up the counts of its first facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core.periods import FiscalCalendar, Kind, Month, Period, months_between, shift
from kpis.formulas.values import Components
from kpis.models import Kpi, RunPart
from kpis.rollup.reading import (
    MEMBERSHIPS,
    Groups,
    computed_columns,
    listed,
    planned_for_many_rows,
    tier_map_sql,
    tier_of_fact_sql,
)

_PAIRS = """
    , held AS (
        SELECT f.kpi_id, f.customer_id, f.month, {tier} AS tier_id
        FROM kpis_fact f
        JOIN months ON months.month = f.month {joined}
        WHERE f.month IN ({months}) AND f.kpi_id IN ({kpis}) AND f.numerator > 0
    ),
    counted AS (
        SELECT kpi_id, tier_id, month,
               LAG(month) OVER (PARTITION BY kpi_id, customer_id ORDER BY month) AS before,
               LAG(month) OVER (PARTITION BY kpi_id, customer_id, tier_id ORDER BY month) AS in_tier
        FROM held
    )
    SELECT kpi_id, tier_id, month, before, in_tier, COUNT(*) FROM counted
    GROUP BY kpi_id, tier_id, month, before, in_tier
"""

# (KPI, tier): how many customers have a fact in a month after one in an earlier month (None: none earlier)
Pairs = dict[tuple[int, int], dict[tuple[Month, Month | None], int]]


def window_of(part: RunPart, calendar: FiscalCalendar) -> tuple[Month, ...]:
    """The months that a part counts over: a quarter's or a year's own, or the twelve that end with its month."""
    period = Period.stored(part.period, calendar)
    return months_between(shift(period.last, -11), period.last) if period.kind is Kind.MONTH else period.months


def distinct_groups(
    parts: Iterable[RunPart], calendar: FiscalCalendar, newest: Month, memberships: str = MEMBERSHIPS
) -> dict[RunPart, Groups]:
    """For each part, different customers with a fact above 0 by KPI and tier, over those months of its window
    that have begun, ``newest`` the last of them, and in which the KPI is not retired.
    """
    windows = {part: [month for month in window_of(part, calendar) if month <= newest] for part in parts}
    months: dict[int, set[Month]] = defaultdict(set)
    ends = {kpi.pk: kpi.retired_from for kpi in Kpi.objects.exclude(retired_from=None)}
    for part, window in windows.items():
        for kpi in part.kpis:
            months[kpi].update(month for month in window if not (end := ends.get(kpi)) or month < end)
    pairs: Pairs = {}
    for kpi, read in months.items():
        if read:
            pairs |= _pairs(kpi, sorted(read), memberships)
    return {part: _first_facts(part, window, pairs) if window else {} for part, window in windows.items()}


def _pairs(kpi: int, months: Sequence[Month], memberships: str) -> Pairs:
    """Read the facts of one KPI."""
    untiered, everyone = computed_columns()
    pairs: Pairs = defaultdict(lambda: defaultdict(int))
    tier, joined = tier_of_fact_sql(memberships)
    query = _PAIRS.format(months=listed(months), kpis=listed([kpi]), tier=tier, joined=joined)
    with planned_for_many_rows() as cursor:
        cursor.execute(tier_map_sql(months, memberships) + query)
        for _, tier, month, before, before_in_tier, number in cursor.fetchall():
            pairs[kpi, everyone][month, before] += number
            pairs[kpi, tier or untiered][month, before_in_tier] += number
    return pairs


def _first_facts(
    part: RunPart, window: Sequence[Month], pairs: Mapping[tuple[int, int], Mapping[tuple[Month, Month | None], int]]
) -> Groups:
    first, last = window[0], window[-1]
    return {
        key: Components(
            customers=sum(
                number
                for (month, before), number in counts.items()
                if first <= month <= last and (before is None or before < first)
            )
        )
        for key, counts in pairs.items()
        if key[0] in part.kpis
    }
