"""What lies behind a cell: its facts, grouped in SQL by customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core.periods import Month
from customers.choices import TierScope
from customers.models import Customer, Tier
from kpis.choices import CustomerMethod
from kpis.formulas.values import Components
from kpis.models import Kpi
from kpis.rollup.reading import listed, planned_for_many_rows, tier_map_sql

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


@dataclass(frozen=True, slots=True)
class CustomerSums:
    """A customer's facts in a cell, added up in ten-thousandths."""

    customer_id: int
    numerator: int
    denominator: int
    facts: int


def _span(name: str, day: str) -> str:
    """The condition that a membership holds on a day."""
    return _SPAN.format(name, day)


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
