"""What lies behind a cell: its facts, grouped in SQL by customer or by who stayed in the tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from core.periods import Month
from customers.choices import TierScope
from customers.models import Customer, Tier
from kpis.choices import CustomerMethod
from kpis.formulas import Components
from kpis.models import Kpi, MonthCell
from kpis.rollup.reading import join_sum, planned_for_many_rows, sum_sql, tier_map_sql

_BEHIND = """
    FROM kpis_fact f
    LEFT JOIN belongs b ON b.customer_id = f.customer_id AND b.month = f.month
    LEFT JOIN belongs n ON n.customer_id = f.customer_id AND n.month = {now}
    LEFT JOIN belongs p ON p.customer_id = f.customer_id AND p.month = {before}
    WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND COALESCE(b.tier_id, {untiered}) = {tier}
"""

_SAME = """
    CASE WHEN COALESCE(n.tier_id, {untiered}) = {tier} AND COALESCE(p.tier_id, {untiered}) = {tier} THEN 1 ELSE 0 END
"""

_HEAVIEST = """
    SELECT f.customer_id, SUM(f.numerator), SUM(COALESCE(f.denominator, 0)), COUNT(*)
    FROM kpis_fact f
    LEFT JOIN belongs b ON b.customer_id = f.customer_id AND b.month = f.month
    WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND {column} AND f.customer_id IN ({visible})
    GROUP BY f.customer_id
    ORDER BY ABS({weight}) DESC, f.customer_id
    LIMIT {limit}
"""


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
    ends = {"now": now[-1], "before": before[-1]}
    names = {"kpi": kpi.source_id, "tier": tier.pk, "untiered": Tier.objects.untiered().pk}
    return _side(names | ends, before), _side(names | ends, now)


def _side(names: dict[str, int], months: Sequence[Month]) -> Side:
    common = tier_map_sql({*months, Month(names["now"]), Month(names["before"])})
    behind = _BEHIND.format(months=_listed(months), **names)
    same = _SAME.format(**names)
    sums = f"{sum_sql('f.numerator')}, {sum_sql('f.denominator')}"
    active = "COUNT(DISTINCT CASE WHEN f.numerator > 0 THEN f.customer_id END)"
    side = Side()
    with planned_for_many_rows() as cursor:
        cursor.execute(f"{common} SELECT f.month, {sums}, COUNT(*), {active} {behind} AND {same} = 1 GROUP BY f.month")
        for month, n1, n2, d1, d2, facts, customers in sorted(cursor.fetchall()):
            side.months[month] = Components(join_sum(n1, n2), join_sum(d1, d2), facts, customers)
        cursor.execute(f"{common} SELECT {same}, COUNT(DISTINCT f.customer_id), {active} {behind} GROUP BY 1")
        for is_same, customers, counted in cursor.fetchall():
            if is_same:
                side.same, side.active = customers, counted
            else:
                side.others = customers
    return side


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
        months=_listed(months),
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


def _listed(months: Sequence[Month]) -> str:
    return ", ".join(str(int(month)) for month in months)
