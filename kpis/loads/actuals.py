"""Tier actuals and complete months as files."""

from __future__ import annotations

from typing import Any

from accounts.loads import Change, LoadJob, RowKind
from core.loading import Column, Record
from core.loading.columns import MONTH, NUMBER, Percent, code_type
from core.loading.rows import Row
from core.periods import parse_month
from customers.choices import TierScope
from customers.loads import TIER
from kpis.choices import CustomerMethod
from kpis.loads.lookups import KPI
from kpis.loads.percents import no_percent, refuse_percents
from kpis.marks import has_facts, touch_slices
from kpis.models import CompleteMonth, Kpi, TierActual
from kpis.versions import VersionBook


def touch_changed(changes: list[Change]) -> None:
    """Mark the KPI and month of each change, at the KPI that owns the facts."""
    kpis = Kpi.objects.in_bulk({change.key[0] for change in changes}, field_name="code")
    touch_slices((kpis[change.key[0]].source_id, parse_month(_cell(change, "month"))) for change in changes)


def _cell(change: Change, column: str) -> str:
    return (change.after or change.before or {})[column]


class CompleteMonths(RowKind):
    """A steward's word that all facts of a KPI's month are there."""

    name = "complete_months"
    title = "Complete months"
    model = CompleteMonth
    touches_cells = True
    columns = (
        Column("kpi", code_type(60), key=True, reference=KPI),
        Column("month", MONTH, key=True),
    )

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Whose word it is."""
        return {"by": job.by if job else None}

    def touch(self, changes: list[Change]) -> None:
        """Silence in the month now means zero, or no longer does."""
        touch_changed(changes)


class TierActuals(RowKind):
    """A month's actual of a tier or of all customers, where nobody measures per customer."""

    name = "tier_actuals"
    title = "Tier actuals"
    model = TierActual
    touches_cells = True
    columns = (
        Column("kpi", code_type(60), key=True, reference=KPI),
        Column("tier", code_type(40), key=True, reference=TIER),
        Column("month", MONTH, key=True),
        Column("numerator", NUMBER, blank=True, percent=Percent.BY_ROW),
        Column("denominator", NUMBER, optional=True, null=True),
    )

    def is_blank(self, record: Record) -> bool:
        """An empty numerator is no actual, and leaves a stored one alone."""
        return not record["numerator"]

    def _take(self, job: LoadJob, rows: list[Row]) -> None:
        if job.kept is None:
            job.kept = {}, {}
        refusals, meanings = job.kept
        codes = {row.record["kpi"] for row in rows} - set(meanings)
        for kpi in Kpi.objects.filter(code__in=codes).select_related("facts_of"):
            refusals[kpi.code], meanings[kpi.code] = _refusal(kpi), (kpi, VersionBook.read([kpi]))
        reasons = {code: no_percent(kpi) for code, (kpi, _) in meanings.items()}
        super()._take(job, refuse_percents(job, rows, reasons))

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """A KPI takes facts or tier actuals; what means a mean or a ratio in the month needs a denominator."""
        refusals, meanings = job.kept
        kpi, versions = meanings[row.record["kpi"]]
        method = versions.at(kpi, parse_month(row.record["month"])).customer_method
        if row.record["tier"] == TierScope.UNTIERED:
            job.refuse(row, "tier", "is the reserved code of a computed column; actuals are of a tier or of all")
        if refusal := refusals[row.record["kpi"]]:
            job.refuse(row, "kpi", refusal)
        denominator = row.record.get("denominator", (before or {}).get("denominator", ""))
        if method not in {CustomerMethod.MEAN, CustomerMethod.RATIO}:
            return
        if not denominator:
            job.refuse(row, "denominator", "is missing; a mean needs its number of observations, a ratio its base")
        elif denominator.startswith("-"):
            job.refuse(row, "denominator", "must not be negative")

    def touch(self, changes: list[Change]) -> None:
        """The month's cells become others."""
        touch_changed(changes)


def _refusal(kpi: Kpi) -> str:
    if kpi.calculated:
        return "is calculated; give the actuals to the KPIs that its formula takes"
    if kpi.facts_of:
        return f"takes its facts from {kpi.facts_of.code}, and so no tier actuals"
    return "takes facts, and a KPI takes facts or tier actuals, never both" if has_facts(kpi.pk) else ""
