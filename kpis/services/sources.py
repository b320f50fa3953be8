"""Which KPIs take facts and which tier actuals: they say so, or what came first has decided."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from kpis.choices import Source
from kpis.models import Kpi, TierActual
from kpis.services.touches import has_facts


def takes_facts(kpi: Kpi) -> bool:
    """Whether the KPI takes facts of customers by its word, given or derived, or, where it says nothing, has some."""
    return kpi.source in {Source.FACTS, Source.EVENTS} or (not kpi.source and has_facts(kpi.pk))


def entered_kpis() -> set[int]:
    """The ids of the KPIs that take tier actuals by their word or, where they say nothing, have some."""
    said = Kpi.objects.filter(source=Source.TIER_ACTUALS).values_list("pk", flat=True)
    held = TierActual.objects.filter(kpi__source="").order_by().values_list("kpi_id", flat=True).distinct()
    return {*said, *held}


def settle_sources(kpis: Iterable[int]) -> None:
    """Have the first data decide where nobody said it; where all of them were taken back it is open again.

    Call it in the transaction that wrote or took away facts or tier actuals of these KPIs, by id.
    """
    open_or_decided = Q(source="") | Q(source_decided=True)
    for kpi in Kpi.objects.filter(open_or_decided, pk__in=set(kpis), formula="", facts_of=None):
        source = _source_of_data(kpi.pk)
        if source != kpi.source:
            Kpi.objects.filter(pk=kpi.pk).update(source=source, source_decided=bool(source))


def _source_of_data(kpi: int) -> str:
    """What there is of a KPI; empty for nothing."""
    if TierActual.objects.filter(kpi=kpi).exists():
        return Source.TIER_ACTUALS
    return Source.FACTS if has_facts(kpi) else ""
