"""What may be followed, and what a digest may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from accounts.models import Department
from core.writes import Problem
from customers.models import Tier
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.choices import Followed
from scorecard.models.subscriptions import LAST_DAY


def problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Why a thing cannot be followed: it is of no kind that can, or not there."""
    kind, key = str(values["kind"]), str(values["key"])
    if kind not in Followed.values:
        yield "kind", f"is none that can be followed: {', '.join(Followed.values)}"
    elif not _is_there(Followed(kind), key):
        yield "key", f"names no {Followed(kind).label.lower()} that is there"


def _is_there(kind: Followed, key: str) -> bool:
    kpi, _, tier = key.partition("@")
    if kind == Followed.CELL:
        return Kpi.objects.filter(code=kpi).exists() and Tier.objects.filter(code=tier).exists()
    if kind == Followed.KPI:
        return Kpi.objects.filter(code=key).exists()
    if kind == Followed.TIER:
        return Tier.objects.filter(code=key).exists()
    if kind == Followed.INITIATIVE:
        return Initiative.objects.filter(code=key).exists()
    return Department.objects.filter(code=key.partition("/")[0]).exists()


def subscription_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Why a digest cannot be as it is asked for."""
    if not any(values[name] for name in ("months", "quarters", "years")):
        yield "quarters", "is not chosen, nor is another period: choose one at least, or end the digest"
    if not 1 <= values["day"] <= LAST_DAY:
        yield "day", f"has to lie between 1 and {LAST_DAY}, so that every month has it"
