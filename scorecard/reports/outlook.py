"""What the board is asked and what comes next: decisions that the numbers ask for, what falls due, targets to come,
and what is open of questions and actions.

Initiatives are as the pack has them; targets, questions and actions are of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Any

from accounts.reading.threads import open_actions, open_asks
from core.formatting import Style, counted, number, period_name, trimmed
from core.scales import Scale
from customers.choices import TierScope
from initiatives.choices import ScheduleStatus, Stage
from initiatives.wording import slip_words
from kpis.choices import TargetState
from kpis.models import Target
from kpis.reading.matrix import Cell, MatrixBuilder
from kpis.wording import style_of
from scorecard.reports.pack import Item, Outlook, Told
from scorecard.reports.signals import aim_words
from scorecard.reports.sources import Source

MOST_DECISIONS, MOST_LINES = 6, 8
_STARTABLE = {Stage.CANDIDATE.value: "Start", Stage.APPROVED.value: "Start", Stage.ON_HOLD.value: "Resume"}
_LONG_REDATED = 2
_THOUSANDS = Scale(3, "k", "thousand", 1)
_LONGEST = 140  # characters of a question that are printed


def look_ahead(source: Source, told: Sequence[Told]) -> Outlook:
    """All of it."""
    return Outlook(
        decisions=tuple(islice(_decisions(source, told), MOST_DECISIONS)),
        due=tuple(_due(source)[:MOST_LINES]),
        targets=tuple(_targets(source)[:MOST_LINES]),
        asks=tuple(_asks(source)[:MOST_LINES]),
        actions=tuple(_actions(source)[:MOST_LINES]),
        waiting=_waiting(),
    )


# -- decisions


def _decisions(source: Source, told: Sequence[Told]) -> Iterable[Item]:
    """What the numbers ask somebody to decide, each initiative once: what would answer a cell that goes on missing,
    what would answer the heaviest pain that nothing answers, and what is late and was re-dated again and again.
    """
    named: set[str] = set()
    for item, code in (*_for_gaps(source, told), *_for_pain(source), *_keep_or_stop(source)):
        if not code or code not in named:
            named.add(code)
            yield item


def _for_gaps(source: Source, told: Sequence[Told]) -> Iterable[tuple[Item, str]]:
    for one in told:
        if not one.cell.is_gap or one.is_served or one.column.scope != TierScope.TIER:
            continue
        numbers = f"{one.full}, {one.target}"
        waiting = [row for row in source.moving(one.kpi, one.column.code) if row["stage"] in _STARTABLE]
        if waiting:
            why = f"{one.title} will go on missing its target as it runs ({numbers}), and nothing runs for it."
            yield _begin(source, waiting[0], why), waiting[0]["code"]
        else:
            why = (
                f"As it runs it will go on missing its target ({numbers}); nothing runs for it, and nothing is planned."
            )
            yield Item(f"Name who takes on “{one.title}”", why), ""


def _for_pain(source: Source) -> Iterable[tuple[Item, str]]:
    """The two heaviest themes that nothing answers, with what is planned for their department."""
    weight = source.sections["coverage"]["weight"]
    for line in source.sections["coverage"]["orphaned_pain"][:2]:
        share = f"{number(100 * line['uncovered'] / weight)} %" if weight else ""
        where = source.departments.get(line["department"], line["department"])
        yield (
            Item(f"Name who answers “{line['theme']}” ({where})", f"{share} of all pain, and nothing runs for it."),
            "",
        )


def _keep_or_stop(source: Source) -> Iterable[tuple[Item, str]]:
    for one in source.sections["initiatives"]:
        redated = max((reason["redated"] for reason in one["reasons"]), default=0)
        if one["status"] == ScheduleStatus.LATE and redated >= _LONG_REDATED:
            due = date.fromisoformat(one["due"]) if one["due"] else None
            words = f"Late, {slip_words(_slip(one), redated)}."
            yield _item(source, one, f"Keep or stop “{one['title']}”{_money(source, one)}", words, due), one["code"]


def _begin(source: Source, one: Mapping[str, Any], why: str) -> Item:
    words = f"{_STARTABLE[one['stage']]} “{one['title']}”{_money(source, one)}"
    due = date.fromisoformat(one["due"]) if one["due"] else None
    return _item(source, one, words, why, due)


def _item(source: Source, one: Mapping[str, Any], what: str, detail: str, due: date | None) -> Item:
    owner = source.people.get(one["owner"]["person"], "") if one["owner"] else ""
    where = source.departments.get(one["department"], "") if one["department"] else ""
    return Item(what, detail, ", ".join(part for part in (owner or "no owner", where) if part), due)


def _money(source: Source, one: Mapping[str, Any]) -> str:
    if one["cost"] is None:
        return ""
    return f" ({money(source, one['cost'])})"


def money(source: Source, text: str) -> str:
    """``420 k€``, ``97.4 k€``, ``2,100 k€``: an amount in the company's currency, all of a pack in one scale."""
    currency = source.company.currency
    return f"{trimmed(Fraction(text) / 1000, 1)} {Style('currency', currency, scale=_THOUSANDS).label}"


