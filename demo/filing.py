"""Files what the demo company measured and agreed to: facts by monthly load, tier actuals, versions, targets."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from itertools import groupby

from django.db import connection

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import Load, User
from core.numbers import from_scaled
from core.periods import first_day, month_code, shift
from customers.models import Customer, Tier
from demo import aims, behaviour, people
from demo.agreeing import Agreed
from demo.library import CHANGED
from demo.measuring import Measured, Measuring, entered
from demo.timeline import Timeline
from kpis.choices import TargetState
from kpis.models import CompleteMonth, Kpi, KpiVersion, Restatement, Target, TargetBatch, TierActual
from kpis.services.versions import add_version, meaning_of

_COLUMNS = ("month", "kpi_id", "customer_id", "numerator", "denominator", "load_id")
_BATCH = 20_000
_Line = tuple[int, int, int, int, int | None, int]
_COMPLETE = ("complaints", "reference_calls", "deals_won", "credit_notes")


def file_facts(
    measuring: Measuring, kpis: dict[str, Kpi], customers: dict[str, Customer], staff: dict[str, User]
) -> int:
    """Write all facts, a load for each month; the number of facts."""
    by, written = staff[people.INTEGRATOR.email], 0
    kpi_ids = {code: kpi.pk for code, kpi in kpis.items()}
    customer_ids = {code: customer.pk for code, customer in customers.items()}
    for month, facts in groupby(measuring.facts(), key=lambda fact: fact.month):
        load = Load.objects.create(kind="facts", source=f"warehouse-{month_code(month)}.csv", by=by)
        lines = sorted(_line(fact, kpi_ids, customer_ids, load.pk) for fact in facts)
        _insert(lines)
        loaded_at = _at(first_day(shift(month, 1)), 5)
        Load.objects.filter(pk=load.pk).update(read=len(lines), created=len(lines), at=loaded_at)
        written += len(lines)
    return written


def _line(fact: Measured, kpi_ids: dict[str, int], customer_ids: dict[str, int], load: int) -> _Line:
    return (fact.month, kpi_ids[fact.kpi], customer_ids[fact.customer], fact.numerator, fact.denominator, load)


def _insert(lines: list[_Line]) -> None:
    """Into the lean table by the quickest way that the database has."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = "".join("\t".join("\\N" if value is None else str(value) for value in line) + "\n" for line in lines)
            cursor.copy_expert(f"COPY kpis_fact ({', '.join(_COLUMNS)}) FROM STDIN", StringIO(text))
            return
        marks = ", ".join(["%s"] * len(_COLUMNS))
        statement = f"INSERT INTO kpis_fact ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608 - constants
        for start in range(0, len(lines), _BATCH):
            cursor.executemany(statement, lines[start : start + _BATCH])


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def file_entered(timeline: Timeline, kpis: dict[str, Kpi], tiers: dict[str, Tier]) -> None:
    """Write the actuals that are entered by tier."""
    TierActual.objects.bulk_create(
        TierActual(
            kpi=kpis[kpi],
            tier=tiers[tier],
            month=month,
            numerator=from_scaled(numerator),
            denominator=from_scaled(denominator),
        )
        for kpi, tier, month, numerator, denominator in entered(timeline)
    )


def file_correction(timeline: Timeline, kpis: dict[str, Kpi], tiers: dict[str, Tier], staff: dict[str, User]) -> None:
    """Write that an owner corrected an actual: the value that people had read, why, and who."""
    code, tier, back, more, reason = behaviour.CORRECTED
    row = TierActual.objects.get(kpi=kpis[code], tier=tiers[tier], month=shift(timeline.months[-1], -back))
    by, before = staff[people.OWNER.email], min(row.numerator + more, row.denominator or row.numerator)
    Restatement.objects.create(
        kpi=row.kpi,
        tier=row.tier,
        month=row.month,
        old_numerator=before,
        old_denominator=row.denominator,
        numerator=row.numerator,
        denominator=row.denominator,
        reason=reason,
        by=by,
    )
    Restatement.objects.update(at=_at(first_day(shift(timeline.months[-1], 1)), 11))
    old, new = ({"numerator": str(part), "denominator": str(row.denominator)} for part in (before, row.numerator))
    record(by=by, verb=Verb.RESTATED, obj=row, before=old, after=new | {"reason": reason})


