"""What a file of KPIs says of their charts: which of them are seasonal, for those who may, and which are drawn anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from accounts.loads import Change, Refusal
from accounts.loads.refusing import lacking
from accounts.models import User
from accounts.rights import Right
from kpis.models import Kpi
from kpis.services.touches import touch_signals
from kpis.services.versions import ALWAYS

_NAME = "seasonal"


def seasonal_refusals(by: User, changes: Iterable[Change]) -> list[Refusal]:
    """The changes that say of a KPI that it is seasonal, or not any more, where the person may not say so."""
    if by.has_perm(Right.SET_STEPS):
        return []
    return [Refusal(change, lacking(Right.SET_STEPS), _NAME) for change in changes if _differs(change)]


def touch_charts(changes: Iterable[Change], moved: Collection[str]) -> None:
    """Mark the KPIs whose charts are others: those of other values, by code, new formulas, and seasonal ones."""
    new = {change.key[0] for change in changes if change.after and not change.before and change.after["formula"]}
    codes = {*moved, *new, *(change.key[0] for change in changes if change.after and _differs(change))}
    touch_signals(Kpi.objects.filter(code__in=codes).values_list("pk", flat=True), ALWAYS)


def _differs(change: Change) -> bool:
    before, after = ((state or {}).get(_NAME) or "false" for state in (change.before, change.after))
    return before != after
