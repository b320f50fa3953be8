"""What is stored of months that have not begun: it counts nowhere yet, and its load can be taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from accounts.choices import LoadState
from accounts.models import LoadChange
from core.periods import Month, month_code
from kpis.models import CompleteMonth, Fact, Kpi, TierActual
from kpis.rules.actual import newest_month


@dataclass(frozen=True, slots=True)
class EarlyMonth:
    """A month of a KPI that waits: what there is of it, in how many rows, and by which loads (none: by hand)."""

    kpi: str
    month: Month
    what: str
    rows: int
    loads: tuple[int, ...]


def early_months(today: date) -> list[EarlyMonth]:
    """All of them, by month and KPI; empty where nothing waits, as it should be. A fixed number of queries."""
    newest = newest_month(today)
    found = [
        *_facts(newest),
        *_rows(TierActual, "tier_actuals", newest),
        *_rows(CompleteMonth, "complete_months", newest),
    ]
    return sorted(found, key=lambda one: (one.month, one.kpi, one.what))


def _facts(newest: Month) -> Iterator[EarlyMonth]:
    grouped: dict[tuple[int, Month], list[tuple[int, int]]] = defaultdict(list)
    rows = Fact.objects.filter(month__gt=newest).order_by().values_list("kpi_id", "month", "load_id")
    for kpi, month, load, number in rows.annotate(n=Count("customer_id")):
        grouped[kpi, month].append((load, number))
    names = dict(Kpi.objects.filter(pk__in={kpi for kpi, _ in grouped}).values_list("pk", "name"))
    for (kpi, month), parts in grouped.items():
        loads = tuple(sorted(load for load, _ in parts if load))
        yield EarlyMonth(names[kpi], month, "facts", sum(number for _, number in parts), loads)


def _rows(model: Any, kind: str, newest: Month) -> Iterator[EarlyMonth]:
    """Tier actuals or complete months; who brought them is told by the record of the loads."""
    grouped: dict[tuple[str, Month], list[str]] = defaultdict(list)
    named = ("kpi", "tier") if kind == "tier_actuals" else ("kpi",)
    for row in model.objects.filter(month__gt=newest).select_related(*named):
        codes = [getattr(row, name).code for name in named]
        grouped[row.kpi.name, row.month].append(" | ".join([*codes, month_code(row.month)]))
    keys = [key for found in grouped.values() for key in found]
    applied = LoadChange.objects.filter(kind=kind, key__in=keys, load__state=LoadState.APPLIED)
    latest = dict(applied.order_by("load_id").values_list("key", "load_id"))
    for (kpi, month), found in grouped.items():
        loads = tuple(sorted({latest[key] for key in found if key in latest}))
        yield EarlyMonth(kpi, month, kind.replace("_", " "), len(found), loads)
