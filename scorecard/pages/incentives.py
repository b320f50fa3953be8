"""Statements of incentive goals as plain values: each line with its numbers put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import Company, User
from core.formatting import counted, currency_sign, number, period_name, sentence_list, short_day, trimmed, with_mark
from core.numbers import NumberError
from core.reader import decimal_sign
from core.typed import read_typed
from kpis.choices import Unit
from scorecard.choices import Measure, Standing
from scorecard.formulas.incentives import Piece, Points, weighted
from scorecard.models import Edition, GoalVersion
from scorecard.reading.incentives import Line, Outcome, Statement, what_if
from scorecard.reading.subjects import GOAL

IF = "if_"  # before a goal's code, in the address of a what-if


def percent(value: Fraction) -> str:
    """With one decimal: ``82.5 %``."""
    return f"{number(value, 1)} %"


@dataclass(frozen=True, slots=True)
class ShownAdjustment:
    """What a further edition changed: ``+12.5 %``, which edition, and why it was issued."""

    difference: str
    edition: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """One of the three points: the value and what is paid at it."""

    name: str
    value: str
    paid: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A goal as a statement shows it. ``formula`` is the pay-out with the numbers put in, ``why`` the reason where
    nothing was measured, ``said`` who wrote, approved, entered, confirmed and decided, a sentence each.
    """

    code: str
    url: str
    asks: str
    title: str
    team: str
    weight: str
    points: tuple[ShownPoint, ...]
    standing: Standing
    value: str
    made_of: str
    formula: str
    paid: str
    part: str
    why: str
    said: tuple[str, ...]
    left_out: tuple[str, ...]
    adjustments: tuple[ShownAdjustment, ...]
    counts: bool
    what_if: WhatIf


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A field to try another value: its name in the address, what was typed, what that would pay, what is wrong."""

    name: str
    typed: str
    paid: str
    problem: str


@dataclass(frozen=True, slots=True)
class ShownEdition:
    """An edition behind a statement: ``Edition 1``, when it was signed, its digest in full."""

    name: str
    url: str
    closed: str
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A period of which there are goals."""

    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A statement. ``heading`` says of whom and when, ``state`` by what, ``weights`` what is wrong with the weights
    (empty where they sum to 100), ``sum`` how the total came about with the numbers put in.
    """

    person: User
    own: bool
    period: str
    heading: str
    state: str
    total: str
    sum: str
    weights: str
    lines: tuple[ShownLine, ...]
    editions: tuple[ShownEdition, ...]
    choices: tuple[Choice, ...]
    pdf: str
    if_total: str
    tried: bool


def statement_page(
    statement: Statement, company: Company, *, own: bool, choices: Sequence[Choice] = (), typed: Mapping[str, str]
) -> StatementPage:
    """A person's statement of a period; ``typed`` are the values of a what-if, by the names of their fields."""
    people = names_of(statement.lines)
    lines = tuple(shown_line(line, company, people, typed) for line in statement.lines)
    tried = [one for one in lines if one.what_if.typed]
    args = [statement.person.pk, statement.period.code]
    return StatementPage(
        person=statement.person,
        own=own,
        period=statement.period.code,
        heading=period_name(statement.period),
        state=state_words(statement),
        total=percent(statement.total),
        sum=_sum_words(statement),
        weights=_weight_words(statement),
        lines=lines,
        editions=tuple(_edition(one, company) for one in statement.editions),
        choices=tuple(choices),
        pdf=reverse("incentive_statement_pdf", args=args),
        if_total=percent(_if_total(statement, typed)) if tried else "",
        tried=bool(tried),
    )


def state_words(statement: Statement) -> str:
    """By what a statement is: an estimate, or the latest edition."""
    if not statement.editions:
        return f"Estimate from live numbers: {period_name(statement.period)} has not been closed. An edition decides."
    last, name = statement.editions[-1], period_name(statement.period)
    return f"By edition {last.number} of {name}, signed on {short_day(localdate(last.closed_at))}."


