"""Which KPIs may say what a tier is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpis.choices import ValueRole
from kpis.models import Kpi


def value_problems(named: Mapping[str, Kpi | None]) -> Iterator[tuple[str, str]]:
    """What is wrong with KPIs named by part: drafts and retired ones nobody sees, and none has two parts."""
    seen: dict[int, str] = {}
    for role in ValueRole:
        kpi = named.get(role.value)
        if kpi is None:
            continue
        if kpi.is_draft:
            yield role.value, f"“{kpi}” is a draft, which is in no matrix; publish it first"
        elif kpi.retired_from is not None:
            yield role.value, f"“{kpi}” is retired"
        elif kpi.pk in seen:
            yield role.value, f"“{kpi}” is named for {seen[kpi.pk]} already"
        seen.setdefault(kpi.pk, role.label.lower())
