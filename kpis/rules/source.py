"""Where a KPI's numbers may be said to come from: facts of customers or actuals entered per tier, never both."""

from __future__ import annotations


def source_problems(source: str, *, formula: str, takes_facts_of: bool) -> list[tuple[str, str]]:
    """Why a KPI can't say so; empty where it can. One without data of its own has no source."""
    if source and formula:
        return [("source", "must be empty: a KPI with a formula has no data of its own")]
    if source and takes_facts_of:
        return [("source", "must be empty: it takes the facts of another KPI")]
    return []
