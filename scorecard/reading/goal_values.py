"""What an incentive goal is measured at, from an edition's document alone: nothing here asks the database.

Source: semantics-more.md, Incentive goals. Where nothing can be said the reason is told, as a clause; who entered or
finished what the value is made of comes with it, by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from core.formatting import counted, sentence_list, short_day, trimmed
from core.numbers import rounded
from core.periods import Period, month_code
from customers.choices import TierScope
from initiatives.choices import BenefitKind, Stage
from kpis.choices import CustomerMethod, Direction, Status, Unit
from scorecard.choices import Measure
from scorecard.formulas.incentives import Finish, Points, share_on_time
from scorecard.reading.edition_evidence import entered_for

Document = Mapping[str, Any]
MEASURED = frozenset({Status.MET.value, Status.NEAR.value, Status.MISSED.value, Status.NO_TARGET.value})
ALL = TierScope.ALL.value
_LEFT = frozenset({Stage.CANCELLED.value, Stage.ON_HOLD.value})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version of a goal says, as plain values. ``kpi`` and ``tier`` are codes, empty for none; ``members`` are
    people by key; ``frozen`` is what was so when it was approved (``scorecard.models.GoalVersion``).
    """

    measure: Measure
    points: Points
    weight: Fraction
    kpi: str = ""
    tier: str = ALL
    initiatives: tuple[str, ...] = ()
    members: frozenset[int] = frozenset()
    frozen: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """The value of a goal, exactly; None with ``why`` where it is not measurable. ``made_of`` says in words with the
    numbers how it came about, ``left_out`` what does not count in it, ``people`` who entered or finished it.
    """

    value: Fraction | None
    made_of: str = ""
    why: str = ""
    left_out: tuple[str, ...] = ()
    people: frozenset[int] = frozenset()


def measure(terms: Terms, document: Document, period: Period) -> Measured:
    """The value of a goal by a document of its period."""
    return _MEASURES[terms.measure](terms, document, period)


def _not(why: str, left_out: Iterable[str] = ()) -> Measured:
    return Measured(None, why=why, left_out=tuple(left_out))


# -- a cell


def _cell(terms: Terms, document: Document, period: Period) -> Measured:
    rows = document["matrix"]["rows"]
    row = next((one for one in rows if one["kpi"] == terms.kpi), None)
    cell = next((one for one in row["cells"] if one["tier"] == terms.tier), None) if row else None
    if row is None or cell is None:
        return _not("the scorecard of the period has no such cell")
    if row["direction"] == Direction.RANGE:
        return _not("the KPI is held within a range, in which more is not better")
    if meaning_of(row, cell, document) != _known(terms.frozen, meaning_of(row, cell, document)):
        return _not("the KPI means something else than when the goal was approved")
    if cell["status"] not in MEASURED or cell["actual"] is None:
        return _not(_WHY[cell["status"]])
    value, made_of = _exact(row, cell)
    people = entered_for(document.get("evidence", {}), {terms.kpi}, terms.tier)
    with_data, expected = cell.get("months_with_data", 0), cell.get("months_expected", 0)
    lacking = (f"{expected - with_data} of {expected} months, without data",) if with_data < expected else ()
    return Measured(value, made_of, left_out=lacking, people=frozenset(people))


_WHY = {Status.PARTIAL.value: "the cell is partial: months of it are missing", Status.NO_DATA.value: "there is no data"}


def meaning_of(row: Mapping[str, Any], cell: Mapping[str, Any], document: Document) -> dict[str, Any]:
    """What a KPI means in a document: its version where that is told, its unit, direction and method."""
    versions = document.get("evidence", {}).get("versions", {})
    told = {"version": versions[row["kpi"]]} if row["kpi"] in versions else {}
    return {**told, "unit": row["unit"], "direction": row["direction"], "method": cell["method"]}


