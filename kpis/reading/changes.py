"""What a change is made of: the facts that count in a cell now and before, grouped in SQL by who they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from accounts.company import company, today_of
from core.numbers import SCALE
from core.periods import Month, Period
from customers.choices import TierScope
from customers.models import Tier
from kpis.choices import CustomerMethod, TimeMethod
from kpis.formulas.changes import GROUPS, STAYED, Group, Pair, Side, Split, split, splits
from kpis.models import Kpi, MonthCell
from kpis.models.versions import VersionBook
from kpis.reading.cells import nothing
from kpis.reading.matrix import Cell, Earlier, MatrixBuilder, builder_of
from kpis.rollup.merging import of_one_rule, window
from kpis.rollup.reading import join_sum, listed, planned_for_many_rows, sum_sql, tier_map_sql, tier_of_fact_sql


class Against(StrEnum):
    """What a cell is compared with."""

    PREVIOUS = "previous"
    YEAR_AGO = "year_ago"


# The facts of both cells' months, each with the tier in which it counts.
_COUNTED = """
    , counted AS (
        SELECT f.customer_id, f.numerator, COALESCE(f.denominator, 0) AS denominator,
               COALESCE({tier}, {untiered}) AS tier_id,
               CASE WHEN f.month IN ({now}) THEN 1 ELSE 0 END AS is_now,
               CASE WHEN f.month IN ({before}) THEN 1 ELSE 0 END AS is_before
        FROM kpis_fact f
        JOIN months ON months.month = f.month {joined}
        WHERE f.kpi_id = {kpi} AND f.month IN ({months}) {above}
    )
"""
# Each customer of the cell, now or before: what counts here, and how many facts count elsewhere.
_ONE = """
    , one AS (
        SELECT customer_id,
               CAST(SUM(here * is_before * numerator) AS BIGINT) AS n0,
               CAST(SUM(here * is_before * denominator) AS BIGINT) AS d0, SUM(here * is_before) AS f0,
               CAST(SUM(here * is_now * numerator) AS BIGINT) AS n1,
               CAST(SUM(here * is_now * denominator) AS BIGINT) AS d1, SUM(here * is_now) AS f1,
               SUM((1 - here) * is_before) AS other0, SUM((1 - here) * is_now) AS other1
        FROM (SELECT counted.*, CASE WHEN {column} THEN 1 ELSE 0 END AS here FROM counted) c
        GROUP BY customer_id
    )
"""
_BY_CUSTOMER = """
    , known AS (
        SELECT DISTINCT f.customer_id FROM kpis_fact f WHERE f.kpi_id = {kpi} AND f.month IN ({past}) {above}
    ),
    told AS (
        SELECT one.*, CASE
                   WHEN f1 > 0 AND f0 > 0 AND other0 + other1 = 0 THEN 0
                   WHEN f1 > 0 AND f0 > 0 THEN 1
                   WHEN f1 > 0 AND other0 > 0 THEN 2
                   WHEN f1 > 0 AND known.customer_id IS NULL THEN 3
                   WHEN f1 > 0 THEN 4
                   WHEN other1 > 0 THEN 5
                   ELSE 6
               END AS place
        FROM one LEFT JOIN known ON known.customer_id = one.customer_id
        WHERE f1 + f0 > 0
    )
    SELECT place, CASE WHEN {apart} THEN customer_id ELSE 0 END AS who, {sums},
           COUNT(*) FILTER (WHERE f0 > 0), COUNT(*) FILTER (WHERE f1 > 0)
    FROM told GROUP BY place, CASE WHEN {apart} THEN customer_id ELSE 0 END
"""
_EACH = """
    SELECT customer_id, n0, d0, f0, n1, d1, f1 FROM one WHERE f0 + f1 > 0
"""
_BY_TIER = """
    SELECT tier_id, 0, {sums},
           COUNT(DISTINCT CASE WHEN is_before = 1 THEN customer_id END),
           COUNT(DISTINCT CASE WHEN is_now = 1 THEN customer_id END)
    FROM counted GROUP BY tier_id
