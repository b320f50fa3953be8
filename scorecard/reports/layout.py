"""The pack as the PDF's template takes it: texts that are written, and numbers of drawings between 0 and 1.

The template computes nothing but places; what it prints stands here as data, so that a name with ``#``, ``[`` or ``$``
is a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from core.formatting import counted, day_name, number, short_day
from customers.choices import TierScope
from kpis.choices import Signal
from scorecard.pages.signals import NO_PROOF
from scorecard.reports import layout_cells, layout_work
from scorecard.reports.drawing import HEIGHT, LEAST, spark
from scorecard.reports.glyphs import printable
from scorecard.reports.pack import (
    Column,
    Item,
    Pack,
    Told,
)

PAPERS = {"a4": "a4", "letter": "us-letter"}
_FIRST_DECISIONS = 3
_SPARKS = 6
_LONGEST_SUMMARY = 400  # characters on the first page


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
        "headline": [{"text": one.text, "look": one.css_class} for one in pack.headline],
        "first": _first(pack),
        "outlook": _outlook(pack),
        "matrix": layout_cells.matrix(pack, paper),
        "changes": layout_cells.changes(pack),
        "initiatives": layout_work.initiatives(pack),
        "growth": layout_work.growth(pack),
        "coverage": layout_work.coverage(pack),
        "definitions": layout_work.definitions(pack),
    }
    return dict(printable(found))


def _state(pack: Pack) -> str:
    if pack.edition is None:
        still = ", to date" if pack.to_date else ""
        return f"{pack.title} · open{still}: values of {day_name(pack.made_on)}, not signed"
    return f"{pack.title} · {pack.state}"


# -- page 1


def _first(pack: Pack) -> dict[str, Any]:
    shown = [one for one in pack.changes if one.trend][:_SPARKS]
    own = [one for one in pack.changes if one.column.scope == TierScope.TIER]
    return {
        "verdicts": _verdicts(pack.tiers),
        "customers": _customers(pack),
        "sparks": [_spark(one, _room(pack)) for one in shown],
        "of": f"{len(shown)} of {len(own)}, the furthest from target first; band: natural limits, dashed: target",
        "none": "" if own else "Nothing really changed: what moved keeps within its natural limits.",
        "note": f"{NO_PROOF} Initiatives as of {day_name(pack.as_of)}.{_let_go(pack)}",
        "decisions": [_item(one) for one in pack.outlook.decisions[:_FIRST_DECISIONS]],
        "summary": _shortened(pack.summary),
    }


def _shortened(summary: str) -> str:
    """What there is room for on the first page; the last one has all of it."""
    if len(summary) <= _LONGEST_SUMMARY:
        return summary
    return f"{summary[:_LONGEST_SUMMARY].rsplit(' ', 1)[0]} … (in full on the last page)"


def _let_go(pack: Pack) -> str:
    """That something was missing when the edition was signed; empty where nothing was."""
    count = len(pack.missing)
    verb = "was" if count == 1 else "were"
    return f" {counted(count, 'thing')} {verb} missing when it was closed: see the last page." if count else ""


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


def _room(pack: Pack) -> int:
    """How high a drawing may be so that the first page holds all of the answer."""
    more = max(len(pack.tiers), len(pack.growth) - 1) - 5
    return max(LEAST, HEIGHT - 8 * max(more, 0) - (12 if pack.summary else 0))


def _spark(one: Told, height: int) -> dict[str, Any]:
    assert one.trend is not None  # noqa: S101  those without are not drawn
    signal = Signal(one.cell.signal) if one.cell.signal else None
    svg, said = spark(one, height)
    return {
        "title": one.title,
        "signal": signal.label if signal else "",
        "look": layout_cells.arrow(one.cell),
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