def _known(frozen: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was known of the KPI at the approval, of what is told now; what nobody kept counts as the same."""
    kept = (frozen or {}).get("kpi") or {}
    return {name: kept.get(name, value) for name, value in now.items()}


def _exact(row: Mapping[str, Any], cell: Mapping[str, Any]) -> tuple[Fraction, str]:
    """The value as a fraction of what it is made of where that is told and gives it, else as it is written."""
    actual, above, below = (cell[name] for name in ("actual", "numerator", "denominator"))
    written = Fraction(actual)
    if above is None or below is None or not Fraction(below):
        return written, trimmed(written, 4)
    hundred = row["unit"] == Unit.PERCENT and cell["method"]["customers"] == CustomerMethod.RATIO
    value = Fraction(above) / Fraction(below) * (100 if hundred else 1)
    if rounded(value) != rounded(written):
        return written, trimmed(written, 4)  # a mean of months: its parts say something else
    times = f"{trimmed(Fraction(100), 0)} × " if hundred else ""
    return value, f"{times}{trimmed(Fraction(above), 4)} ÷ {trimmed(Fraction(below), 4)} = {trimmed(value, 4)}"


# -- initiatives


def _on_time(terms: Terms, document: Document, period: Period) -> Measured:
    if not terms.initiatives:
        return _not("no initiative is named")
    known = {one["code"]: one for one in document["initiatives"]}
    due = (terms.frozen or {}).get("due", {})
    finishes = {code: _finish(known.get(code), due.get(code)) for code in terms.initiatives}
    counted_in = {code for code, one in finishes.items() if one.counts(period.first_day, period.last_day)}
    share = share_on_time(finishes.values(), period.first_day, period.last_day)
    left_out = tuple(_why_out(code, one) for code, one in finishes.items() if code not in counted_in)
    if share is None:
        return _not("none of the initiatives named was due in the period", left_out)
    in_time = [code for code in finishes if code in counted_in and finishes[code].in_time]
    enders = (known[code].get("finished_by") for code in in_time)
    lot = counted(len(counted_in), "initiative")
    return Measured(
        share,
        f"{len(in_time)} of {lot} due in the period finished on time: {trimmed(share, 4)} %",
        left_out=left_out,
        people=frozenset(one["person"] for one in enders if one),
    )


def _finish(row: Mapping[str, Any] | None, due: str | None) -> Finish:
    """An initiative of a document; without a day frozen at the approval it was not due."""
    day = date.fromisoformat(due) if due else None
    if row is None:
        return Finish(day, None)
    finished = row["finished_on"] if row["stage"] == Stage.DONE else None
    stopped = row.get("stopped_on") if row["stage"] in _LEFT else None
    return Finish(day, *(date.fromisoformat(one) if one else None for one in (finished, stopped)))


def _why_out(code: str, one: Finish) -> str:
    if one.due is None:
        return f"{code} had no baseline due date when the goal was approved"
    if one.let_go_on is not None and one.let_go_on < one.due:
        return f"{code} was stopped on {short_day(one.let_go_on)}, with an executive’s approval"
    return f"{code} was due on {short_day(one.due)}, not in the period"


def _benefit(terms: Terms, document: Document, period: Period) -> Measured:
    if not terms.initiatives:
        return _not("no initiative is named")
    rows = [one for one in document["benefits"] if one["initiative"] in terms.initiatives]
    if any("entered" not in one for one in rows):
        return _not("the edition was issued before editions held the months of benefits")
    money = [one for one in rows if one["kind"] == BenefitKind.MONEY and one["rate"] is not None]
    left_out = [_left_out(one) for one in rows if one not in money]
    months = {month_code(month) for month in period.months}
    entries = [(one, entry) for one in money for entry in one["entered"] if entry["month"] in months]
    if not entries:
        return _not("nothing was entered for benefits in money", left_out)
    total = sum((Fraction(entry["value"]) * Fraction(one["rate"]) for one, entry in entries), Fraction(0))
    return Measured(
        total,
        f"{' + '.join(_product(one, entry) for one, entry in entries)} = {trimmed(total, 4)}",
        left_out=tuple(left_out),
        people=frozenset(entry["by"]["person"] for _, entry in entries if entry["by"]),
    )


def _left_out(one: Mapping[str, Any]) -> str:
    why = "counts in a KPI" if one["kind"] != BenefitKind.MONEY else f"has no rate of {one['currency']}"
    return f"{one['name']} of {one['initiative']} {why}"


def _product(one: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    value, rate = trimmed(Fraction(entry["value"]), 4), Fraction(one["rate"])
    return value if rate == 1 else f"{value} × {trimmed(rate, 8)}"


# -- growth and composite


def _growth(terms: Terms, document: Document, period: Period) -> Measured:
    row = next((one for one in document["growth"]["rows"] if one["tier"] == terms.tier), None)
    if row is None:
        return _not("growth has no such tier in the period")
    joined, returned, left = (int(row[name]) for name in ("joined", "returned", "left"))
    value = Fraction(joined + returned - left)
    people = frozenset(one["person"] for one in document.get("evidence", {}).get("growth", ()))
    made_of = f"{joined:,} joined + {returned:,} returned − {left:,} left = {trimmed(value, 0)}"
    return Measured(value, made_of, people=people)


def _composite(terms: Terms, document: Document, period: Period) -> Measured:
    row = next((one for one in document["composite"] if one["tier"] == terms.tier), None)
    if row is None:
        return _not("no weights were written for the period")
    missing = row.get("missing", ())
    if row["index"] is None:
        lacking = sentence_list(missing)
        return _not(f"less than 75 % of the weight has a verdict{f'; {lacking} have none' if lacking else ''}")
    value = Fraction(row["index"])
    evidence = document.get("evidence", {})
    kpis = set(evidence.get("weighed", ())) - set(missing)
    people = frozenset(entered_for(evidence, kpis, terms.tier))
    return Measured(value, f"index {trimmed(value, 1)}", people=people)


_MEASURES: dict[Measure, Callable[[Terms, Document, Period], Measured]] = {
    Measure.CELL: _cell,
    Measure.ON_TIME: _on_time,
    Measure.BENEFIT: _benefit,
    Measure.GROWTH: _growth,
    Measure.COMPOSITE: _composite,
}
