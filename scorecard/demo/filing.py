"""Files what the demo company measured and agreed to: facts by monthly load, tier actuals, targets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from itertools import groupby

from django.db import connection

from accounts.models import Load, User
from core.numbers import from_scaled
from core.periods import first_day, month_code, shift
from customers.models import Customer, Tier
from kpis.choices import TargetState
from kpis.models import CompleteMonth, Kpi, Target, TargetBatch, TierActual
from scorecard.demo import aims, behaviour, people
from scorecard.demo.agreeing import Agreed
from scorecard.demo.measuring import Measured, Measuring, entered
from scorecard.demo.timeline import Timeline

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
    """Write all versions of all targets: the steward proposes, finance decides; the number of versions."""
    batch = TargetBatch.objects.create(note=aims.BATCH_NOTE, proposed_by=staff[people.STEWARD.email])
    TargetBatch.objects.filter(pk=batch.pk).update(proposed_at=_at(timeline.today - timedelta(days=9), 9))
    versions = Target.objects.bulk_create(_target(row, kpis, tiers, staff, batch) for row in agreed)
    for version, row in zip(versions, agreed, strict=True):
        created, decided = _days(row, timeline)
        version.created_at = _at(created, 9)
        version.decided_at = _at(decided, 15) if decided else None
    Target.objects.bulk_update(versions, ["created_at", "decided_at"], batch_size=400)
    return len(versions)


def _target(
    row: Agreed, kpis: dict[str, Kpi], tiers: dict[str, Tier], staff: dict[str, User], batch: TargetBatch
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
        batch=batch if row.state == TargetState.PROPOSED else None,
        created_by=staff[people.STEWARD.email],
        decided_by=staff[people.FINANCE.email] if decided else None,
    )


def _days(row: Agreed, timeline: Timeline) -> tuple[date, date | None]:
    """When a version was proposed and decided: before its year; a revision after the year's first quarter."""
    if row.state in {TargetState.DRAFT, TargetState.PROPOSED}:
        return timeline.today - timedelta(days=9), None
    if row.state == TargetState.REJECTED:
        return timeline.today - timedelta(days=30), timeline.today - timedelta(days=21)
    start = row.year.first_day
    if row.version > 1:
        start = min(start + timedelta(days=75), timeline.today)
    return start - timedelta(days=45), start - timedelta(days=24)
