"""What lies behind a cell: its facts, grouped in SQL by customer or by who stayed in the tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from core.periods import Month
from customers.choices import TierScope
from customers.models import Customer, Tier
from kpis.choices import CustomerMethod
from kpis.formulas.values import Components
from kpis.models import Kpi, MonthCell
from kpis.rollup.reading import join_sum, listed, planned_for_many_rows, sum_sql, tier_map_sql

# The facts of a cell, each with whether its customer was in the tier at the end of both periods, which of the
# customer's it is, and the highest of them. Memberships are joined as spans: a row for each customer and month of a
# year would be many more than the facts of one KPI.
_BEHIND = """
    , behind AS (
        SELECT f.month, f.numerator, f.denominator,
               CASE WHEN COALESCE(n.tier_id, {untiered}) = {tier} AND COALESCE(p.tier_id, {untiered}) = {tier}
                    THEN 1 ELSE 0 END AS same,
               ROW_NUMBER() OVER (PARTITION BY f.customer_id ORDER BY f.month) AS nth,
               MAX(f.numerator) OVER (PARTITION BY f.customer_id) AS highest
        FROM kpis_fact f
        JOIN months ON months.month = f.month
        LEFT JOIN spans b ON b.customer_id = f.customer_id AND {at_end}
        LEFT JOIN spans n ON n.customer_id = f.customer_id AND {now}
        LEFT JOIN spans p ON p.customer_id = f.customer_id AND {before}
        WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND COALESCE(b.tier_id, {untiered}) = {tier}
    )
    SELECT same, month, {sums}, COUNT(*), COUNT(*) FILTER (WHERE numerator > 0),
           COUNT(*) FILTER (WHERE nth = 1), COUNT(*) FILTER (WHERE nth = 1 AND highest > 0)
    FROM behind GROUP BY same, month ORDER BY month
"""

_HEAVIEST = """
    SELECT f.customer_id, SUM(f.numerator), SUM(COALESCE(f.denominator, 0)), COUNT(*)
    FROM kpis_fact f
    JOIN months ON months.month = f.month
    LEFT JOIN spans b ON b.customer_id = f.customer_id AND {at_end}
    WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND {column} AND f.customer_id IN ({visible})
    GROUP BY f.customer_id
    ORDER BY ABS({weight}) DESC, f.customer_id
    LIMIT {limit}
"""
_SPAN = "{0}.starts_on <= {1} AND ({0}.next_on IS NULL OR {0}.next_on > {1})"


@dataclass(slots=True)
class Side:
    """One period's facts in a tier, of the customers that were in it at the end of both periods.

    ``same`` and ``others`` count different customers with a fact; ``active`` those of the same
    with a fact above 0 in the period.
    """

    months: dict[Month, Components] = field(default_factory=dict)
    same: int = 0
    others: int = 0
    active: int = 0


@dataclass(frozen=True, slots=True)
class CustomerSums:
    """A customer's facts in a cell, added up in ten-thousandths."""

    customer_id: int
    numerator: int
    denominator: int
    facts: int


def same_and_moved(kpi: Kpi, tier: Tier, now: Sequence[Month], before: Sequence[Month]) -> tuple[Side, Side] | None:
    """The same customers' facts before and now. None for tier actuals, which have no customers."""
    if MonthCell.objects.filter(kpi_id=kpi.source_id, month__in=now, entered=True).exists():
        return None
    ends = now[-1], before[-1]
    return _side(kpi, tier, before, ends), _side(kpi, tier, now, ends)


def _side(kpi: Kpi, tier: Tier, months: Sequence[Month], ends: tuple[Month, Month]) -> Side:
    """One pass over the facts of some months; ``ends`` are the last months of both periods."""
    query = tier_map_sql({*months, *ends}) + _BEHIND.format(
        kpi=kpi.source_id,
        tier=tier.pk,
        untiered=Tier.objects.untiered().pk,
        months=listed(months),
        at_end=_span("b", "months.last_day"),
        now=_span("n", _end_of(ends[0])),
        before=_span("p", _end_of(ends[1])),
        sums=f"{sum_sql('numerator')}, {sum_sql('denominator')}",
    )
    side = Side()
    with planned_for_many_rows() as cursor:
        cursor.execute(query)
        for is_same, month, n1, n2, d1, d2, facts, above, customers, active in cursor.fetchall():
            if not is_same:
                side.others += customers
                continue
            side.months[month] = Components(join_sum(n1, n2), join_sum(d1, d2), facts, above)
            side.same, side.active = side.same + customers, side.active + active
    return side


def _span(name: str, day: str) -> str:
    """The condition that a membership holds on a day."""
    return _SPAN.format(name, day)


def _end_of(month: Month) -> str:
    return f"(SELECT last_day FROM months WHERE month = {int(month)})"  # noqa: S608 - a whole number


def heaviest_customers(
    kpi: Kpi, tier: Tier, months: Sequence[Month], visible: QuerySet[Customer], limit: int
) -> list[CustomerSums]:
    """Those of the visible customers with the most weight in a cell, heaviest first."""
    if not visible.exists():
        return []
    sql, params = visible.order_by().values("pk").query.sql_with_params()
    everyone = tier.scope == TierScope.ALL
    query = tier_map_sql(months) + _HEAVIEST.format(
        kpi=kpi.source_id,
        months=listed(months),
        at_end=_span("b", "months.last_day"),
        column="1 = 1" if everyone else f"COALESCE(b.tier_id, {Tier.objects.untiered().pk}) = {tier.pk}",
        visible=sql,
        weight="SUM(COALESCE(f.denominator, 0))" if _is_ratio(kpi) else "SUM(f.numerator)",
        limit=int(limit),
    )
    with planned_for_many_rows() as cursor:
        cursor.execute(query, list(params))
        return [CustomerSums(customer, int(n), int(d), facts) for customer, n, d, facts in cursor.fetchall()]


def weight_in(kpi: Kpi, parts: Components | CustomerSums) -> int:
    """What a customer's weight in a cell is counted in: Σ denominator for a ratio, else Σ numerator."""
    return parts.denominator if _is_ratio(kpi) else parts.numerator


def _is_ratio(kpi: Kpi) -> bool:
    return kpi.customer_method == CustomerMethod.RATIO
