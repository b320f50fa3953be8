"""What an incentive goal pays, once more from the rules alone: of an edition's document as it stands in JSON.

What a document has not is told beside it: whether the KPI still means what it did at the approval, the baseline due
dates of that day, and who was let off by an executive. A benefit of the document holds ``kind`` (``money`` or
``kpi``), ``months`` (what was entered, by ``2011-09``) and ``rate`` (company money for one of its currency, or null).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

Document = Mapping[str, Any]
COUNTED = ("met", "near", "missed", "no_target")


@dataclass(frozen=True)
class Goal:
    """A goal as it was approved, and what was decided of it since.

    ``months`` are those of its period. ``due``: the baseline due date of each initiative on the day of approval;
    ``let_off``: since when one was cancelled or on hold with an executive's approval. ``decided``: what finance lets
    it pay where it can't be measured. ``unconfirmed``: somebody whose goal it is entered what nobody has confirmed.
    """

    code: str
    weight: Fraction
    measure: str
    threshold: Fraction
    target: Fraction
    maximum: Fraction
    at_threshold: Fraction
    at_maximum: Fraction
    months: tuple[str, ...] = ()
    kpi: str = ""
    tier: str = "all"
    initiatives: tuple[str, ...] = ()
    same_version: bool = True
    due: Mapping[str, date] = field(default_factory=dict)
    let_off: Mapping[str, date] = field(default_factory=dict)
    decided: Fraction | None = None
    unconfirmed: bool = False


@dataclass(frozen=True)
class Line:
    """A goal on a statement: ``points`` are what it adds to the whole, in percent; ``left_out`` names benefits."""

    code: str
    value: Fraction | None
    state: str
    pays: Fraction
    points: Fraction
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Adjustment:
    """What a further edition changes: by goal and in all, in percent, with the edition and why there is one."""

    edition: int
    reason: str | None
    by_goal: dict[str, Fraction]
    difference: Fraction


def number(text: str | None) -> Fraction | None:
    """A decimal as text."""
    return None if text is None else Fraction(text)


def pay_out(goal: Goal, value: Fraction) -> Fraction:
    """In percent: 0 below the threshold, 100 at the target, linear between the points, the maximum beyond it."""
    sign = 1 if goal.maximum > goal.threshold else -1
    at, low, aim, high = (sign * one for one in (value, goal.threshold, goal.target, goal.maximum))
    if at < low:
        return Fraction(0)
    if at < aim:
        return goal.at_threshold + (at - low) / (aim - low) * (100 - goal.at_threshold)
    if at < high:
        return 100 + (at - aim) / (high - aim) * (goal.at_maximum - 100)
    return goal.at_maximum


def is_in_order(goal: Goal) -> bool:
    """Threshold, target and maximum strictly one way."""
    return goal.threshold < goal.target < goal.maximum or goal.threshold > goal.target > goal.maximum


def of_cell(document: Document, goal: Goal) -> Fraction | None:
    """The cell's actual; of numerator and denominator where it is what these give."""
    rows = [row for row in document["matrix"]["rows"] if row["kpi"] == goal.kpi]
    cells = [cell for row in rows for cell in row["cells"] if cell["tier"] == goal.tier]
    if not cells or not goal.same_version or rows[0]["direction"] == "range" or cells[0]["status"] not in COUNTED:
        return None
    cell, actual = cells[0], Fraction(cells[0]["actual"])
    above, below = number(cell.get("numerator")), number(cell.get("denominator"))
    if above is None or not below:
        return actual
    percent = rows[0]["unit"] == "percent" and cell["method"]["customers"] == "ratio"
    exact = above / below * (100 if percent else 1)
    places = len(cell["actual"].partition(".")[2])
    return exact if rounded(exact, places) == actual else actual


def rounded(value: Fraction, places: int) -> Fraction:
    """Half away from zero."""
    whole = int(abs(value) * 10**places + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**places)


