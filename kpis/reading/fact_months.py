"""Which months of which KPIs have facts, found in the key of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.periods import Month
from kpis.models import Fact

Slice = tuple[int, Month]


def fact_months() -> Iterator[Month]:
    """The months that have facts, each found by one step through the key."""
    month = Month(0)
    while found := list(Fact.objects.filter(month__gt=month).order_by("month").values_list("month", flat=True)[:1]):
        month = Month(found[0])
        yield month


def slices_with_facts(kpis: Iterable[int]) -> list[Slice]:
    """The (KPI id, month) pairs that have facts, among these KPIs."""
    kpis = list(kpis)
    return [
        (kpi, month)
        for month in (fact_months() if kpis else ())
        for kpi in kpis
        if Fact.objects.filter(month=month, kpi_id=kpi).exists()
    ]
