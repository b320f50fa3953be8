"""The last things that changed a cell or a KPI, in words: a load of its numbers, entries of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from accounts.choices import LoadState
from accounts.models import LoadChange
from accounts.reading.last_changes import LastChange, last_entries, newest
from core.formatting import counted, day_name, month_name
from core.periods import month_code, stored_month
from kpis.models import Target, TierActual
from kpis.reading.subjects import AskedKpi

_THINGS = {"kpis.kpi": "The KPI", "kpis.target": "A target", "kpis.tieractual": "An actual"}
_TOGETHER = timedelta(seconds=5)  # a decision and the entry that tells it


def last_changes(asked: AskedKpi) -> list[LastChange]:
    """The latest of what is known, the latest first; empty where nothing is. Four queries."""
    targets = list(_targets(asked))
    entries, load, decided = _entries(asked, targets), _last_load(asked), _last_decision(targets)
    told = decided is not None and any(abs(one.at - decided.at) < _TOGETHER for one in entries)
    return newest([*entries, *([load] if load else []), *([decided] if decided and not told else [])])


def _last_load(asked: AskedKpi) -> LastChange | None:
    """The latest load, still applied, of the numbers of the period's months."""
    kpi = asked.kpi
    source = kpi.facts_of.code if kpi.facts_of else kpi.code
    column = [asked.tier.code] if asked.tier else []
    months = [month_code(month) for month in asked.period.months]
    keys = {" | ".join([source, *tier, month]) for tier in ([], column) for month in months}
    rows = LoadChange.objects.filter(kind__in=("facts", "tier_actuals"), key__in=keys, load__state=LoadState.APPLIED)
    row = rows.select_related("load__by").order_by("-load_id", "-key").first()
    if row is None:
        return None
    by = f", {row.load.by}" if row.load.by else ""
    month = month_name(stored_month(row.key.rpartition(" | ")[2]))
    text = (
        f"{changed_words(row)} of {month} came with {row.load.source}{by}, {day_name(localtime(row.load.at).date())}."
    )
    return LastChange(row.load.at, text, reverse("import", args=[row.load.pk]))


def changed_words(row: LoadChange) -> str:
    """What a load brought to a month: ``138 facts``; ``An actual``."""
    after = row.after if isinstance(row.after, dict) else {}
    return counted(after.get("created", 0) + after.get("updated", 0), "fact") if row.kind == "facts" else "An actual"


def _targets(asked: AskedKpi) -> QuerySet[Target]:
    """The newest targets of the column, or of the KPI."""
    rows = Target.objects.filter(kpi=asked.kpi, **({"tier": asked.tier} if asked.tier else {}))
    return rows.select_related("decided_by").order_by("-pk")[:200]


def _last_decision(targets: Iterable[Target]) -> LastChange | None:
    """The latest decision on a target, of which an older record may have no entry."""
    decided = [(row.decided_at, row.pk, row) for row in targets if row.decided_at]
    if not decided:
        return None
    at, _, row = max(decided)
    by = f" by {row.decided_by}" if row.decided_by else ""
    day = day_name(localtime(at).date())
    return LastChange(at, f"A target: {row.get_state_display().lower()}{by}, {day}.")


def _entries(asked: AskedKpi, targets: Iterable[Target]) -> list[LastChange]:
    """The latest entries of the KPI, of its targets and of what was entered for it, of this tier or of all."""
    column = {"kpi": asked.kpi} | ({"tier": asked.tier} if asked.tier else {})
    entered = TierActual.objects.filter(**column, month__in=asked.period.months).values_list("pk", flat=True)
    about = Q(object_type="kpis.kpi", object_id=str(asked.kpi.pk))
    about |= Q(object_type="kpis.target", object_id__in=[str(row.pk) for row in targets])
    about |= Q(object_type="kpis.tieractual", object_id__in=[str(pk) for pk in entered])
    return last_entries(about, _THINGS)