def on_time(document: Document, goal: Goal) -> Fraction | None:
    """Of those due in the period, but for those let off before, the share finished by their baseline date."""
    states = {one["code"]: one for one in document["initiatives"]}
    finished, counted = 0, 0
    for code in goal.initiatives:
        due, row = goal.due.get(code), states.get(code, {})
        if due is None or f"{due:%Y-%m}" not in goal.months:
            continue
        let_off = goal.let_off.get(code)
        if row.get("stage") in ("cancelled", "on_hold") and let_off is not None and let_off < due:
            continue
        counted += 1
        finished += row.get("stage") == "done" and date.fromisoformat(row["finished_on"]) <= due
    return Fraction(finished * 100, counted) if counted else None


def growth(document: Document, goal: Goal) -> Fraction | None:
    """Joined and returned, less left."""
    rows = [row for row in document["growth"]["rows"] if row["tier"] == goal.tier]
    return Fraction(rows[0]["joined"] + rows[0]["returned"] - rows[0]["left"]) if rows else None


def composite(document: Document, goal: Goal) -> Fraction | None:
    """The index of a tier, as shown."""
    return next((number(row["index"]) for row in document["composite"] if row["tier"] == goal.tier), None)


def benefit(document: Document, goal: Goal) -> Fraction | None:
    """What was entered in the period's months for benefits in money, in company money."""
    entered = [
        Fraction(value) * Fraction(row["rate"])
        for row in document["benefits"]
        if row["initiative"] in goal.initiatives and row["kind"] == "money" and row["rate"] is not None
        for month, value in row["months"].items()
        if month in goal.months
    ]
    return sum(entered, Fraction(0)) if entered else None


def left_out(document: Document, goal: Goal) -> tuple[str, ...]:
    """The benefits in a KPI or without a rate, by initiative and name."""
    if goal.measure != "benefit":
        return ()
    return tuple(
        f"{row['initiative']} {row['name']}"
        for row in document["benefits"]
        if row["initiative"] in goal.initiatives and (row["kind"] != "money" or row["rate"] is None)
    )


MEASURES = {"cell": of_cell, "on_time": on_time, "growth": growth, "composite": composite, "benefit": benefit}


def line(document: Document, goal: Goal) -> Line:
    """A goal by an edition: measured, not confirmed (pays nothing until it is), not measurable, or decided by finance.

    What finance decided counts only where it can't be measured.
    """
    value = MEASURES[goal.measure](document, goal)
    if value is None:
        state = "not_measurable" if goal.decided is None else "decided"
        pays = goal.decided or Fraction(0)
    elif goal.unconfirmed:
        state, pays = "not_confirmed", Fraction(0)
    else:
        state, pays = "measured", pay_out(goal, value)
    return Line(goal.code, value, state, pays, goal.weight * pays / 100, left_out(document, goal))


def statement(document: Document, goals: Sequence[Goal]) -> tuple[list[Line], Fraction]:
    """The lines of a person, and what they pay together, in percent: no weight is spread over the others."""
    lines = [line(document, goal) for goal in goals]
    return lines, sum((one.points for one in lines), Fraction(0))


def adjustment(before: Document, after: Document, goals: Sequence[Goal]) -> Adjustment:
    """What a further edition changes of the statement that another gave."""
    old, new = statement(before, goals), statement(after, goals)
    pairs = zip(old[0], new[0], strict=True)
    by_goal = {then.code: now.points - then.points for then, now in pairs if now.points != then.points}
    return Adjustment(after["edition"], after["reason"], by_goal, new[1] - old[1])


def shown(value: Fraction) -> str:
    """With one decimal, half away from zero, and no −0."""
    tenths = int(rounded(value, 1) * 10)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"


def wrong_weights(goals: Sequence[tuple[Sequence[str], str, Fraction]]) -> dict[tuple[str, str], Fraction]:
    """Of goals (persons, period, weight) the person's sums by period that aren't 100; a team's counts for each."""
    sums: dict[tuple[str, str], Fraction] = {}
    for persons, period, weight in goals:
        for person in set(persons):
            sums[person, period] = sums.get((person, period), Fraction(0)) + weight
    return {key: total for key, total in sums.items() if total != 100}
