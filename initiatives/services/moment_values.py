"""What a moment of truth says, in the form that the audit and proposals keep: texts, and lists as files write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.auditing import NotThere, row_of
from customers.models import Tier
from initiatives.models import Initiative, Moment
from initiatives.services.moments import FIELDS, LISTS
from kpis.models import Kpi


def packed(moment: Moment, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a checked moment would say with these lists."""
    pairs = ((kpi.code, tier.code if tier else "") for kpi, tier in values.get("kpis", ()))
    return {
        "code": moment.code,
        **{name: getattr(moment, name) for name in FIELDS},
        "tiers": sorted(tier.code for tier in values.get("tiers", ())),
        "kpis": sorted(f"{kpi}@{tier}" if tier else kpi for kpi, tier in pairs),
        "themes": sorted(values.get("themes", ())),
        "initiatives": sorted(row.code for row in values.get("initiatives", ())),
    }


def said_by(moment: Moment) -> dict[str, Any]:
    """What a stored moment says."""
    return {"code": moment.code, **{name: getattr(moment, name) for name in FIELDS}, **moment.lists}


def unpacked(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The values that services take. Raises NotThere for what is not there any more."""
    plain = {name: kept[name] for name in ("code", *FIELDS) if name in kept}
    return plain | {name: linked(name, kept[name]) for name in LISTS if name in kept}


def linked(name: str, kept: Any) -> list[Any]:
    """A list: tiers and initiatives as rows, KPIs as pairs with their tiers, themes as texts. Raises NotThere."""
    if name == "themes":
        return list(kept)
    if name == "kpis":
        return [named_kpi(text) for text in kept]
    return [row_of(Tier if name == "tiers" else Initiative, code) for code in kept]


def named_kpi(text: str) -> tuple[Any, Any]:
    """The KPI of ``code`` or ``code@tier``, and the tier or None. Raises NotThere."""
    code, _, tier = text.partition("@")
    return row_of(Kpi, code), row_of(Tier, tier) if tier else None


__all__ = ["NotThere", "linked", "named_kpi", "packed", "said_by", "unpacked"]
