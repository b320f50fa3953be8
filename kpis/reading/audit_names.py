"""How the audit tells of KPIs, targets, actuals and polls."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse

from accounts.company import company
from accounts.reading.audit_names import rows_of
from core.formatting import month_name
from core.periods import FiscalCalendar, Kind, Month
from core.records import Told
from kpis.choices import Per
from kpis.models import CompleteMonth, Kpi, KpiProposal, Link, Poll, Target, TierActual, WeightSet
from kpis.reading.target_history import history_address


def _targets(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """``of Gold, Q3 2026, Net revenue``, with all versions of the row: one query, and one of the company."""
    found = Target.objects.filter(pk__in=[pk for pk in ids if pk.isdecimal()]).select_related("kpi", "tier")
    rows = found.only("from_month", "per", "kpi__code", "kpi__name", "tier__code", "tier__name")
    calendar = company().calendar
    return {
        str(row.pk): (
            f"of {row.tier.name}, {_span(row, calendar)}, {row.kpi.name}",
            history_address(row.kpi, row.tier, row.per, Month(row.from_month)),
        )
        for row in rows
    }


def _span(row: Target, calendar: FiscalCalendar) -> str:
    """``Q3 2026``; ``2026``; ``July 2026``: the first period that it stands for."""
    if row.per == Per.MONTH:
        return month_name(row.from_month)
    period = calendar.period(Kind(row.per), Month(row.from_month))
    return f"Q{period.number} {period.year}" if period.kind is Kind.QUARTER else str(period.year)


def _months(model: Any) -> Any:
    """Rows of a KPI and a month, of a tier or not, by both: one query."""

    def read(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
        tier = ["tier"] if any(one.name == "tier" for one in model._meta.concrete_fields) else []
        rows = model.objects.filter(pk__in=[pk for pk in ids if pk.isdecimal()]).select_related("kpi", *tier)
        return {str(row.pk): (_of_month(row, tier), reverse("kpi", args=[row.kpi.code])) for row in rows}

    return read


def _of_month(row: Any, tier: list[str]) -> str:
    """``of Gold, July 2026, Net revenue``."""
    return f"of {', '.join([*([row.tier.name] if tier else []), month_name(row.month), row.kpi.name])}"


TOLD: Mapping[str, Told] = {
    "kpis.kpi": Told(
        "KPI",
        {"near_band": "band, percent of the target", "near_band_abs": "band", "absent": "what silence means"},
        rows_of(Kpi, lambda row: reverse("kpi", args=[row.code])),
    ),
    "kpis.kpiversion": Told("meaning of a KPI", {"near_band_abs": "band"}),
    "kpis.kpiproposal": Told(
        "proposed KPI", {}, rows_of(KpiProposal, lambda row: reverse("kpi_proposal", args=[row.pk]))
    ),
    "kpis.link": Told("link", {}, rows_of(Link, lambda row: reverse("link", args=[row.pk]))),
    "kpis.target": Told("target", {"value": "", "per": "period", "batch": "sending"}, _targets),
    "kpis.tieractual": Told("actual", {"numerator": ""}, _months(TierActual)),
    "kpis.completemonth": Told("complete month", {}, _months(CompleteMonth)),
    "kpis.weightset": Told("weighting", {}, rows_of(WeightSet, lambda row: reverse("kpi_weights"))),
    "kpis.eventkeeping": Told("keeping of events", {"gone_before": "events of before then may be gone"}),
    "kpis.poll": Told("poll", {}, rows_of(Poll, lambda row: reverse("poll", args=[row.pk]))),
}
