"""The matrix of a period as it would be with other tiers: of the facts, by the rollup's SQL, with nothing written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from core.periods import Kind, Month, Period
from core.staging import fill
from customers.models import Tier
from kpis.models import Kpi, RunPart
from kpis.reading.cells import Actual, Actuals
from kpis.reading.matrix import Cell, Matrix, MatrixBuilder, build_matrix
from kpis.rollup.distinct import distinct_groups
from kpis.rollup.merging import CellStore, Months, period_values, window
from kpis.rollup.staging import month_groups
from kpis.rules.actual import newest_month

_TABLE = "kpis_proforma"
_CREATE = """
    CREATE TEMPORARY TABLE kpis_proforma (customer_id bigint, tier_id bigint, starts_on date DEFAULT '1000-01-01')
"""
_OTHERS = """
    INSERT INTO kpis_proforma
    SELECT customer_id, tier_id, starts_on FROM customers_tiermembership
    WHERE customer_id NOT IN (SELECT customer_id FROM kpis_proforma)
"""


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell as it is and as it would be."""

    kpi: Kpi
    tier: Tier
    now: Cell | None
    then: Cell | None

    @property
    def turns(self) -> bool:
        """Whether its verdict would be another one."""
        return (self.now and self.now.status) != (self.then and self.then.status)


def read_proforma(period: Period, today: date, moved: Mapping[int, int]) -> list[tuple[Kpi, tuple[Changed, ...]]]:
    """Each KPI of the period's matrix with its cells, as they are and as they would be if customers (by id) had been in
    these tiers (by id) in all months. A column stands where either of them has it.
    """
    now = build_matrix(period, today=today)
    with transaction.atomic(), memberships_with(moved) as table:
        then = ProFormaBuilder(period, today, table).build()
    tiers = sorted({*now.tiers, *then.tiers}, key=lambda tier: (tier.rank, tier.code))
    before, after = (_by_place(matrix) for matrix in (now, then))

    def cells(kpi: Kpi) -> tuple[Changed, ...]:
        places = ((kpi.pk, tier.pk) for tier in tiers)
        found = ((before.get(place), after.get(place)) for place in places)
        return tuple(Changed(kpi, tier, *pair) for tier, pair in zip(tiers, found, strict=True))

    return [(row.kpi, cells(row.kpi)) for row in now.rows]


def _by_place(matrix: Matrix) -> dict[tuple[int, int], Cell]:
    return {(row.kpi.pk, cell.tier.pk): cell for row in matrix.rows for cell in row.cells}


@contextmanager
def memberships_with(moved: Mapping[int, int]) -> Iterator[str]:
    """The name of a temporary table like that of memberships, in which these customers are in these tiers always."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS kpis_proforma")
        cursor.execute(_CREATE)
        fill(cursor, _TABLE, ("customer_id", "tier_id"), moved.items())
        cursor.execute("CREATE INDEX kpis_proforma_key ON kpis_proforma (customer_id, starts_on)")
        cursor.execute(_OTHERS)
        cursor.execute("ANALYZE kpis_proforma")
        yield _TABLE
        cursor.execute("DROP TABLE kpis_proforma")


class ProFormaBuilder(MatrixBuilder):
    """The same matrix of actuals that are computed from the facts with other memberships; changes it has none."""

    def __init__(self, period: Period, today: date, memberships: str) -> None:
        self.memberships = memberships
        super().__init__(period, today)

    def read_actuals(self, *earlier: Period) -> list[Actuals]:
        """As stored ones are read: the cells of the period, and of the months behind parts."""
        kpis = [kpi for kpi in self.meant.values() if not kpi.calculated]
        store = self._store(kpis)
        found: Actuals = {}
        for kpi in kpis:
            found |= self._values(kpi, self._place(kpi), store)
        for month in self.period.ended_months(self.today):
            for kpi in (kpi for kpi in kpis if kpi.method.scales):
                for (pk, tier), actual in self._values(kpi, self._month(month), store).items():
                    self.months[pk][tier][month] = actual
        self.calculations.fill(found, [tier.pk for tier in self.tiers], self.period.kind.length)
        return [found, *({} for _ in earlier)]

    def _place(self, kpi: Kpi) -> Period:
        """The period that a KPI's value is of: its own, of trailing months the month that they end with."""
        return self._month(self.end) if kpi.method.counts_window else self.period

    def _month(self, month: Month) -> Period:
        return self.period.calendar.period(Kind.MONTH, month)

    def _values(self, kpi: Kpi, period: Period, store: CellStore) -> Actuals:
        return {(kpi.pk, tier): Actual.of(value) for tier, value in period_values(kpi, period, store).items()}

    def _store(self, kpis: Iterable[Kpi]) -> CellStore:
        """Month cells of the facts with the other memberships, and what is read beside them."""
        wanted: dict[int, set[Month]] = defaultdict(set)
        for kpi in kpis:
            wanted[kpi.source_id].update(window(kpi, self._place(kpi)))
        store = CellStore.read(wanted, self._distinct(kpis), self.versions)
        store.cells = self._cells(wanted)
        return store

    def _cells(self, wanted: Mapping[int, set[Month]]) -> dict[int, dict[int, Months]]:
        ends = {kpi.pk: kpi for kpi in self.meant.values()}
        newest = newest_month(self.today)
        cells: dict[int, dict[int, Months]] = defaultdict(lambda: defaultdict(dict))
        for month in sorted({month for months in wanted.values() for month in months if month <= newest}):
            sources = [pk for pk, months in wanted.items() if month in months and ends[pk].stands_in(month)]
            for (kpi, tier), parts in (month_groups(month, sources, self.memberships) if sources else {}).items():
                cells[kpi][tier][month] = parts
        return cells

    def _distinct(self, kpis: Iterable[Kpi]) -> dict[tuple[str, int, int], int]:
        """Different customers over several months, of the KPIs that count them."""
        counted: dict[str, set[int]] = defaultdict(set)
        for kpi in kpis:
            if kpi.method.counts_over_months:
                counted[self._place(kpi).code].add(kpi.source_id)
        codes = enumerate(counted.items())
        parts = [RunPart(pk=n, period=code, distinct=True, kpis=sorted(sources)) for n, (code, sources) in codes]
        groups = distinct_groups(parts, self.period.calendar, newest_month(self.today), self.memberships)
        return {(part.period, *key): one.customers for part, found in groups.items() for key, one in found.items()}
