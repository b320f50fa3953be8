"""The pages of initiatives, growth, coverage and definitions, as the PDF's template takes them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from core.formatting import NOTHING, counted, day_name, number, short_day
from initiatives.choices import ScheduleStatus
from initiatives.pages.coverage import percent
from scorecard.reports.pack import CoverageLine, LevelCount, Pack, Undertaking

_MARKS = {
    ScheduleStatus.ON_SCHEDULE: "met",
    ScheduleStatus.AT_RISK: "near",
    ScheduleStatus.LATE: "missed",
    ScheduleStatus.NOT_REPORTED: "partial",
}


def initiatives(pack: Pack) -> dict[str, Any]:
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


def growth(pack: Pack) -> dict[str, Any]:
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


def coverage(pack: Pack) -> dict[str, Any]:
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


def definitions(pack: Pack) -> dict[str, Any]:
    return {
        "rows": [
            {"name": one.name, "meaning": one.meaning, "computed": one.computed, "owner": one.owner}
            for one in pack.definitions
        ],
        "missing": _missing(pack),
        "summary": pack.summary,
        "reason": pack.reason,
        "note": f"Definitions as of {day_name(pack.made_on)}.",
    }


def _missing(pack: Pack) -> list[dict[str, Any]]:
    """What was let go, by the reason that served for it."""
    found: dict[str, list[str]] = {}
    for what, why in pack.missing:
        found.setdefault(why, []).append(what)
    return [{"why": why, "what": "; ".join(what)} for why, what in found.items()]
