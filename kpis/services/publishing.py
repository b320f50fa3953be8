"""From draft to published by itself: once a KPI has all that a reader of the matrix needs."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import User
from kpis.choices import KpiState
from kpis.models import Kpi, Target
from kpis.rules.formula import inputs_of
from kpis.rules.kpi import lacking


def publish_ready(kpis: Iterable[int], by: User | None) -> None:
    """Publish those drafts among KPIs, by id, that lack nothing, and those that waited for them alone.

    Call it in the transaction of what may have given the last of it. A draft whose formula takes another stays.
    """
    drafts = {kpi.pk: kpi for kpi in Kpi.objects.select_for_update().filter(state=KpiState.DRAFT)}
    waiting = [drafts[pk] for pk in set(kpis) if pk in drafts]
    while ready := _ready(waiting, {kpi.code for kpi in drafts.values()}):
        for kpi in ready:
            _put_into_matrix(drafts.pop(kpi.pk), by)
        codes = {kpi.code for kpi in ready}
        waiting = [kpi for kpi in drafts.values() if kpi in waiting or codes & inputs_of(kpi.formula)]


def _put_into_matrix(kpi: Kpi, by: User | None) -> None:
    kpi.state = KpiState.PUBLISHED
    kpi.save(update_fields=["state"])
    states = ({"state": state.value} for state in (KpiState.DRAFT, KpiState.PUBLISHED))
    record(by=by, verb=Verb.PUBLISHED, obj=kpi, before=next(states), after=next(states))


def _ready(kpis: Iterable[Kpi], drafts: set[str]) -> list[Kpi]:
    """Those that lack nothing, and whose formulas take no draft."""
    left = [kpi for kpi in kpis if not drafts & inputs_of(kpi.formula)]
    promised = Target.objects.approved().filter(kpi=OuterRef("pk"))
    aimed = set(Kpi.objects.filter(Exists(promised), pk__in=[kpi.pk for kpi in left]).values_list("pk", flat=True))
    return [kpi for kpi in left if not lacking(kpi, has_target=kpi.pk in aimed)]
