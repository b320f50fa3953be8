"""Values that no stored cell holds, made of month cells when they are read.

A stored cell of a month follows what the KPI meant in that month. Where the meaning changes within a period,
its last month says how the others count; and over which months all customers have rows of their own is settled
for the months at hand together.
"""

from __future__ import annotations

from collections.abc import Sequence

from accounts.company import company
from core.periods import Kind, Month
from kpis.models import Kpi, RunPart
from kpis.reading.cells import Actual, Actuals
from kpis.rollup.distinct import distinct_groups
from kpis.rollup.merging import CellStore, Months, months_of, period_values, window


def months_together(kpis: Sequence[Kpi], months: Sequence[Month]) -> dict[int, dict[int, Months]]:
    """Those of the months that have data and are confirmed, with their components, by KPI and tier, by the methods
    given here.
    """
    store = CellStore.read({kpi.source_id: months for kpi in kpis}, {})
    waiting = {kpi.pk: store.unmarked(kpi, months) for kpi in kpis}
    return {kpi.pk: months_of(kpi, store, [m for m in months if m not in waiting[kpi.pk]]) for kpi in kpis}


def trailing_values(kpis: Sequence[Kpi], end: Month) -> Actuals:
    """The values of the twelve months that end with a month, by the methods given here; no entry without data.

    A KPI that counts customers has its facts read for it, with a query of its own.
    """
    month = company().calendar.period(Kind.MONTH, end)
    counted = sorted({kpi.source_id for kpi in kpis if kpi.method.customer.counts})
    part = RunPart(pk=0, period=month.code, distinct=True, kpis=counted)  # of no run: nothing is staged
    groups = distinct_groups([part], month.calendar, end)[part] if counted else {}
    customers = {(month.code, *key): found.customers for key, found in groups.items()}
    store = CellStore.read({kpi.source_id: window(kpi, month) for kpi in kpis}, customers)
    return {
        (kpi.pk, tier): Actual.of(value) for kpi in kpis for tier, value in period_values(kpi, month, store).items()
    }
