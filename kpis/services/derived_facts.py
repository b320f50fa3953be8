"""Derived facts laid over the stored ones: what is new, other or gone is written, and what it replaces is kept.

All of it is done by statements over temporary tables, so that memory does not grow with the events. ``kpis_owed`` holds
the (customer, month) pairs that are derived again, ``kpis_derived`` what they come to, ``kpis_derived_change`` what of
that differs from what is stored; ``kpis_reach`` says which months a mark alters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.choices import ChangeKind
from accounts.models import Load, LoadChange, User
from core.periods import Month, month_code
from kpis.models import Kpi
from kpis.rollup.reading import listed
from kpis.services.touches import touch_slices

# The kind of the loads that derivations are kept as: no kind of file, for nobody loads them or takes them back.
DERIVED = "derived_facts"

_TABLES = ("kpis_owed", "kpis_reach", "kpis_derived", "kpis_derived_change")
_CREATE = (
    "CREATE TEMPORARY TABLE kpis_reach (kind varchar(10), touched integer, month integer)",
    "CREATE TEMPORARY TABLE kpis_owed (customer_id bigint, month integer)",
    "CREATE TEMPORARY TABLE kpis_derived (customer_id bigint, month integer, numerator bigint, denominator bigint)",
    """CREATE TEMPORARY TABLE kpis_derived_change (
        customer_id bigint, month integer, numerator bigint, denominator bigint,
        old_numerator bigint, old_denominator bigint, old_load_id bigint)""",
)
# {owed}: where pairs are owed and not whole months
_DERIVE = "INSERT INTO kpis_derived SELECT d.customer_id, d.month, d.numerator, d.denominator FROM ({facts}) d {owed}"
_OF_OWED = "JOIN kpis_owed o ON o.customer_id = {table}.customer_id AND o.month = {table}.month"
_NEW_OR_OTHER = """
    INSERT INTO kpis_derived_change
    SELECT d.customer_id, d.month, d.numerator, d.denominator, f.numerator, f.denominator, f.load_id
    FROM kpis_derived d
    LEFT JOIN kpis_fact f
        ON f.month = d.month AND f.kpi_id = {kpi} AND f.customer_id = d.customer_id AND f.month IN ({months})
    WHERE f.load_id IS NULL OR f.numerator <> d.numerator OR f.denominator <> d.denominator OR f.denominator IS NULL"""
_GONE = """
    INSERT INTO kpis_derived_change
    SELECT f.customer_id, f.month, NULL, NULL, f.numerator, f.denominator, f.load_id
    FROM kpis_fact f {owed}
    LEFT JOIN kpis_derived d ON d.month = f.month AND d.customer_id = f.customer_id
    WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND d.month IS NULL"""
_BY_MONTH = """
    SELECT month, COUNT(*) FILTER (WHERE old_load_id IS NULL),
           COUNT(*) FILTER (WHERE old_load_id IS NOT NULL AND numerator IS NOT NULL),
           COUNT(*) FILTER (WHERE numerator IS NULL)
    FROM kpis_derived_change GROUP BY month ORDER BY month"""
_KEEP = """
    INSERT INTO kpis_replacedfact (load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id)
    SELECT {load}, month, {kpi}, customer_id, old_numerator, old_denominator, old_load_id
    FROM kpis_derived_change WHERE old_load_id IS NOT NULL"""
_TAKE_AWAY = """
    DELETE FROM kpis_fact WHERE kpi_id = {kpi} AND month IN ({months}) AND EXISTS (
        SELECT 1 FROM kpis_derived_change c
        WHERE c.numerator IS NULL AND c.month = kpis_fact.month AND c.customer_id = kpis_fact.customer_id)"""
_CHANGE = """
    UPDATE kpis_fact AS f SET numerator = c.numerator, denominator = c.denominator, load_id = {load}
    FROM kpis_derived_change c
    WHERE f.kpi_id = {kpi} AND f.month IN ({months}) AND f.month = c.month AND f.customer_id = c.customer_id
      AND c.old_load_id IS NOT NULL AND c.numerator IS NOT NULL"""
_ADD = """
    INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)
    SELECT month, {kpi}, customer_id, numerator, denominator, {load}
    FROM kpis_derived_change WHERE old_load_id IS NULL"""
# PostgreSQL plans by what it knows of a table, and of a temporary one it knows nothing until it is told to look
_PLAN = "SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0"


@dataclass(slots=True)
class Written:
    """What a derivation wrote, as it goes on: its load, made by its first change, and how many facts it changed."""

    by: User | None
    load: Load | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def the_load(self) -> Load:
        """The load that stands for the derivation."""
        if self.load is None:
            self.load = Load.objects.create(kind=DERIVED, source="events", by=self.by)
        return self.load


def execute(statement: str, params: Iterable[Any] = ()) -> int:
    """Run a statement; answers the number of rows that it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params) or None)
        return int(cursor.rowcount)


def make_tables() -> None:
    """Empty tables for a derivation; on PostgreSQL with memory to join them in."""
    drop_tables()
    for statement in _CREATE:
        execute(statement)
    if connection.vendor == "postgresql":
        execute(_PLAN)


def drop_tables() -> None:
    """Take them away."""
    for table in _TABLES:
        execute(f"DROP TABLE IF EXISTS {table}")


def analyze(table: str) -> None:
    """Have the database look at a temporary table before it plans with it."""
    if connection.vendor == "postgresql":
        execute(f"ANALYZE {table}")


def lay_over(kpi: Kpi, months: Sequence[Month], facts: str, written: Written, *, of_owed: bool) -> None:
    """Have the KPI's facts of these months be just those of a statement (``facts``; empty: none), of the pairs in
    ``kpis_owed`` alone or of all customers; and have the months that changed rolled up.
    """
    execute("DELETE FROM kpis_derived")
    execute("DELETE FROM kpis_derived_change")
    if facts:
        execute(_DERIVE.format(facts=facts, owed=_OF_OWED.format(table="d") if of_owed else ""))
        analyze("kpis_derived")
    place = {"kpi": int(kpi.pk), "months": listed(months)}
    changed = execute(_NEW_OR_OTHER.format(**place))
    changed += execute(_GONE.format(**place, owed=_OF_OWED.format(table="f") if of_owed else ""))
    if changed:
        analyze("kpis_derived_change")
        _write(kpi, place, written)


def _write(kpi: Kpi, place: dict[str, Any], written: Written) -> None:
    load = written.the_load()
    for statement in (_KEEP, _TAKE_AWAY, _CHANGE, _ADD):
        execute(statement.format(**place, load=int(load.pk)))
    with connection.cursor() as cursor:
        cursor.execute(_BY_MONTH)
        rows = [(Month(month), *counts) for month, *counts in cursor.fetchall()]
    LoadChange.objects.bulk_create(_slice_change(load, kpi, *row) for row in rows)
    touch_slices((kpi.pk, month) for month, *_ in rows)
    for _, created, updated, removed in rows:
        written.counts.update(created=created, updated=updated, removed=removed)


def _slice_change(load: Load, kpi: Kpi, month: Month, created: int, updated: int, removed: int) -> LoadChange:
    code = month_code(month)
    change = ChangeKind.CREATED if created else ChangeKind.UPDATED if updated else ChangeKind.REMOVED
    told = {"kpi": kpi.code, "month": code, "created": created, "updated": updated, "removed": removed}
    return LoadChange(load=load, kind="facts", key=f"{kpi.code} | {code}", change=change, after=told)