def _slip(one: Mapping[str, Any]) -> int:
    if not (one["due"] and one["baseline_due"]):
        return 0
    return (date.fromisoformat(one["due"]) - date.fromisoformat(one["baseline_due"])).days


# -- dates


def _due(source: Source) -> list[Item]:
    """What runs or is approved and falls due after the period, the first first."""
    coming = [
        one
        for one in source.sections["initiatives"]
        if (one["running"] or one["stage"] == Stage.APPROVED) and one["due"] and one["due"] > source.as_of.isoformat()
    ]
    return [
        _item(source, one, one["title"], _status_words(one), date.fromisoformat(one["due"]))
        for one in sorted(coming, key=lambda one: (one["due"], one["code"]))
    ]


def _status_words(one: Mapping[str, Any]) -> str:
    if not one["running"]:
        return "not started"
    progress = "" if one["progress"] is None else f", {one['progress']} %"
    return f"{ScheduleStatus(one['status']).label}{progress}"


# -- targets


def _targets(source: Source) -> list[Item]:
    """How the targets of the next period differ from those of this one, the largest steps first: by KPI the tiers."""
    following = source.period.next
    coming = MatrixBuilder(following, source.today, compared=False, charted=False).build()
    then = {(row.kpi.code, cell.tier.code): cell for row in coming.rows for cell in row.cells}
    found = []
    for row in source.matrix.rows:
        style = style_of(row.kpi, source.company.currency, [cell.actual for cell in row.cells])
        steps = [
            (cell, after)
            for cell in row.cells
            if (after := then.get((row.kpi.code, cell.tier.code))) and _differ(cell, after)
        ]
        if steps:
            words = [_step(cell, after, style, row.kpi.direction) for cell, after in steps[:3]]
            more = [f"{len(steps) - 3} more"] if len(steps) > 3 else []
            found.append((len(steps), Item(row.kpi.name, "; ".join([*words, *more]), period_name(following))))
    return [item for _, item in sorted(found, key=lambda pair: -pair[0])]


def _differ(now: Cell, then: Cell) -> bool:
    both = (now.target, now.low, now.high), (then.target, then.low, then.high)
    return both[0] != both[1] and any(part is not None for part in both[1])


def _step(now: Cell, then: Cell, style: Style, direction: str) -> str:
    style = style.told_apart(now.target, (then.target,))
    after = aim_words(style, direction, then)
    if now.target is None and now.low is None:
        return f"{now.tier.name} {after}, none before"
    before = aim_words(style, direction, now).removeprefix("at most ").removeprefix("at least ")
    return f"{now.tier.name} {after}, now {before}"


def _waiting() -> str:
    """How many proposed targets wait for finance; empty for none."""
    count = Target.objects.filter(state=TargetState.PROPOSED).count()
    verb = "waits" if count == 1 else "wait"
    return f"{counted(count, 'proposed target')} {verb} for finance’s decision." if count else ""


# -- questions and actions


def _asks(source: Source) -> list[Item]:
    return [
        Item(_short(one.question.text), one.subject.title, f"{one.question.by} asks", one.question.at.date())
        for one in open_asks(source.reader)
    ]


def _actions(source: Source) -> list[Item]:
    return [
        Item(
            _short(action.text),
            one.subject.title,
            str(action.owner),
            action.due,
            f"{counted((source.today - action.due).days, 'day')} overdue" if action.due < source.today else "",
        )
        for action, one in open_actions(source.reader)
    ]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
