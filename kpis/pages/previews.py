"""What a KPI would give as it is typed, before it is saved: shown in its form by whichever page has it."""

from __future__ import annotations

from typing import Any

from accounts.models import Company
from kpis.models import Kpi
from kpis.reading.events import preview_rule
from kpis.reading.previews import preview_formula


def tried(candidate: Kpi, asked: str, company: Company) -> dict[str, Any]:
    """What its rule of events gives, where it has one or that was ``asked`` for (``rule``); else its formula."""
    if candidate.rule or asked == "rule":
        return {"rule_preview": preview_rule(candidate, company)}
    return {"preview": preview_formula(candidate, company)}
