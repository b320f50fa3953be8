"""The pack as the PDF's template takes it: texts that are written, and numbers of drawings between 0 and 1.

The template computes nothing but places; what it prints stands here as data, so that a name with ``#``, ``[`` or ``$``
is a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from core.formatting import NOTHING, counted, day_name, number, sentence_list, short_day
from customers.choices import TierScope
from initiatives.choices import ScheduleStatus
from initiatives.pages.coverage import percent
from kpis.choices import Indicator, Signal, Status
from scorecard.pages.signals import NO_PROOF
from scorecard.reports.drawing import spark
from scorecard.reports.glyphs import printable
from scorecard.reports.pack import (
    Column,
    CoverageLine,
    Item,
    LevelCount,
    Pack,
    PackCell,
    Told,
    Undertaking,
    headline,
)

PAPERS = {"a4": "a4", "letter": "us-letter"}
_FIRST_DECISIONS = 3
_PARTS = 3  # of a change that are told by name
_MARKS = {
    ScheduleStatus.ON_SCHEDULE: "met",
    ScheduleStatus.AT_RISK: "near",
    ScheduleStatus.LATE: "missed",
    ScheduleStatus.NOT_REPORTED: "partial",
}
_ROW, _SPACE = 7.15, 196  # millimetres of a row of the matrix, and of all of them on a page of A4


def layout(pack: Pack, paper: str) -> dict[str, Any]:
    """What the template is given. ``paper``: ``a4`` or ``letter``. Raises KeyError for another."""
    found = {
        "paper": PAPERS[paper],
        "company": pack.company,
        "title": f"Board pack, {pack.title}",
        "about": f"Customer scorecard · {pack.title}" + (f" ({pack.months})" if pack.months else ""),
        "state": _state(pack),
        "description": f"{pack.company}, {_state(pack)}",
        "open": pack.edition is None,
        "mark": " ".join(pack.mark[place : place + 4] for place in range(0, len(pack.mark), 4)),
        "logo": bool(pack.logo),
        "headline": [{"text": one.text, "look": one.css_class} for one in headline(pack)],
        "first": _first(pack),
        "outlook": _outlook(pack),
        "matrix": _matrix(pack),
        "changes": _changes(pack),
        "initiatives": _initiatives(pack),
        "growth": _growth(pack),
        "coverage": _coverage(pack),
        "definitions": _definitions(pack),
    }
    return dict(printable(found))


def _state(pack: Pack) -> str:
    if pack.edition is None:
        still = ", to date" if pack.to_date else ""
        return f"{pack.title} · open{still}: values of {day_name(pack.made_on)}, not signed"
    return f"{pack.title} · {pack.state}"


# -- page 1


def _first(pack: Pack) -> dict[str, Any]:
    shown = [one for one in pack.changes if one.trend]
    own = [one for one in pack.changes if one.column.scope == TierScope.TIER]
    return {
        "verdicts": _verdicts(pack.tiers),
        "customers": _customers(pack),
        "sparks": [_spark(one) for one in shown],
        "of": f"{len(shown)} of {len(own)}, the furthest from target first; band: natural limits, dashed: target",
        "none": "" if own else "Nothing really changed: what moved keeps within its natural limits.",
        "note": f"{NO_PROOF} Initiatives as of {day_name(pack.as_of)}.",
        "decisions": [_item(one) for one in pack.outlook.decisions[:_FIRST_DECISIONS]],
        "summary": pack.summary,
    }


def _verdicts(tiers: Sequence[Column]) -> dict[str, Any]:
    most = max((one.judged for one in tiers), default=0) or 1
    lines = [
        {
            "name": one.name,
            "parts": [
                {"look": look, "text": number(count), "share": float(Fraction(count, most))}
                for look, count in (("missed", one.missed), ("near", one.near), ("met", one.met))
                if count
            ],
            "of": number(one.judged),
        }
        for one in tiers
    ]
    said = "; ".join(f"{one.name} {one.missed} missed, {one.near} near, {one.met} met of {one.judged}" for one in tiers)
    return {"lines": lines, "alt": f"Verdicts by tier: {said}."}


def _customers(pack: Pack) -> dict[str, Any]:
    index = {one.code: one.index for one in pack.columns}
    indexed = any(value is not None for value in index.values())
    rows = [
        [
            one.name,
            number(one.joined + one.returned),
            number(one.left),
            number(one.closing),
            one.value or "–",
            *(["–" if (found := index.get(one.code)) is None else number(found)] if indexed else []),
        ]
        for one in pack.growth
        if one.code != "untiered" or one.closing or one.opening
    ]
    moved = sum(one.moved_in for one in pack.growth if one.code != "all")
    notes = [
        f"{counted(moved, 'customer')} moved from tier to tier, in no count of in and out." if moved else "",
        "Index: weighted verdicts, of 100." if indexed else "",
    ]
    heads = ["Tier", "In", "Out", "On book", pack.value_name or "Value", *(["Index"] if indexed else [])]
    return {"heads": heads, "rows": rows, "note": " ".join(note for note in notes if note)}


def _spark(one: Told) -> dict[str, Any]:
    assert one.trend is not None  # noqa: S101  those without are not drawn
    signal = Signal(one.cell.signal) if one.cell.signal else None
    svg, said = spark(one)
    return {
        "title": one.title,
        "signal": signal.label if signal else "",
        "look": _arrow(one.cell),
        "svg": svg,
        "alt": said,
        "words": f"{one.full}, {one.target}. {one.serving}.",
    }


# -- page 2


def _outlook(pack: Pack) -> dict[str, Any]:
    found = pack.outlook
    targets = [_item(one) for one in found.targets]
    return {
        "decisions": [_item(one) for one in found.decisions],
        "rule": "Asked by the numbers: what goes on missing or hurts with nobody on it, and what is late and was "
        "re-dated twice or more.",
        "targets": targets,
        "due": [_item(one) for one in found.due],
        "asks": [_item(one) for one in found.asks],
        "actions": [_item(one) for one in found.actions],
        "waiting": found.waiting,
        "as_of": f"Targets, questions and actions as of {day_name(pack.made_on)}.",
        "head": _ahead(pack),
    }


def _ahead(pack: Pack) -> str:
    """``4 decisions are asked; 8 initiatives fall due next; 2 questions and 1 action are open.``"""
    found = pack.outlook
    asked = counted(len(found.decisions), "decision")
    verb = "is" if len(found.decisions) == 1 else "are"
    opened = f"{counted(len(found.asks), 'question')} and {counted(len(found.actions), 'action')}"
    return f"{asked} {verb} asked of the board; {opened} are open."


def _item(one: Item) -> dict[str, Any]:
    due = f"{one.days} · due {short_day(one.due)}" if one.days and one.due else short_day(one.due) if one.due else ""
    return {"what": one.what, "detail": one.detail, "who": one.who, "due": due}


# -- the matrix


def _matrix(pack: Pack) -> dict[str, Any]:
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
    height = min(_ROW, _SPACE / max(len(pack.rows), 1))
    return {
        "head": _matrix_head(pack.tiers),
        "columns": columns,
        "all": pack.columns[-1].scope == TierScope.ALL if pack.columns else False,
        "groups": groups,
        "row": round(max(height, 4.6), 2),
        "notes": _matrix_notes(pack),
        "caption": f"Actual and target of {counted(len(pack.rows), 'KPI')} by customer tier, {_state(pack)}",
    }


def _matrix_head(tiers: Sequence[Column]) -> str:
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
        "arrow": _arrow(cell),
        "moved": Signal(cell.signal).label if cell.signal else "",
        "gap": cell.is_gap,
    }


def _said(cell: PackCell) -> str:
    """What the mark says to those who hear the page: the verdict, the pace of a part, and a capability gap."""
    pace = f", pace: {Status(cell.pace).label}" if cell.pace else ""
    return f"{cell.status.label}{pace}{', will go on missing' if cell.is_gap else ''}"


def _arrow(cell: PackCell) -> str:
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


def _changes(pack: Pack) -> dict[str, Any]:
    own = [one for one in pack.changes if one.column.scope != TierScope.ALL]
    told = [one for one in own if one.split or one.unsaid or one.narrative]
    return {
        "head": _changed_head(pack),
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


def _changed_head(pack: Pack) -> str:
    """``11 cells really got worse and 3 better, of which 4 are of all customers.``"""
    worse = sum(one.cell.signal == Signal.WORSE for one in pack.changes)
    better = sum(one.cell.signal == Signal.BETTER for one in pack.changes)
    of_all = sum(one.column.scope == TierScope.ALL for one in pack.changes)
    rest = f", {number(of_all)} of them of all customers" if of_all else ""
    return f"{counted(worse, 'cell')} really got worse and {number(better)} better{rest}."


def _told(one: Told) -> dict[str, Any]:
    return {
        "title": one.title,
        "mark": one.cell.status.value,
        "said": _said(one.cell),
        "arrow": _arrow(one.cell),
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


# -- initiatives


def _initiatives(pack: Pack) -> dict[str, Any]:
    total = pack.running
    levels = [
        {
            "name": one.name,
            "counts": _counts(one),
            "bar": _bar(one, max(level.running for level in pack.levels)),
            "rows": [_undertaking(row) for row in pack.undertakings if row.level == one.code],
            "empty": one.running == 0,
        }
        for one in pack.levels
    ]
    return {
        "head": _work_head(total),
        "levels": levels,
        "departments": [_counts(one) for one in pack.departments],
        "alt": "Running initiatives by level: "
        + "; ".join(f"{one.name} {_standing(one)}" for one in pack.levels)
        + ".",
        "as_of": f"As of {day_name(pack.as_of)}.",
    }


def _work_head(one: LevelCount) -> str:
    """``37 initiatives run: 31 on schedule, 2 at risk, 4 late, 0 not reported.``"""
    verb = "runs" if one.running == 1 else "run"
    return f"{counted(one.running, 'initiative')} {verb}: {_standing(one)}."


def _standing(one: LevelCount) -> str:
    return f"{one.on_schedule} on schedule, {one.at_risk} at risk, {one.late} late, {one.not_reported} not reported"


def _counts(one: LevelCount) -> list[str]:
    stands = (one.running, one.on_schedule, one.at_risk, one.late, one.not_reported)
    flows = (one.started, one.finished_on_time, one.finished_late, one.cancelled)
    return [one.name, *map(number, (*stands, *flows))]


def _bar(one: LevelCount, most: int) -> list[dict[str, Any]]:
    parts = (("missed", one.late), ("near", one.at_risk), ("partial", one.not_reported), ("met", one.on_schedule))
    return [
        {"look": look, "text": number(count), "share": float(Fraction(count, most))} for look, count in parts if count
    ]


def _undertaking(row: Undertaking) -> dict[str, Any]:
    status = row.status
    return {
        "title": row.title,
        "customer": row.customer,
        "mark": _MARKS[status] if status else "no_target",
        "said": status.label if status else row.stage.label.lower(),
        "owner": row.owner or "no owner",
        "where": row.department,
        "reasons": row.reasons,
        "progress": "–" if row.progress is None else f"{row.progress} %",
        "due": short_day(row.due) if row.due else "–",
        "money": row.money or "–",
    }


# -- growth, coverage, definitions


def _growth(pack: Pack) -> dict[str, Any]:
    rows = [
        [
            one.name,
            *map(number, (one.opening, one.joined, one.returned)),
            *(NOTHING if one.code == "all" else number(one.moved_in), number(one.left)),
            NOTHING if one.code == "all" else number(one.moved_out),
            *(number(one.closing), _signed(one.net), one.value or "–", one.share or "–"),
        ]
        for one in pack.growth
        if one.code != "untiered" or one.closing or one.opening
    ]
    benefits = [[one.initiative, one.name, one.planned, one.to_date, one.realised] for one in pack.benefits]
    whole = next((one for one in pack.growth if one.code == "all"), None)
    return {"head": _growth_head(whole), "rows": rows, "value": pack.value_name or "Value", "benefits": benefits}


def _growth_head(whole: Any) -> str:
    if whole is None or not (whole.opening or whole.closing):
        return "Nobody has told of customers who came or went."
    came, went = whole.joined + whole.returned, whole.left
    book = f"{number(whole.closing)} on the book, net {_signed(whole.net)}"
    return f"{counted(came, 'customer')} came and {number(went)} left: {book}."


def _signed(value: int) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def _coverage(pack: Pack) -> dict[str, Any]:
    return {
        "head": _coverage_head(pack),
        "rows": [_coverage_row(one) for one in pack.coverage if one.pain or one.running],
        "orphans": [
            [f"{one.theme}, {one.department}", percent(one.unanswered), one.serving, one.revenue or "–"]
            for one in pack.orphans[:12]
        ],
    }


def _coverage_head(pack: Pack) -> str:
    if not pack.pain:
        return f"Nobody has told where it hurts in {pack.title}."
    return f"{percent(pack.unanswered)} of customers’ pain, by weight, is answered by nothing that runs."


def _coverage_row(one: CoverageLine) -> dict[str, Any]:
    shares = [one.pain, one.running, one.budget]
    return {
        "name": one.department,
        "shares": [percent(share) for share in shares],
        "bars": [float(share or 0) for share in shares],
        "serving": one.serving,
        "orphan": one.is_orphaned,
        "risk": one.revenue or "–",
    }


def _definitions(pack: Pack) -> dict[str, Any]:
    return {
        "rows": [
            {"name": one.name, "meaning": one.meaning, "computed": one.computed, "owner": one.owner}
            for one in pack.definitions
        ],
        "missing": list(pack.missing),
        "reason": pack.reason,
        "note": f"Definitions as of {day_name(pack.made_on)}.",
    }
