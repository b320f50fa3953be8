"""Which months of a KPI have data, and the marks that have them rolled up again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.periods import Month
from kpis.models import Fact, SliceTouch, TierActual

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


def has_facts(kpi: int) -> bool:
    """Whether the KPI has facts of its own."""
    return any(Fact.objects.filter(month=month, kpi_id=kpi).exists() for month in fact_months())


def slices_with_data(kpis: Iterable[int]) -> set[Slice]:
    """The (KPI id, month) pairs that have facts or tier actuals, among these KPIs."""
    kpis = list(kpis)
    entered = TierActual.objects.filter(kpi__in=kpis).order_by().values_list("kpi_id", "month").distinct()
    return {*slices_with_facts(kpis), *((kpi, Month(month)) for kpi, month in entered)}


def touch_slices(slices: Iterable[Slice]) -> None:
    """Mark (KPI id, month) pairs for the rollup; call it in the transaction that changes their data."""
    SliceTouch.objects.bulk_create(
        [SliceTouch(kpi_id=kpi, month=month) for kpi, month in sorted(set(slices))], batch_size=1_000
    )
