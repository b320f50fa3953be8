"""KPIs as a search finds them: by name, by code, and by what customers call it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from core.searching import Found, Search, best_of
from kpis.choices import Indicator, KpiState
from kpis.models import Kpi

KIND = "kpi"


def find_kpis(search: Search) -> Iterator[Found]:
    """Those of the library, drafts and retired ones included, for who may read it: one query."""
    reader: User = search.reader  # type: ignore[assignment]
    if not reader.has_perm(Right.READ):
        return
    columns = ("code", "name", "indicator", "state", "retired_from", "department__name", "customer_criterion")
    rows = Kpi.objects.order_by().values_list(*columns)
    for rank, row in best_of((search.rank(row[1], row[0], row[-1]), row[1], row) for row in rows):
        code, name, indicator, state, retired, department, _ = row
        what = "draft" if state == KpiState.DRAFT else "retired" if retired else Indicator(indicator).label.lower()
        detail = " · ".join(part for part in (code, what, department) if part)
        yield Found(KIND, name, detail, reverse("kpi", args=[code]), rank)
