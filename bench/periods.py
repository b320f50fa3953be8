"""Rows on longer periods: from month cells, and the distinct counts that go back to the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from accounts.company import company
from bench.sizes import MONTHS, QUARTER, YEAR, Size
from bench.table import Row, measured, within
from core.periods import Month, Period, month_code
from kpis.choices import TimeMethod
from kpis.models import Kpi
from kpis.rollup.merging import CellRow, CellStore, period_cells, window


def rows(size: Size) -> Iterator[Row]:
    """A quarter, a year, and twelve trailing months."""
    kpis = list(Kpi.objects.all())
    trailing = [kpi for kpi in kpis if kpi.time_method == TimeMethod.TTM]
    last = month_code(MONTHS[-1])
    for name, code, concerned in (("quarter", QUARTER, kpis), ("year", YEAR, kpis), ("month and TTM", last, kpis)):
        figure = measured(partial(merge, concerned, code), 10)
        yield within(f"a {name} from month cells, {len(concerned)} KPIs, all tiers", figure * 1000, 50)
    if not trailing:
        raise RuntimeError("the company has no KPI over trailing twelve months")


def merge(kpis: Sequence[Kpi], code: str) -> list[CellRow]:
    """The cells of a period from the stored month cells."""
    period = Period.parse(code, company().calendar)
    wanted: dict[int, set[Month]] = defaultdict(set)
    for kpi in kpis:
        wanted[kpi.source_id].update(window(kpi, period))
    store = CellStore.read(wanted, {})
    return [cell for kpi in kpis for cell in period_cells(kpi, code, store)]
