"""The pages of the matrix and of what really changed, as the PDF's template takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.formatting import counted, day_name, number, sentence_list
from customers.choices import TierScope
from kpis.choices import Indicator, Signal, Status
from scorecard.pages.signals import NO_PROOF
from scorecard.reports.pack import Column, Pack, PackCell, Told

_PARTS = 3  # of a change that are told by name
_ROW, _LEAST = 7.15, 4.6  # millimetres of a row of the matrix
_SPACE = {"a4": 196, "letter": 178}  # and of all of them on a page


def matrix(pack: Pack, paper: str) -> dict[str, Any]:
    groups = [
        {
            "label": Indicator(indicator).label,
            "rows": [_matrix_row(pack, row) for row in pack.rows if row.indicator == indicator],
        }
        for indicator in Indicator.values
        if any(row.indicator == indicator for row in pack.rows)
    ]
    columns = [
        {"name": one.name, "said": f"{one.missed} of {one.judged} missed" if one.judged else "no verdict"}
        for one in pack.columns
    ]
    height = min(_ROW, _SPACE[paper] / max(len(pack.rows), 1))
    return {
        "head": matrix_head(pack.tiers),
        "columns": columns,
        "all": pack.columns[-1].scope == TierScope.ALL if pack.columns else False,
        "groups": groups,
        "row": round(max(height, _LEAST), 2),
        "notes": _matrix_notes(pack),
    }


def matrix_head(tiers: Sequence[Column]) -> str:
    """``Gold missed 10 of its 26 targets, Silver 6 of 26 and Platinum 1 of 26.``"""
    worst = sorted((one for one in tiers if one.missed), key=lambda one: -one.missed)
    if not worst:
        return "No tier missed a target." if any(one.judged for one in tiers) else "No cell can be judged yet."
    first, *rest = worst
    told = [f"{first.name} missed {first.missed} of its {counted(first.judged, 'target')}"]
    return f"{sentence_list([*told, *(f'{one.name} {one.missed} of {one.judged}' for one in rest)])}."


def _matrix_row(pack: Pack, row: Any) -> dict[str, Any]:
    return {"name": row.name, "unit": row.label, "cells": [_cell(cell) for cell in row.cells]}


def _cell(cell: PackCell) -> dict[str, Any]:
    return {
        "mark": cell.status.value,
        "said": _said(cell),
        "shown": cell.shown,
        "aim": cell.aim.replace(" ", "") if cell.aim[:1] in "≥≤" else cell.aim,
        "arrow": arrow(cell),
        "moved": Signal(cell.signal).label if cell.signal else "",
        "gap": cell.is_gap,
    }


def _said(cell: PackCell) -> str:
    """What the mark says to those who hear the page: the verdict, the pace of a part, and a capability gap."""
    pace = f", pace: {Status(cell.pace).label}" if cell.pace else ""
    return f"{cell.status.label}{pace}{', will go on missing' if cell.is_gap else ''}"


def arrow(cell: PackCell) -> str:
    return "" if cell.signal is None else {"better": "better", "worse": "worse", "changed": "changed"}[cell.signal]


def _matrix_notes(pack: Pack) -> list[str]:
    """Which months are missing, KPIs with the same gap together; what was let go; what 'all' is."""
    found: dict[str, list[str]] = {}
    for row in pack.rows:
        if row.note:
            found.setdefault(row.note, []).append(row.name)
    notes = ["“All customers” is computed from the facts and counted apart."]
    notes += [f"{sentence_list(names)}: {note}." for note, names in found.items()]
    return notes


# -- what really changed


def changes(pack: Pack) -> dict[str, Any]:
    own = [one for one in pack.changes if one.column.scope != TierScope.ALL]
    told = [one for one in own if one.split or one.unsaid or one.narrative]
    return {
        "head": changed_head(pack),
        "told": [_told(one) for one in told],
        "brief": [_told(one) for one in own if one not in told],
        "of_all": _of_all(pack),
        "gaps": [_told(one) for one in pack.gaps],
        "note": f"{NO_PROOF} Splits are of the facts as of {day_name(pack.made_on)}; who was on it, as of "
        f"{day_name(pack.as_of)}.",
    }


def _of_all(pack: Pack) -> str:
    """Which KPIs really changed of all customers, which hold the same facts again; empty for none."""
    of_all = [one for one in pack.changes if one.column.scope == TierScope.ALL]
    told = [
        f"{sentence_list(names)} {Signal(signal).label}"
        for signal in Signal
        if (names := [one.name for one in of_all if one.cell.signal == signal])
    ]
    return f"Of all customers, which hold the same facts again: {'; '.join(told)}." if told else ""


def changed_head(pack: Pack) -> str:
    """``11 cells of the tiers really got worse and 3 better.``"""
    own = [one for one in pack.changes if one.column.scope != TierScope.ALL]
    worse = sum(one.cell.signal == Signal.WORSE for one in own)
    better = sum(one.cell.signal == Signal.BETTER for one in own)
    if not own:
        return "No cell of a tier really changed."
    return f"{counted(worse, 'cell')} of the tiers really got worse and {number(better)} better."


def _told(one: Told) -> dict[str, Any]:
    return {
        "title": one.title,
        "mark": one.cell.status.value,
        "said": _said(one.cell),
        "arrow": arrow(one.cell),
        "signal": Signal(one.cell.signal).label if one.cell.signal else "",
        "value": one.full,
        "target": one.target,
        "moved": one.moved,
        "why": f"{one.why[0].upper()}{one.why[1:]}" if one.why else "",
        "split": one.split,
        "parts": _parts(one),
        "unsaid": one.unsaid,
        "serving": one.serving,
        "alone": not one.is_served,
        "narrative": one.narrative,
    }


def _parts(one: Told) -> str:
    """``Stayed in Gold −2.3 points, came back −1.6 points; 2 smaller groups give the rest.``"""
    largest = [f"{part.name} {part.effect}" for part in one.parts[:_PARTS]]
    if not largest:
        return ""
    text = ", ".join(largest)
    rest = len(one.parts) - _PARTS
    more = f"; {counted(rest, 'smaller group')} {'gives' if rest == 1 else 'give'} the rest" if rest > 0 else ""
    return f"{text[0].upper()}{text[1:]}{more}."
