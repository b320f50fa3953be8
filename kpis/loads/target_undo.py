"""Taking a target row's load back."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from accounts.loads import UndoRefused
from accounts.models import Load, LoadChange, User
from core.periods import stored_month
from kpis.choices import TargetState
from kpis.loads.target_writes import audit
from kpis.models import Target

_COPIED = ("until_month", "value", "low", "high", "plan_value", "note", "created_by_id", "load_id")


def take_back(load: Load, change: LoadChange, ids: tuple[dict[str, Any], dict[str, Any]], by: User | None) -> None:
    """Undo one row of a load. ``ids`` are KPIs and tiers by code. Raises UndoRefused."""
    cells = change.after or {}
    versions = Target.objects.filter(
        kpi=ids[0].get(cells["kpi"]),
        tier=ids[1].get(cells["tier"]),
        from_month=stored_month(cells["from_month"]),
        per=cells["per"],
    )
    if cells["state"] != TargetState.APPROVED:
        # by load, not by number: an approval that was taken back left the draft under a new number
        done = versions.filter(load=load, state=TargetState.DRAFT).delete()[0] > 0
    else:
        done = _withdraw(load, versions, cells, by)
    if not done:
        raise UndoRefused(
            f"Load {load.pk} cannot be taken back: {change.key} has been decided on since by hand. Nothing was changed"
        )


def _withdraw(load: Load, versions: Any, cells: dict[str, str], by: User | None) -> bool:
    """Approved becomes withdrawn, for what was approved is never deleted; its predecessor stands again."""
    target = versions.filter(version=int(cells["version"])).first()
    mine = versions.filter(version=int(cells["version"]), state=TargetState.APPROVED)
    if target is None or not mine.update(state=TargetState.WITHDRAWN):
        return False
    audit("withdraw", [target], by=by, details={"undone load": load.pk})
    if target.load_id != load.pk:
        _draft_again(target, versions)
    if not cells["supersedes"]:
        return True
    before = versions.filter(version=int(cells["supersedes"]), state=TargetState.SUPERSEDED)
    audit("approve again", list(before), by=by, details={"undone load": load.pk})
    return bool(before.update(state=TargetState.APPROVED))


def _draft_again(target: Target, versions: Any) -> None:
    """The load approved a draft that was there before: it returns as one."""
    last = versions.aggregate(last=Max("version"))["last"]
    Target.objects.create(
        kpi_id=target.kpi_id,
        tier_id=target.tier_id,
        from_month=target.from_month,
        per=target.per,
        version=last + 1,
        **{name: getattr(target, name) for name in _COPIED},
    )
