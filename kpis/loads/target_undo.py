"""Taking a target row's load back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Max

from accounts.choices import Verb
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
        drafts = [one for one in versions.filter(load=load, state=TargetState.DRAFT) if _says(one, cells)]
        done = bool(drafts) and versions.filter(pk__in=[one.pk for one in drafts]).delete()[0] > 0
    else:
        done = _withdraw(load, versions, cells, by)
    if not done:
        raise UndoRefused(
            f"Load {load.pk} cannot be taken back: {change.key} has been changed or decided on since by hand. "
            "Nothing was changed"
        )


def _says(target: Target, cells: dict[str, str]) -> bool:
    """Whether a draft is as the load left it: what somebody wrote into it since is not thrown away."""
    until, numbers = cells.get("until_month"), ("value", "low", "high", "plan_value")
    stored = [target.until_month, *(getattr(target, name) for name in numbers)]
    return stored == [stored_month(until) if until else None, *(_number(cells.get(name)) for name in numbers)]


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _withdraw(load: Load, versions: Any, cells: dict[str, str], by: User | None) -> bool:
    """Approved becomes withdrawn, for what was approved is never deleted; its predecessor stands again."""
    target = versions.filter(version=int(cells["version"])).first()
    mine = versions.filter(version=int(cells["version"]), state=TargetState.APPROVED)
    if target is None or not mine.update(state=TargetState.WITHDRAWN):
        return False
    audit(Verb.WITHDRAWN, [target], by=by, details={"undone load": load.pk})
    if target.load_id != load.pk:
        _draft_again(target, versions)
    if not cells["supersedes"]:
        return True
    before = versions.filter(version=int(cells["supersedes"]), state=TargetState.SUPERSEDED)
    audit(Verb.APPROVED_AGAIN, list(before), by=by, details={"undone load": load.pk})
    return bool(before.update(state=TargetState.APPROVED))


def _draft_again(target: Target, versions: Any) -> None:
    """The load approved a version that was there before: it returns as it was, a draft or a proposal that waits.

    A draft where another proposal of the row waits by now, for finance decides on one.
    """
    last = versions.aggregate(last=Max("version"))["last"]
    waits = target.batch_id is not None and not versions.filter(state=TargetState.PROPOSED).exists()
    again = Target.objects.create(
        state=TargetState.PROPOSED if waits else TargetState.DRAFT,
        batch_id=target.batch_id if waits else None,
        kpi_id=target.kpi_id,
        tier_id=target.tier_id,
        from_month=target.from_month,
        per=target.per,
        version=last + 1,
        **{name: getattr(target, name) for name in _COPIED},
    )
    again.earlier_writers.set(target.earlier_writers.all())
