"""Tier actuals and complete months as files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.loads import Change, LoadJob, Refusal, RowKind
from accounts.models import User
from accounts.rights import Right
from core.loading import Column, Record
from core.loading.columns import MONTH, NUMBER, Percent, code_type
from core.loading.rows import Row
from core.periods import stored_month
from customers.choices import TierScope
from customers.loads import TIER
from kpis.access import enterable_by
from kpis.choices import CustomerMethod
from kpis.loads.lookups import KPI
from kpis.loads.percents import no_percent, refuse_percents
from kpis.models import CompleteMonth, Kpi, TierActual
from kpis.models.versions import VersionBook
from kpis.rules.actual import month_problem, retired_problem
from kpis.services.touches import has_facts, touch_slices

_NOT_YOURS = "has actuals that are not yours to enter: the KPI's owner and stewards do that"


def touch_changed(changes: list[Change]) -> None:
    """Mark the KPI and month of each change, at the KPI that owns the facts."""
    kpis = Kpi.objects.in_bulk({change.key[0] for change in changes}, field_name="code")
    touch_slices((kpis[change.key[0]].source_id, stored_month(_cell(change, "month"))) for change in changes)


def _cell(change: Change, column: str) -> str:
    return (change.after or change.before or {})[column]


class MonthKind(RowKind):
    """Rows about a month of a KPI, which must have begun by the company's today; they move its cells."""

    touches_cells = True

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """Nothing is measured in a month that has not begun."""
        if problem := month_problem(stored_month(row.record["month"]), job.today):
            job.refuse(row, "month", problem)

    def touch(self, changes: list[Change]) -> None:
        """The month's cells become others: by an actual, or as silence now means zero or no longer does."""
        touch_changed(changes)


class CompleteMonths(MonthKind):
    """A steward's word that all facts of a KPI's month are there."""

    name = "complete_months"
    title = "Complete months"
    model = CompleteMonth
    row_right = Right.MANAGE_KPIS
    columns = (
        Column("kpi", code_type(60), key=True, reference=KPI),
        Column("month", MONTH, key=True),
    )

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Whose word it is."""
        return {"by": job.by if job else None}


class TierActuals(MonthKind):
    """A month's actual of a tier or of all customers, where nobody measures per customer."""

    name = "tier_actuals"
    title = "Tier actuals"
    model = TierActual
    columns = (
        Column("kpi", code_type(60), key=True, reference=KPI),
        Column("tier", code_type(40), key=True, reference=TIER),
        Column("month", MONTH, key=True),
        Column("numerator", NUMBER, blank=True, percent=Percent.BY_ROW),
        Column("denominator", NUMBER, optional=True, null=True),
    )

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Actuals of all KPIs, of one's own, or none: as they are entered by hand."""
        codes = {change.key[0] for change in changes}
        own = set(enterable_by(by, Kpi.objects.filter(code__in=codes)).values_list("code", flat=True))
        return [Refusal(change, _NOT_YOURS, "kpi") for change in changes if change.key[0] not in own]

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
        super().check(job, row, before)
        refusals, meanings = job.kept
        kpi, versions = meanings[row.record["kpi"]]
        if problem := retired_problem(kpi.retired_from, stored_month(row.record["month"])):
            job.refuse(row, "month", problem)
        method = versions.at(kpi, stored_month(row.record["month"])).customer_method
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


def _refusal(kpi: Kpi) -> str:
    if kpi.calculated:
        return "is calculated; give the actuals to the KPIs that its formula takes"
    if kpi.facts_of:
        return f"takes its facts from {kpi.facts_of.code}, and so no tier actuals"
    return "takes facts, and a KPI takes facts or tier actuals, never both" if has_facts(kpi.pk) else ""
