"""Every version of one target row: what it said, who wrote and decided it, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from core.formatting import Style, month_name
from core.periods import Month, PeriodError, month_code, stored_month
from customers.models import Tier
from kpis.choices import Per
from kpis.models import Kpi, Target
from kpis.models.versions import VersionBook
from kpis.wording import style_of, words_of


def history_address(kpi: Kpi, tier: Tier, per: str, from_month: Month) -> str:
    """The page with every version of a target row."""
    return reverse("target_history", args=[kpi.code, tier.code, per, month_code(from_month)])


def history_addresses(kpi: Kpi, tier: Tier, per: str, months: Sequence[Month]) -> dict[Month, str]:
    """The same of the rows that begin in these months: an address is worked out once for all of them."""
    first = history_address(kpi, tier, per, months[0])
    head = first.removesuffix(f"{month_code(months[0])}/")
    return {month: f"{head}{month_code(month)}/" for month in months}


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """One version as the page writes it."""

    target: Target
    words: str
    plan: str


@dataclass(frozen=True, slots=True)
class History:
    """All versions of a row, newest first; none where nothing was ever written."""

    kpi: Kpi
    tier: Tier
    per: str
    month: str
    versions: tuple[ShownVersion, ...]

    @property
    def span(self) -> str:
        """``per year, from January 2026``: which row it is."""
        return f"per {self.per}, from {month_name(stored_month(self.month))}"


def history_of(kpi: str, tier: str, per: str, month: str, currency: str) -> History | None:
    """The history of a row by its codes; None where one of them names nothing."""
    found, column = Kpi.objects.filter(code=kpi).first(), Tier.objects.filter(code=tier).first()
    try:
        first = stored_month(month)
    except PeriodError:
        return None
    if found is None or column is None or per not in Per.values:
        return None
    rows = Target.objects.filter(kpi=found, tier=column, per=per, from_month=first).order_by("-version")
    named = rows.select_related("kpi", "created_by", "decided_by", "batch__proposed_by", "load")
    meant = VersionBook.read([found]).at(found, first)
    style = style_of(meant, currency)
    return History(meant, column, per, month, tuple(_shown(row, meant, style) for row in named))


def _shown(row: Target, meant: Kpi, style: Style) -> ShownVersion:
    row.kpi = meant
    return ShownVersion(row, words_of(row, style), "" if row.plan_value is None else style.full_target(row.plan_value))
