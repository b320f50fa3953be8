"""How the audit tells of closed periods, and what of them stands in periods."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Max
from django.urls import reverse

from accounts.company import company
from core.periods import Month, Period
from core.records import Told
from scorecard.models import Closing, Edition, Waiver


def dated() -> str:
    """That there are editions: a calendar that changed would relabel them."""
    return "editions" if Edition.objects.exists() else ""


def covered(first: Month, last: Month | None) -> list[Month]:
    """The months from first to last (None: all later ones) that an edition covers."""
    codes = Edition.objects.order_by().values_list("period", flat=True).distinct()
    months = {month for code in codes for month in Period.parse(code, company().calendar).months}
    return sorted(month for month in months if first <= month and (last is None or month <= last))


def closed(codes: Collection[str]) -> dict[str, int]:
    """Those of the periods, by code, that have an edition, with the number of the latest: one query."""
    rows = Edition.objects.filter(period__in=codes).order_by().values("period").annotate(latest=Max("number"))
    return dict(rows.values_list("period", "latest"))


def _rows(model: Any) -> Any:
    """``2026-Q3, edition 1``, with the page of the period: one query."""

    def read(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
        rows = model.objects.filter(pk__in=[pk for pk in ids if pk.isdecimal()]).only("period", "number")
        return {
            str(row.pk): (f"{row.period}, edition {row.number}", reverse("scorecard", args=[row.period]))
            for row in rows
        }

    return read


TOLD: Mapping[str, Told] = {
    "scorecard.edition": Told("edition", {}, _rows(Edition)),
    "scorecard.closing": Told("closing", {}, _rows(Closing)),
    "scorecard.waiver": Told("waiver", {"item": "what was missing"}, _rows(Waiver)),
}
