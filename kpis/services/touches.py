"""Which months of a KPI have data, and the marks that have them rolled up again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from accounts.company import today
from core.periods import Month
from kpis.models import CompleteMonth, Fact, SignalTouch, SliceTouch, TierActual
from kpis.reading.fact_months import Slice, fact_months, slices_with_facts
from kpis.rules.actual import newest_month
from kpis.rules.facts import LACKING_BASE

__all__ = ["Slice"]


def has_facts(kpi: int) -> bool:
    """Whether the KPI has facts of its own."""
    return any(Fact.objects.filter(month=month, kpi_id=kpi).exists() for month in fact_months())


def slices_with_data(kpis: Iterable[int]) -> set[Slice]:
    """The (KPI id, month) pairs that have facts or tier actuals, among these KPIs."""
    kpis = list(kpis)
    entered = TierActual.objects.filter(kpi__in=kpis).order_by().values_list("kpi_id", "month").distinct()
    return {*slices_with_facts(kpis), *((kpi, Month(month)) for kpi, month in entered)}


def lacks_base(kpi: int, since: Month | None = None) -> bool:
    """Whether a fact of the KPI, from a month on, is none that a ratio can take: it has no denominator of 0 or more."""
    months = (month for _, month in slices_with_facts([kpi]) if month >= (since or 0))
    return any(Fact.objects.filter(LACKING_BASE, month=month, kpi_id=kpi).exists() for month in months)


def touch_slices(slices: Iterable[Slice]) -> None:
    """Mark (KPI id, month) pairs for the rollup; call it in the transaction that changes their data.

    The mark of a month that has not begun waits for the month. Where nothing of it is left (its load was
    taken back), its marks go too: no rollup has seen them.
    """
    slices, newest = set(slices), newest_month(today())
    gone = {one for one in slices if one[1] > newest and not _has_data(*one)}
    for kpi, month in gone:
        SliceTouch.objects.filter(Q(kpi=kpi) | Q(kpi__facts_of=kpi), month=month).delete()
    SliceTouch.objects.bulk_create(
        [SliceTouch(kpi_id=kpi, month=month) for kpi, month in sorted(slices - gone)], batch_size=1_000
    )


def touch_signals(kpis: Iterable[int], month: Month) -> None:
    """Mark KPIs, by id, for the rollup whose charts are others from a month on; their facts are the same.

    Call it in the transaction that changes what a chart is made by.
    """
    SignalTouch.objects.bulk_create([SignalTouch(kpi_id=kpi, month=month) for kpi in sorted(set(kpis))])


def _has_data(kpi: int, month: Month) -> bool:
    """Whether anything was said of the month of a KPI that owns facts, or of one that takes them."""
    return (
        Fact.objects.filter(month=month, kpi_id=kpi).exists()
        or TierActual.objects.filter(month=month, kpi=kpi).exists()
        or CompleteMonth.objects.filter(Q(kpi=kpi) | Q(kpi__facts_of=kpi), month=month).exists()
    )
