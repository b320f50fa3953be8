"""Rows of targets as services read them: all versions of one, held against other writers, and as the audit has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.audit import record_all
from accounts.choices import Verb
from accounts.models import Company, User
from core.auditing import state_of
from core.periods import Month, month_code
from core.writes import StaleTransition, TransitionRefused
from kpis.choices import TargetState
from kpis.models import Target
from kpis.rules.target import is_overtaken

RowKey = tuple[int, int, int, str]
_MEANWHILE = "Somebody else decided on one of these meanwhile. Nothing of yours was changed: look again."
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


def move(
    targets: list[Target], seen: TargetState, to: TargetState, *, by: User, verb: Verb, reason: str = "", **fields: Any
) -> list[Target]:
    """Compare and swap the state of all. Raises StaleTransition where one has moved on; then nothing is changed.

    ``reason`` is for the audit alone.
    """
    pks = [target.pk for target in targets]
    if pks and Target.objects.filter(pk__in=pks, state=seen).update(state=to, **fields) != len(pks):
        raise StaleTransition(_MEANWHILE)
    changes = []
    for target in targets:
        before = {"state": target.state, "decision_note": target.decision_note}
        for name, value in {"state": to, **fields}.items():
            setattr(target, name, value)
        changes.append((target, before, state_of(target) | ({"reason": reason} if reason else {})))
    record_all(by=by, verb=verb, changes=changes)
    return targets


def require_one_of_each(targets: Iterable[Target]) -> None:
    """Raises TransitionRefused for two versions of one row: they cannot both wait, nor both count."""
    seen = set()
    for target in targets:
        if key_of(target) in seen:
            named = row_name(target)
            raise TransitionRefused(f"Of {named} two versions would go together: choose one. Nothing was changed.")
        seen.add(key_of(target))


def require_latest(targets: Iterable[Target], rows: Mapping[RowKey, list[Target]]) -> None:
    """Raises StaleTransition where a later version was approved: an earlier one must not take its place."""
    for target in targets:
        if is_overtaken(target, rows[key_of(target)]):
            raise StaleTransition(
                f"Of {row_name(target)} a later version than {target.version} has been approved since. "
                "Nothing was changed: reject or withdraw this one; what should still hold is written anew."
            )