def _sum_words(statement: Statement) -> str:
    """``60 % × 75.0 % + 40 % × 100.0 % = 85.0 %``."""
    parts = [f"{trimmed(line.terms.weight, 4)} % × {percent(line.paid)}" for line in statement.counted]
    return f"{' + '.join(parts)} = {percent(statement.total)}" if parts else ""


def _weight_words(statement: Statement) -> str:
    if statement.whole or not statement.lines:
        return ""
    waiting = sum(not line.counts for line in statement.lines)
    verb = "waits" if waiting == 1 else "wait"
    missing = f"; {counted(waiting, 'goal')} {verb} for approval" if waiting else ""
    weighs = trimmed(statement.weights, 4)
    return f"The approved goals weigh {weighs} % together, not 100{missing}: this is not the whole."


def _if_total(statement: Statement, typed: Mapping[str, str]) -> Fraction:
    return weighted((line.terms.weight, _tried(line, typed)[0] or line.paid) for line in statement.counted)


def _tried(line: Line, typed: Mapping[str, str]) -> tuple[Fraction | None, str]:
    """What a goal would pay at the value that was typed, or what is wrong with it; neither where none was."""
    text = typed.get(f"{IF}{line.goal.code}", "").strip()
    if not text:
        return None, ""
    try:
        return what_if(line, Fraction(read_typed(text, decimal_sign(), ("%",)))), ""
    except NumberError as error:
        return None, f"“{text[:40]}” {error}."


# -- one line


def names_of(lines: Iterable[Line]) -> dict[int, str]:
    """What the people behind lines are called, by key: one query, none where nobody is."""
    keys = {one for line in lines for outcome in line.outcomes for one in outcome.measured.people}
    return {pk: str(person) for pk, person in User.objects.in_bulk(keys).items()} if keys else {}


def title_of(version: GoalVersion) -> str:
    """What a goal is of: ``Net revenue, Gold``; ``Initiatives finished on time: portal, claims``."""
    label = Measure(version.measure).label
    tier = version.tier.name if version.tier else "All customers"
    if version.measure == Measure.CELL and version.kpi is not None:
        return f"{version.kpi.name}, {tier}"
    if Measure(version.measure).names_initiatives:
        return f"{label}: {', '.join(version.initiatives)}"
    return f"{label}: {tier}"


def unit_of(version: GoalVersion, company: Company) -> str:
    """What its values are counted in: ``%``, ``EUR``; empty for plain numbers."""
    if version.measure == Measure.ON_TIME:
        return "%"
    if version.measure == Measure.BENEFIT:
        return currency_sign(company.currency)
    if version.kpi is None:
        return ""
    unit = version.kpi.unit
    signs = {
        Unit.PERCENT: "%",
        Unit.DAYS: "days",
        Unit.CURRENCY: currency_sign(version.kpi.currency or company.currency),
    }
    return signs.get(Unit(unit), "")


def shown_line(line: Line, company: Company, people: Mapping[int, str], typed: Mapping[str, str]) -> ShownLine:
    """A goal as a statement or its page shows it; ``typed`` are the values of a what-if."""
    unit, last, version = unit_of(line.version, company), line.last, line.version
    value = last.measured.value if last else None
    tried, problem = _tried(line, typed)
    name = f"{IF}{line.goal.code}"
    return ShownLine(
        code=line.goal.code,
        url=reverse("incentive_goal", args=[line.goal.code]),
        asks=reverse("asks", args=[GOAL, line.goal.code]),
        title=title_of(version),
        team=line.goal.team_name or ("a team" if line.goal.person_id is None else ""),
        weight=f"{trimmed(line.terms.weight, 4)} %",
        points=points_shown(line.terms.points, unit),
        standing=line.standing,
        value="" if value is None else with_mark(trimmed(value, 4), unit),
        made_of=last.measured.made_of if last else "",
        formula="" if value is None else formula_words(line.terms.points, value),
        paid=percent(line.paid) if last else "",
        part=percent(line.part) if last else "",
        why=last.measured.why if last else "",
        said=tuple(_said(line, people)),
        left_out=last.measured.left_out if last else (),
        adjustments=tuple(_adjustment(one) for one in line.adjustments),
        counts=line.counts,
        what_if=WhatIf(name, typed.get(name, "")[:40], "" if tried is None else percent(tried), problem),
    )


