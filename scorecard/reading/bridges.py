"""What led from an edition to what is live: each cell then and now, and the rows that add up to the difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from core.periods import Period
from scorecard.models import Edition
from scorecard.reading.editions import DifferingCell, differences
from scorecard.reading.matrix_json import exact_text

_VALUES = ("actual", "numerator", "denominator", "facts", "target", "low", "high", "status")


def differences_json(edition: Edition, period: Period, today: date) -> dict[str, Any]:
    """Every cell that differs from an edition by now, ready for JSON."""
    found = differences(edition, today, period)
    return {"edition": edition.number, "cells": [_cell(one) for one in found]}


def _cell(one: DifferingCell) -> dict[str, Any]:
    return {
        "kpi": one.kpi,
        "tier": one.tier,
        "then": _values(one.then),
        "now": _values(one.now),
        "bridge": bridge_of(one),
    }


def _values(cell: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return cell and {name: cell[name] for name in _VALUES}


def bridge_of(one: DifferingCell) -> list[dict[str, Any]]:
    """Rows that add up exactly to what changed of a cell's components; empty where these are as they were."""
    then, now = one.then or {}, one.now or {}
    change = {name: _difference(then.get(name), now.get(name)) for name in ("numerator", "denominator", "actual")}
    facts = (now.get("facts") or 0) - (then.get("facts") or 0)
    if not facts and not any(change.values()):
        return []
    return [
        {
            "cause": "other",
            "at": None,
            "by": None,
            "reference": None,
            **{name: exact_text(change[name]) for name in ("numerator", "denominator")},
            "facts": facts,
            "effect": exact_text(change["actual"]),
        }
    ]


def _difference(then: str | None, now: str | None) -> Fraction | None:
    """Now less then; None where neither is known."""
    if then is None and now is None:
        return None
    return Fraction(now or 0) - Fraction(then or 0)
