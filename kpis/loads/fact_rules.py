"""Which KPIs take facts, and what these must have, for a file's rows."""

from __future__ import annotations

from kpis.choices import CustomerMethod
from kpis.loads.facts_reading import KpiRule
from kpis.loads.percents import no_percent
from kpis.models import Kpi
from kpis.rules.facts import fact_problem
from kpis.services.sources import entered_kpis


def kpi_rules() -> dict[str, KpiRule]:
    """For each KPI by code: whether it takes facts, and whether these need a denominator.

    Facts need one where the KPI, or any that takes its facts, is a ratio.
    """
    kpis = list(Kpi.objects.select_related("facts_of"))
    entered = entered_kpis()
    needing = {kpi.source_id for kpi in kpis if kpi.customer_method == CustomerMethod.RATIO}
    return {
        kpi.code: KpiRule(
            kpi.pk,
            kpi.pk in needing,
            fact_problem(kpi, takes_entries=kpi.pk in entered),
            no_percent(kpi, kpi.pk in needing),
            kpi.retired_from,
        )
        for kpi in kpis
    }