def points_shown(points: Points, unit: str) -> tuple[ShownPoint, ...]:
    """Threshold, target and maximum with what is paid at each."""
    return (
        ShownPoint("Threshold", with_mark(trimmed(points.threshold, 4), unit), f"{trimmed(points.at_threshold, 4)} %"),
        ShownPoint("Target", with_mark(trimmed(points.target, 4), unit), "100 %"),
        ShownPoint("Maximum", with_mark(trimmed(points.maximum, 4), unit), f"{trimmed(points.at_maximum, 4)} %"),
    )


def formula_words(points: Points, value: Fraction) -> str:
    """``50 + (100 − 50) × (85 − 80) ÷ (90 − 80) = 75.0 %``."""
    piece = points.piece(value)
    if piece is Piece.BELOW:
        side = "above" if points.lower_is_better else "below"
        return f"{trimmed(value, 4)} is {side} the threshold of {trimmed(points.threshold, 4)}: 0.0 %"
    if piece is Piece.BEYOND:
        return f"{trimmed(value, 4)} reaches the maximum of {trimmed(points.maximum, 4)}: {percent(points.at_maximum)}"
    begin, at_begin, end, at_end = (trimmed(one, 4) for one in points.ends(piece))
    paid = points.ends(piece)
    exact = paid[1] + (paid[3] - paid[1]) * (value - paid[0]) / (paid[2] - paid[0])
    shown = trimmed(value, 4)
    return f"{at_begin} + ({at_end} − {at_begin}) × ({shown} − {begin}) ÷ ({end} − {begin}) = {percent(exact)}"


def _said(line: Line, people: Mapping[int, str]) -> Iterator[str]:
    version, last = line.version, line.last
    writer = version.written_by or "the command line"
    yield f"Version {version.number}, written by {writer} on {short_day(localdate(version.written_at))}."
    if version.approved_at is not None:
        late = f", after the period began: {version.why.rstrip('.')}" if version.why else ""
        yield f"Approved by {version.approved_by} on {short_day(localdate(version.approved_at))}{late}."
    if last is None:
        return
    own = sentence_list(sorted(people.get(one, "somebody") for one in last.measured.people & line.terms.members))
    if last.confirmed is not None:
        yield f"Entered by {own}, confirmed by {last.confirmed.by} on {short_day(localdate(last.confirmed.at))}."
    elif last.standing is Standing.UNCONFIRMED and last.waits is not None:
        yield f"Entered by {own}: not confirmed. Once it is, {percent(last.waits)} are paid."
    elif own:
        yield f"Entered by {own}: it counts once finance or an executive, not of the goal, has confirmed it."
    yield from _decided(last)


def _decided(last: Outcome) -> Iterator[str]:
    row = last.decision
    if row is None:
        if last.standing is Standing.UNMEASURABLE:
            yield "0 % are paid until two of finance decide."
        return
    said = f"{trimmed(row.percent, 4)} %, says {row.by}: {row.reason}"
    if row.agreed_by is not None and row.agreed_at is not None:
        yield f"{said} Agreed by {row.agreed_by} on {short_day(localdate(row.agreed_at))}."
    else:
        yield f"{said} It counts once another of finance agrees."


def _adjustment(one: Outcome) -> ShownAdjustment:
    assert one.difference is not None and one.edition is not None  # noqa: S101, PT018 - it is an adjustment
    sign = "+" if one.difference > 0 else ""
    waits = " (waits to be confirmed)" if one.standing is Standing.UNCONFIRMED else ""
    return ShownAdjustment(f"{sign}{percent(one.difference)}{waits}", f"Edition {one.edition.number}", one.reason)


def _edition(one: Edition, company: Company) -> ShownEdition:
    address = f"{reverse('scorecard', args=[one.period])}?edition={one.number}"
    return ShownEdition(f"Edition {one.number}", address, short_day(localdate(one.closed_at)), one.digest, "")
