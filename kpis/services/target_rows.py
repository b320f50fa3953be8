"""Rows of targets as services read them: all versions of one, held against other writers, and as the audit has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import Company
from core.periods import Month, month_code
from kpis.models import Target

RowKey = tuple[int, int, int, str]
VALUES = ("until_month", "value", "low", "high", "plan_value")


def values_of(version: Target) -> dict[str, Any]:
    """What a version says, to be compared with what a person saw of it."""
    return {name: getattr(version, name) for name in VALUES}


def row_name(target: Target) -> str:
    """The row as a message names it."""
    return f"{target.kpi.name}, {target.tier.name}, per {target.per} from {month_code(Month(target.from_month))}"


def locked(targets: Iterable[int]) -> list[Target]:
    """The targets, held until the transaction ends, in an order that two writers share."""
    one_writer()
    rows = Target.objects.select_related("kpi", "tier", "batch__proposed_by", "created_by").filter(pk__in=set(targets))
    return list(rows.order_by("pk"))


def one_writer() -> None:
    """One writer of targets at a time: versions are numbered one after the other, and nobody decides twice."""
    Company.objects.select_for_update().get(pk=1)


def key_of(target: Target) -> RowKey:
    """What names the row: its versions share it."""
    return target.kpi_id, target.tier_id, target.from_month, target.per


def versions_of(keys: set[RowKey]) -> dict[RowKey, list[Target]]:
    """All versions of these rows, in their order."""
    found: dict[RowKey, list[Target]] = {}
    rows = Target.objects.select_related("kpi", "tier", "batch", "created_by").filter(
        kpi__in={key[0] for key in keys}, tier__in={key[1] for key in keys}, from_month__in={key[2] for key in keys}
    )
    for row in rows.order_by("version"):
        if key_of(row) in keys:
            found.setdefault(key_of(row), []).append(row)
    return found
