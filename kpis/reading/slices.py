"""What lies behind a cell: its facts, grouped in SQL by customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from core.periods import Month, last_day
from customers.choices import TierScope
from customers.models import Customer, Tier
from kpis.choices import CustomerMethod
from kpis.formulas.values import Components
from kpis.models import Kpi
from kpis.rollup.reading import TIER_LOOKED_UP, day_sql, listed, planned_for_many_rows, tier_map_sql

# Which tier each fact of hundreds of thousands counts in costs more than all else. So customers come in the order of
# what they weigh in all tiers together, which is the most that they can weigh in one, and only the first of them are
# looked up: enough where the last one that is shown weighs more than anybody can who was not looked at.
_CANDIDATES = """
    SELECT f.customer_id, SUM(ABS({weight})) AS most
    FROM kpis_fact f
    WHERE f.kpi_id = {kpi} AND f.month IN ({months}) {among}
    GROUP BY f.customer_id
    ORDER BY most DESC, f.customer_id
    LIMIT {limit}
"""
# Who may have been in the cell's tier on the last day of any of its months, the first of which ends on ``day``.
_EVER = {
    TierScope.TIER: "SELECT customer_id FROM customers_tiermembership WHERE tier_id = {tier}",
    TierScope.UNTIERED: """
        SELECT c.id FROM customers_customer c WHERE NOT EXISTS
            (SELECT 1 FROM customers_tiermembership m WHERE m.customer_id = c.id AND m.starts_on <= {day})
        UNION SELECT customer_id FROM customers_tiermembership WHERE tier_id IS NULL
    """,
}
_SUMS = """
    SELECT f.customer_id, SUM(f.numerator), SUM(COALESCE(f.denominator, 0)), COUNT(*)
    FROM kpis_fact f
    JOIN months ON months.month = f.month
    WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND f.customer_id IN ({customers}) AND {column}
    GROUP BY f.customer_id
"""
_IN_COLUMN = {
    TierScope.TIER: f"{TIER_LOOKED_UP} = {{tier}}",
    TierScope.UNTIERED: f"COALESCE({TIER_LOOKED_UP}, {{tier}}) = {{tier}}",
    TierScope.ALL: "1 = 1",
}
_FIRST, _TIMES = 50, 10  # customers that are looked up, and how many times as many where these are not enough


@dataclass(frozen=True, slots=True)
class CustomerSums:
    """A customer's facts in a cell, added up in ten-thousandths."""

    customer_id: int
    numerator: int
    denominator: int
    facts: int


def heaviest_customers(
    kpi: Kpi, tier: Tier, months: Sequence[Month], limit: int, *, among: QuerySet[Customer] | None = None
) -> list[CustomerSums]:
    """The customers with the most weight in a cell, heaviest first; of all of them where not said among which."""
    if among is not None and not among.exists():
        return []
    looked_up = _FIRST + limit
    while True:
        candidates = _candidates(kpi, tier, months, looked_up, among)
        found = _sums(kpi, tier, months, [customer for customer, _ in candidates])
        found.sort(key=lambda row: (-abs(weight_in(kpi, row)), row.customer_id))
        if len(candidates) < looked_up or _settled(kpi, found[:limit], limit, candidates[-1][1]):
            return found[:limit]
        looked_up *= _TIMES


def _settled(kpi: Kpi, found: Sequence[CustomerSums], limit: int, most: int) -> bool:
    """Whether nobody who was not looked at can weigh as much as these: ``most`` is what the next one may weigh."""
    return len(found) == limit and abs(weight_in(kpi, found[-1])) > most


def _candidates(
    kpi: Kpi, tier: Tier, months: Sequence[Month], limit: int, among: QuerySet[Customer] | None
) -> list[tuple[int, int]]:
    """Customers with facts that may count in the cell, and the most that they can weigh in it."""
    sql, params = ("", ()) if among is None else among.order_by().values("pk").query.sql_with_params()
    ever = _EVER.get(TierScope(tier.scope), "").format(tier=int(tier.pk), day=day_sql(last_day(months[0])))
    query = _CANDIDATES.format(
        weight="COALESCE(f.denominator, 0)" if _is_ratio(kpi) else "f.numerator",
        kpi=int(kpi.source_id),
        months=listed(months),
        among=" ".join(f"AND f.customer_id IN ({one})" for one in (ever, sql) if one),
        limit=int(limit),
    )
    with planned_for_many_rows() as cursor:
        cursor.execute(query, list(params))
        return [(customer, int(most)) for customer, most in cursor.fetchall()]


def _sums(kpi: Kpi, tier: Tier, months: Sequence[Month], customers: Sequence[int]) -> list[CustomerSums]:
    """What these customers' facts add up to in the cell, of those that have one there."""
    if not customers:
        return []
    query = tier_map_sql(months) + _SUMS.format(
        kpi=int(kpi.source_id),
        months=listed(months),
        customers=listed(customers),
        column=_IN_COLUMN[TierScope(tier.scope)].format(tier=int(tier.pk)),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [CustomerSums(customer, int(n), int(d), facts) for customer, n, d, facts in cursor.fetchall()]


def weight_in(kpi: Kpi, parts: Components | CustomerSums) -> int:
    """What a customer's weight in a cell is counted in: Σ denominator for a ratio, else Σ numerator."""
    return parts.denominator if _is_ratio(kpi) else parts.numerator


def _is_ratio(kpi: Kpi) -> bool:
    return kpi.customer_method == CustomerMethod.RATIO
