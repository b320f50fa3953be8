"""The initiatives that serve a cell of the matrix, as the cell's page names them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from customers.choices import TierScope
from customers.models import Tier
from initiatives.choices import ScheduleStatus
from initiatives.formulas import GRAVITY
from initiatives.models import Initiative
from initiatives.reading.served import Serving
from initiatives.reading.standings import Standing, read_standings
from initiatives.wording import reasons_words
from kpis.models import Kpi


@dataclass(frozen=True, slots=True)
class ShownServant:
    """A running initiative that names the cell's KPI."""

    title: str
    url: str
    status: ScheduleStatus | None
    progress: str
    words: str


@dataclass(frozen=True, slots=True)
class ServedBy:
    """Who serves a cell, the gravest status first; ``url`` leads to the list, ``candidate`` to a new one."""

    words: str
    url: str
    candidate: str
    rows: tuple[ShownServant, ...]


def served_by(kpi: Kpi, tier: Tier) -> ServedBy:
    """The running initiatives that should move a cell: a constant number of queries."""
    found = [one for one in read_standings(Initiative.objects.running().moving(kpi, tier)) if one.running]
    found.sort(key=lambda one: (GRAVITY.index(one.status) if one.status else 0, one.initiative.title))
    tiers = {"tiers": tier.code} if tier.scope == TierScope.TIER else {}
    candidate = {"title": f"Improve {kpi.name.lower()}", "kpis": _link(kpi, tier), **tiers}
    return ServedBy(
        words=Serving.of(one.status for one in found).words,
        url=f"{reverse('initiatives')}?{urlencode({'moves': f'{kpi.code}@{tier.code}'})}",
        candidate=f"{reverse('initiative_new')}?{urlencode(candidate)}",
        rows=tuple(_shown(one) for one in found),
    )


def _link(kpi: Kpi, tier: Tier) -> str:
    return f"{kpi.code}@{tier.code}" if tier.scope == TierScope.TIER else kpi.code


def _shown(one: Standing) -> ShownServant:
    return ShownServant(
        title=one.initiative.title,
        url=reverse("initiative", args=[one.initiative.code]),
        status=one.status,
        progress="" if one.progress is None else f"{one.progress} %",
        words=reasons_words(one.verdict, one.plan) if one.verdict else "",
    )
