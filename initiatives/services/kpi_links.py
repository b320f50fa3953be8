"""The KPIs that something names, each in one tier or (none) in all of its own: an initiative, a moment of truth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from customers.models import Tier
from kpis.models import Kpi


def set_kpis(row: Any, pairs: Iterable[tuple[Kpi, Tier | None]]) -> None:
    """Have ``row.kpi_links`` name these and no others; what it named already stays the row that it is."""
    links = row.kpi_links
    wanted = {(kpi.pk, tier.pk if tier else None) for kpi, tier in pairs}
    stored = {(link.kpi_id, link.tier_id): link.pk for link in links.all()}
    links.filter(pk__in=[pk for key, pk in stored.items() if key not in wanted]).delete()
    fresh = sorted(wanted - set(stored), key=lambda key: (key[0], key[1] or 0))
    own = {links.field.name: row}
    links.model.objects.bulk_create(links.model(**own, kpi_id=kpi, tier_id=tier) for kpi, tier in fresh)
