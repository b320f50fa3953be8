"""Tier actuals and complete months as files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from accounts.loads import Change, LoadJob, Refusal, RowKind
from accounts.loads.taking import Key
from accounts.models import Load, User
from accounts.rights import Right
from core.loading import Column, Record
from core.loading.columns import MONTH, NUMBER, Percent, code_in
from core.loading.rows import Row
from core.periods import Month, stored_month
from customers.loads import TIER
from customers.models import Tier
from customers.rules.tier import tier_ends
from kpis.access import enterable_by
from kpis.loads.lookups import KPI
from kpis.loads.percents import no_percent, refuse_percents
from kpis.models import CompleteMonth, Kpi, Restatement, TierActual
from kpis.models.versions import VersionBook
from kpis.rules.actual import ActualCells, actual_problems, month_problems
from kpis.services.sources import settle_sources, takes_facts
from kpis.services.touches import touch_slices

_NOT_YOURS = "has actuals that are not yours to enter: the KPI's owner and stewards do that"


def touch_changed(changes: list[Change]) -> None:
    """Mark the KPI and month of each change, at the KPI that owns the facts."""
    kpis = Kpi.objects.in_bulk({change.key[0] for change in changes}, field_name="code")
    touch_slices((kpis[change.key[0]].source_id, stored_month(_cell(change, "month"))) for change in changes)


def _cell(change: Change, column: str) -> str:
    return (change.after or change.before or {})[column]


K = TypeVar("K")


class MonthKind(RowKind[K]):
    """Rows about a month of a KPI; they move its cells."""

    touches_cells = True

    def touch(self, changes: list[Change]) -> None:
        """The month's cells become others: by an actual, or as silence now means zero or no longer does."""
        touch_changed(changes)


class CompleteMonths(MonthKind[None]):
    """A steward's word that all facts of a KPI's month are there."""

    name = "complete_months"
    title = "Complete months"
    model = CompleteMonth
    row_right = Right.MANAGE_KPIS
    columns = (
        Column("kpi", code_in(Kpi), key=True, reference=KPI),
        Column("month", MONTH, key=True),
    )

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """Nothing is complete in a month that has not begun."""
        job.refuse_all(row, month_problems(stored_month(row.record["month"]), job.today))

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Whose word it is."""
        return {"by": job.by if job else None}


@dataclass(slots=True)
class _Kept:
    """The KPIs of a load by code, what they mean when, and which of them have facts."""

    kpis: dict[str, Kpi] = field(default_factory=dict)
    books: dict[str, VersionBook] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)
    tier_ends: dict[str, Month] = field(default_factory=tier_ends)

    def add(self, codes: set[str]) -> None:
        """Read those that are not known yet."""
        for kpi in Kpi.objects.filter(code__in=codes - set(self.kpis)).select_related("facts_of"):
            self.kpis[kpi.code], self.books[kpi.code] = kpi, VersionBook.read([kpi])
            self.measured |= {kpi.code} if takes_facts(kpi) else set()


class TierActuals(MonthKind[_Kept]):
    """A month's actual of a tier or of all customers, where nobody measures per customer."""

    name = "tier_actuals"
    title = "Tier actuals"
    model = TierActual
    bulk_rights = (Right.ENTER_ACTUALS, Right.ENTER_OWN_ACTUALS)
    begins_with = {"numerator": ""}
    columns = (
        Column("kpi", code_in(Kpi), key=True, reference=KPI),
        Column("tier", code_in(Tier), key=True, reference=TIER),
        Column("month", MONTH, key=True),
        Column("numerator", NUMBER, blank=True, percent=Percent.BY_ROW),
        Column("denominator", NUMBER, optional=True, null=True),
    )

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """Actuals of all KPIs, of one's own, or none: as they are entered by hand."""
        codes = {change.key[0] for change in changes}
        own = set(enterable_by(by, Kpi.objects.filter(code__in=codes)).values_list("code", flat=True))
        return [Refusal(change, _NOT_YOURS, "kpi") for change in changes if change.key[0] not in own]

    def touch(self, changes: list[Change]) -> None:
        """The first actuals decide what the KPI takes, unless it says so."""
        super().touch(changes)
        settle_sources(Kpi.objects.filter(code__in={change.key[0] for change in changes}).values_list("pk", flat=True))

    def is_blank(self, record: Record) -> bool:
        """An empty numerator is no actual, and leaves a stored one alone."""
        return not record["numerator"]

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Kept:
        """The KPIs of the batch beside those of the ones before."""
        kept = self.held(job) or _Kept()
        kept.add({row.record["kpi"] for row in rows})
        return kept

    def readable(self, job: LoadJob, rows: list[Row]) -> list[Row]:
        """A percentage is one of a KPI in percent alone."""
        return refuse_percents(job, rows, {code: no_percent(kpi) for code, kpi in self.held(job).kpis.items()})

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of tier actuals beside the KPI, as it means in the row's month."""
        record, code, month = {**(before or {}), **row.record}, row.record["kpi"], stored_month(row.record["month"])
        meant = self.held(job).books[code].at(self.held(job).kpis[code], month)
        numbers = Decimal(record["numerator"]), _number(record.get("denominator", ""))
        cells = ActualCells(record["tier"], month, *numbers, self.held(job).tier_ends.get(record["tier"]))
        job.refuse_all(row, actual_problems(meant, cells, job.today, has_facts=code in self.held(job).measured))

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Rows; of those that people may have read the old value stays on record, with the load as the reason."""
        if job:
            corrected = [change for change in changes if change.before]
            Restatement.objects.bulk_create([_restatement(one, stored[one.key], job) for one in corrected])
        super().write(changes, stored, job)

    def undo(self, load: Load, by: User | None) -> None:
        """With the corrections that it made: the load itself keeps what it had replaced."""
        super().undo(load, by)
        Restatement.objects.filter(load=load).delete()


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _restatement(change: Change, row: TierActual, job: LoadJob) -> Restatement:
    before, after = change.before or {}, change.after or {}
    return Restatement(
        kpi_id=row.kpi_id,
        tier_id=row.tier_id,
        month=row.month,
        old_numerator=_number(before["numerator"]),
        old_denominator=_number(before["denominator"]),
        numerator=_number(after["numerator"]),
        denominator=_number(after["denominator"]),
        reason=f"Load {job.load.pk}: {job.load.source}",
        by=job.by,
        load=job.load,
    )