def file_versions(timeline: Timeline, kpis: dict[str, Kpi], staff: dict[str, User]) -> None:
    """Write what a KPI meant before it was changed; from the second year that has targets on it means what it does."""
    year, by = timeline.fiscal_years[1], staff[people.STEWARD.email]
    for changed in CHANGED:
        kpi = kpis[changed.kpi]
        new = meaning_of(kpi)
        old = new | {"direction": changed.direction}
        add_version(kpi=kpi, old=old, new=new, from_month=year.first, by=by, reason=changed.reason)
        KpiVersion.objects.filter(kpi=kpi).update(at=_at(year.first_day - timedelta(days=30), 10))


def file_complete_months(timeline: Timeline, kpis: dict[str, Kpi], staff: dict[str, User]) -> None:
    """Write the steward's word for the KPIs whose silence means zero, but for months that are not all there."""
    by, late_from = staff[people.STEWARD.email], timeline.newest_quarter.last
    CompleteMonth.objects.bulk_create(
        CompleteMonth(kpi=kpis[code], month=month, by=by)
        for code in _COMPLETE
        for month in timeline.months
        if code != behaviour.LEDGER_CLOSED_LATE or month < late_from
    )


def file_targets(
    agreed: list[Agreed], timeline: Timeline, kpis: dict[str, Kpi], tiers: dict[str, Tier], staff: dict[str, User]
) -> int:
    """Write all versions of all targets: stewards and owners propose, finance decides; the number of versions."""
    batches = _file_batches(agreed, timeline, staff)
    days = [_days(row, timeline) for row in agreed]
    versions = [_target(row, kpis, tiers, staff, batches.get(row.batch)) for row in agreed]
    for version, (_, decided) in zip(versions, days, strict=True):
        version.decided_at = _at(decided, 15) if decided else None
    created: dict[date, list[int]] = defaultdict(list)
    for version, (day, _) in zip(Target.objects.bulk_create(versions), days, strict=True):
        created[day].append(version.pk)
    for day, pks in created.items():
        Target.objects.filter(pk__in=pks).update(created_at=_at(day, 9))
    return len(versions)


def _file_batches(agreed: list[Agreed], timeline: Timeline, staff: dict[str, User]) -> dict[str, TargetBatch]:
    """The batches by name, each proposed on the day on which its rows were."""
    days = {row.batch: _days(row, timeline)[0] for row in agreed}
    batches = {}
    for name, told in sorted(aims.BATCHES.items(), key=lambda pair: days[pair[0]]):
        batches[name] = TargetBatch.objects.create(note=told.note, proposed_by=staff[people.address(told.by)])
        TargetBatch.objects.filter(pk=batches[name].pk).update(proposed_at=_at(days[name], 9))
    return batches


def _target(
    row: Agreed, kpis: dict[str, Kpi], tiers: dict[str, Tier], staff: dict[str, User], batch: TargetBatch | None
) -> Target:
    decided = row.state not in {TargetState.DRAFT, TargetState.PROPOSED}
    return Target(
        kpi=kpis[row.kpi],
        tier=tiers[row.tier],
        from_month=row.month,
        per=row.per,
        version=row.version,
        state=row.state,
        until_month=row.until,
        value=row.value,
        low=row.low,
        high=row.high,
        plan_value=row.plan,
        note=row.note,
        batch=batch,
        created_by=batch.proposed_by if batch else staff[people.STEWARD.email],
        decided_by=staff[people.FINANCE.email] if decided else None,
        decision_note=aims.BATCHES[row.batch].decision if row.batch else "",
    )


def _days(row: Agreed, timeline: Timeline) -> tuple[date, date | None]:
    """When a version was proposed and decided: before its year; a revision after the year's first quarter."""
    if row.state in {TargetState.DRAFT, TargetState.PROPOSED}:
        return timeline.today - timedelta(days=aims.BATCHES[row.batch].days_ago if row.batch else 9), None
    if row.state == TargetState.REJECTED:
        proposed = timeline.today - timedelta(days=aims.BATCHES[row.batch].days_ago)
        return proposed, proposed + timedelta(days=9)
    start = row.year.first_day
    if row.version > 1:
        start = min(start + timedelta(days=75), timeline.today)
    return start - timedelta(days=45), start - timedelta(days=24)