"""
_OVERTAKEN = "Facts have changed since these numbers were rolled up; the next rollup brings both together."
_PLACE_STAYED = next(place for place, (name, _) in enumerate(GROUPS) if name == STAYED)


@dataclass(frozen=True, slots=True)
class Change:
    """A cell, and the change that led to it, split.

    ``kpi`` is as it means in the period, ``then`` the period that it is compared with. ``split`` is None where
    there is nothing to split, and then ``not_split`` says why, a sentence; the months are those whose facts the
    two values are made of.
    """

    kpi: Kpi
    tier: Tier
    period: Period
    then: Period
    against: Against
    cell: Cell
    split: Split | None
    not_split: str
    months_before: tuple[Month, ...]
    months_now: tuple[Month, ...]
    tiers: tuple[Tier, ...]

    @property
    def names(self) -> dict[str, str]:
        """The names of the tiers by their codes."""
        return {tier.code: tier.name for tier in self.tiers}


def explain_change(
    period: Period, kpi: Kpi, tier: Tier, *, against: Against = Against.PREVIOUS, today: date | None = None
) -> Change:
    """Split the change of a cell since the period before, or since the same period a year ago. As of today."""
    builder = builder_of([kpi], period, today or today_of(company()))
    kpi = builder.kpis[0]  # as it means in the period
    cell = builder.cell(kpi, tier)
    earlier = builder.previous if against == Against.PREVIOUS else builder.year_ago
    before, now = _months_of(kpi, tier, cell, period, earlier)
    why = _why_not(builder, kpi, tier, cell, earlier)
    found = None if why else _split(kpi, tier, builder.tiers, before, now)
    if not why and not _agrees(found, cell, builder.value_then(kpi, tier, earlier)):
        found, why = None, _OVERTAKEN
    return Change(*(kpi, tier, period, earlier.period, against, cell, found, why), before, now, tuple(builder.tiers))


def _agrees(found: Split | None, cell: Cell, then: object) -> bool:
    """Whether the facts, read now, give the values that the cells hold."""
    return found is not None and found.now == cell.actual and found.before == then


def _months_of(
    kpi: Kpi, tier: Tier, cell: Cell, period: Period, earlier: Earlier
) -> tuple[tuple[Month, ...], tuple[Month, ...]]:
    """The months whose facts count in the cell before and in the cell now; of ``last`` the one that each names."""
    if kpi.time_method != TimeMethod.LAST:
        return _counted_months(kpi, earlier.period), _counted_months(kpi, period)
    then = earlier.actuals.get((kpi.pk, tier.pk)) or nothing(0)
    before, now = (() if month is None else (month,) for month in (then.last_month, cell.last_month))
    return before, now


def _counted_months(kpi: Kpi, period: Period) -> tuple[Month, ...]:
    """The months expected, but those in which facts were derived from events by another rule."""
    months = window(kpi, period)
    if not kpi.rule or kpi.versions_from is None:
        return months
    return of_one_rule(kpi, months, VersionBook.read([kpi]))


def _why_not(builder: MatrixBuilder, kpi: Kpi, tier: Tier, cell: Cell, earlier: Earlier) -> str:
    """Why there is nothing to split, as a sentence; empty where there is."""
    if kpi.calculated:
        return "A calculated value has no customers of its own: look at what its inputs did."
    months = {*window(kpi, builder.period), *window(kpi, earlier.period)}
    if MonthCell.objects.filter(kpi_id=kpi.source_id, month__in=months, entered=True).exists():
        return "The actuals were entered per tier, so it is not known which customers are behind them."
    if cell.actual is None:
        return "There is no change to split: there is no value."
    if builder.value_then(kpi, tier, earlier) is None:
        return f"There is no change to split: {builder.why_no_change(kpi, earlier)}."
    if not splits(kpi.method, len(window(kpi, builder.period))):
        return "Over several months the value is made of month values, not of all their facts: split its months."
    return ""


def _split(kpi: Kpi, tier: Tier, tiers: Sequence[Tier], before: Sequence[Month], now: Sequence[Month]) -> Split | None:
    """By tier where all customers are a rate, else by who stayed, came and went."""
    by_tier = tier.scope == TierScope.ALL and not kpi.method.customer.adds_up
    groups = _tiers(kpi, tiers, before, now) if by_tier else _customers(kpi, tier, before, now)
    return split(kpi.method, groups, by_tier=by_tier)


def _tiers(kpi: Kpi, tiers: Sequence[Tier], before: Sequence[Month], now: Sequence[Month]) -> list[Group]:
    """The tiers by rank, Untiered and retired ones among them, as their facts count."""
    columns = [f"(is_{when} * {column})" for when in ("before", "now") for column in ("numerator", "denominator")]
    sums = _sums_sql(columns, "is_before", "is_now")
    found = {tier: pair for tier, _, pair in _rows(kpi, before, now, _BY_TIER.format(sums=sums))}
    in_order = sorted(tiers, key=lambda one: one.scope != TierScope.TIER)  # stable: these are by rank
    return [Group(one.code, None, *found[one.pk], pairs=(found[one.pk],)) for one in in_order if one.pk in found]


def _customers(kpi: Kpi, tier: Tier, before: Sequence[Month], now: Sequence[Month]) -> list[Group]:
    """Who stayed, was partly here, came and went; those who stayed one by one where a rate has to be told."""
    rated = not kpi.method.customer.adds_up
    past = MonthCell.objects.filter(kpi_id=kpi.source_id, month__lte=max(before)).values_list("month", flat=True)
    query = (_ONE + _BY_CUSTOMER).format(
        column=_column(tier),
        kpi=int(kpi.source_id),
        past=listed({*past, *before}),
        above=_above(kpi),
        apart=f"place = {_PLACE_STAYED}" if rated else "1 = 0",
        sums=_sums_sql(["n0", "d0", "n1", "d1"], "f0", "f1"),
    )
    pairs: dict[int, list[Pair]] = defaultdict(list)
    for place, _, pair in _rows(kpi, before, now, query):
        pairs[place].append(pair)
    return [
        Group(name, why, *_together(pairs[place]), pairs=tuple(pairs[place]) if rated and name == STAYED else None)
        for place, (name, why) in enumerate(GROUPS)
    ]


def read_customers(change: Change) -> list[tuple[int, Pair]]:
    """Each customer of a change's cell, by id, with what counts of it before and now; together the whole cell."""
    kpi = change.kpi
    query = (_ONE + _EACH).format(column=_column(change.tier))
    with planned_for_many_rows() as cursor:
        cursor.execute(_counted(kpi, change.months_before, change.months_now) + query)
        return [(row[0], _pair(kpi, *map(int, row[1:]))) for row in cursor.fetchall()]


def _pair(kpi: Kpi, n0: int, d0: int, f0: int, n1: int, d1: int, f1: int) -> Pair:
    """A customer before and now, as ``_rows`` has groups."""
    mean = kpi.customer_method == CustomerMethod.MEAN
    bases = (f0 * SCALE, f1 * SCALE) if mean else (d0, d1)
    return Side(n0, bases[0], min(f0, 1)), Side(n1, bases[1], min(f1, 1))


def _column(tier: Tier) -> str:
    """Which facts count in the cell."""
    return "1 = 1" if tier.scope == TierScope.ALL else f"tier_id = {int(tier.pk)}"


def _together(pairs: Sequence[Pair]) -> Pair:
    """Several customers as one group."""
    before, now = (
        Side(sum(s.numerator for s in sides), sum(s.base for s in sides), sum(s.customers for s in sides))
        for sides in (zip(*pairs, strict=True) if pairs else ((), ()))
    )
    return before, now


def _sums_sql(columns: Sequence[str], facts_before: str, facts_now: str) -> str:
    """Σ numerator and Σ denominator before and now, each exactly, and the numbers of facts."""
    return ", ".join([*map(sum_sql, columns), f"SUM({facts_before})", f"SUM({facts_now})"])


def _rows(kpi: Kpi, before: Sequence[Month], now: Sequence[Month], query: str) -> Iterator[tuple[int, int, Pair]]:
    """What the query groups by, and what counts of it before and now."""
    mean = kpi.customer_method == CustomerMethod.MEAN
    with planned_for_many_rows() as cursor:
        cursor.execute(_counted(kpi, before, now) + query)
        for group, who, *sums, facts0, facts1, customers0, customers1 in cursor.fetchall():
            n0, d0, n1, d1 = (join_sum(*sums[place : place + 2]) for place in (0, 2, 4, 6))
            bases = (int(facts0) * SCALE, int(facts1) * SCALE) if mean else (d0, d1)
            yield group, who, (Side(n0, bases[0], customers0), Side(n1, bases[1], customers1))


def _counted(kpi: Kpi, before: Sequence[Month], now: Sequence[Month]) -> str:
    """The common tables of the facts of both cells."""
    months = {*before, *now}
    tier, joined = tier_of_fact_sql()
    counted = _COUNTED.format(
        tier=tier,
        joined=joined,
        untiered=Tier.objects.untiered().pk,
        kpi=int(kpi.source_id),
        now=listed(now),
        before=listed(before),
        months=listed(months),
        above=_above(kpi),
    )
    return tier_map_sql(sorted(months)) + counted


def _above(kpi: Kpi) -> str:
    """A count of different customers takes facts above 0, and no others."""
    return "AND f.numerator > 0" if kpi.customer_method == CustomerMethod.DISTINCT else ""
