"""What led from an edition to what is live: each cell then and now, and the rows that add up to the difference.

The record is laid backwards over what is there today (``bridge_events``, ``bridge_books``), and each act is a row of
the cells that it changed (``bridge_values``). What changed a verdict or a signal alone has rows without an effect
(``bridge_verdicts``). Where the record lacks something, what is left is a row that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from accounts.company import company
from core.periods import Month, Period, month_code
from customers.models import Tier
from kpis.formulas.calculated import read_formula
from kpis.models import Kpi, PeriodCell
from kpis.models.versions import MEANING, VersionBook
from kpis.reading.calculations import Calculations
from kpis.reading.signal_points import ALWAYS
from kpis.rollup.merging import window
from kpis.rollup.runs import is_owed
from kpis.rules.actual import newest_month
from scorecard.models import Edition
from scorecard.reading.bridge_books import Books, Window, count_customers, read_cells, read_marks, read_touched
from scorecard.reading.bridge_definitions import COMPLETE_WHEN, Defined
from scorecard.reading.bridge_events import Act, Cause, read_definitions, read_record
from scorecard.reading.bridge_values import Part, Replay, Said, counted_window
from scorecard.reading.bridge_verdicts import Verdicts
from scorecard.reading.editions import DifferingCell, differences
from scorecard.reading.matrix_json import exact_text, moment

_VALUES = ("actual", "numerator", "denominator", "facts", "target", "low", "high", "status")
OTHER, OWED = "not in the record", "a rollup is owed"


def differences_json(edition: Edition, period: Period, today: date) -> dict[str, Any]:
    """Every cell that differs from an edition by now, ready for JSON."""
    found = differences(edition, today, period)
    bridges = Bridges(found, edition, period, today)
    return {"edition": edition.number, "cells": [_cell(one, bridges) for one in found]}


def _cell(one: DifferingCell, bridges: Bridges) -> dict[str, Any]:
    return {
        "kpi": one.kpi,
        "tier": one.tier,
        "then": _values(one.then),
        "now": _values(one.now),
        "bridge": [step.plain for step in bridges.of(one)],
    }


def _values(cell: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: cell[name] for name in _VALUES} if cell else None


@dataclass(frozen=True, slots=True)
class Input:
    """What an act changed of the input of a calculated KPI, by its code: components, and its own value."""

    kpi: str
    numerator: Fraction | None
    denominator: Fraction | None
    facts: int
    effect: Fraction | None

    @property
    def plain(self) -> dict[str, Any]:
        """As the API gives it."""
        numbers = (exact_text(one) for one in (self.numerator, self.denominator, self.effect))
        above, below, effect = numbers
        return {"kpi": self.kpi, "numerator": above, "denominator": below, "facts": self.facts, "effect": effect}


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a bridge: what changed the components, and the effect of that on the value, in the KPI's unit.

    None: the cell has no such number then or now; ``effect`` is None where the verdict or the signal alone is another.
    ``at`` and ``by`` (a person's key) are None where it is not one act. ``month`` is the one whose data changed, of a
    value that isn't pooled, ``of`` the input by which a calculated value is another.
    """

    cause: str
    at: datetime | None
    by: int | None
    reference: str | None
    numerator: Fraction | None
    denominator: Fraction | None
    facts: int
    effect: Fraction | None
    month: Month | None = None
    of: Input | None = None

    @property
    def changes(self) -> bool:
        """Whether any number of the cell is another."""
        return any((self.numerator, self.denominator, self.facts, self.effect))

    @property
    def plain(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "cause": self.cause,
            "at": self.at and moment(self.at),
            "by": None if self.by is None else {"person": self.by},
            "reference": self.reference,
            "month": self.month and month_code(self.month),
            "numerator": exact_text(self.numerator),
            "denominator": exact_text(self.denominator),
            "facts": self.facts,
            "effect": exact_text(self.effect),
            "of": self.of and self.of.plain,
        }


class Bridges:
    """The bridges of the cells that differ from an edition. The same few queries whatever their number."""

    def __init__(self, found: Sequence[DifferingCell], edition: Edition, period: Period, today: date) -> None:
        self.period, self.since, self._today = period, edition.closed_at, today
        library, versions = VersionBook.library() if found else ([], VersionBook({}))
        self._kpis = {kpi.code: kpi for kpi in library}
        self._tiers = {tier.code: tier for tier in Tier.objects.all()}
        defined = {kpi.pk: Defined.of(kpi, _versions(kpi, versions)) for kpi in library}
        asked = {self._kpis[one.kpi].pk for one in found if one.kpi in self._kpis}
        self._behind = _behind(defined, period)
        self._verdicts = Verdicts(self.since, period, self._kpis, self._behind) if found else None
        self._replay = self._led_back(asked, defined) if asked else None

    def of(self, one: DifferingCell) -> list[Step]:
        """The rows of a cell, in the order of time."""
        kpi, tier = self._kpis.get(one.kpi), self._tiers.get(one.tier)
        told = self._replay.parts.get((kpi.pk, tier.pk), ()) if kpi and tier and self._replay else ()
        steps = [step for step in map(_step, told) if step.cause != COMPLETE_WHEN or step.changes]
        named = {(step.cause, step.reference) for step in steps}
        alone = dict.fromkeys(self._verdicts.of(one)) if self._verdicts else ()
        steps += [_alone(cause) for cause in alone if (cause.cause, cause.reference) not in named]
        steps.sort(key=lambda step: step.at or self.since)
        left = _left(one, steps)
        return [*steps, *([_without_absent(self._rest(*left), one)] if any(left) else [])]

    def _rest(self, numerator: Fraction, denominator: Fraction, facts: int, effect: Fraction) -> Step:
        cause = OWED if self._is_owed else OTHER
        return Step(cause, None, None, None, numerator, denominator, facts, effect)

    @cached_property
    def _is_owed(self) -> bool:
        return is_owed(newest_month(self._today))

    # -- what is led back

    def _led_back(self, asked: Collection[int], defined: dict[int, Defined]) -> Replay:
        changes = read_definitions(self.since, list(self._kpis.values()))
        needed = self._needed(asked, defined, changes)
        meant = list(_ever(needed, defined, changes, self.period))
        sources = {kpi.source_id for kpi, _ in meant}
        months = sorted({month for kpi, _ in meant if not kpi.calculated for month in window(kpi, self.period)})
        record = read_record(sources, months, self.since, list(self._kpis.values()))
        acts = sorted((*record.acts, *changes), key=lambda act: (act.cause.at, act.cause.cause))
        books = Books(
            *(list(self._tiers.values()), read_cells(sources, months), read_marks()),
            *(defined, self._kept_counts(meant[: len(needed)]), record),
        )
        books.counts |= count_customers({of for kpi, of in meant if _counts(kpi)} - books.counts.keys(), books.untiered)
        read_touched(books, sources, months, acts)
        replay = Replay(books, self.period, sorted(needed), company().calendar)
        replay.lead_back(acts)
        return replay

    def _needed(self, asked: Collection[int], defined: Mapping[int, Defined], changes: Sequence[Act]) -> set[int]:
        """What the cells are made of, and were by earlier formulas, and whose facts that is."""
        needed = {one for pk in asked for one in self._behind[pk]}
        formulas = [change.redefinition.formulas for change in changes if change.redefinition]
        codes = {code for found in formulas for formula in found for code in read_formula(formula).inputs}
        needed |= {one for code in codes if code in self._kpis for one in self._behind[self._kpis[code].pk]}
        return needed | {kpi.source_id for pk in needed if (kpi := defined[pk].kpi)}

    def _kept_counts(self, now: Iterable[tuple[Kpi, Window]]) -> dict[Window, dict[int, int]]:
        """Different customers by tier, of each KPI that counts them today, as cells keep them: one query."""
        kept = {(kpi.pk, self._code(kpi)): of for kpi, of in now if _counts(kpi)}
        found: dict[Window, dict[int, int]] = {one: {} for one in kept.values()}
        for row in PeriodCell.objects.of_periods({code for _, code in kept}).filter(kpi__in={pk for pk, _ in kept}):
            if (of := kept.get((row.kpi_id, row.period))) is not None:
                found[of][row.tier_id] = row.customers
        return found

    def _code(self, kpi: Kpi) -> str:
        """The period of the cells in which the value is stored."""
        return month_code(self.period.last) if kpi.method.counts_window else self.period.code


def _counts(kpi: Kpi) -> bool:
    """Whether it counts different customers over months."""
    return not kpi.calculated and kpi.method.counts_over_months


def _versions(kpi: Kpi, book: VersionBook) -> dict[Month, dict[str, Any]]:
    """The versions of a KPI by their months, none where it was never changed."""
    rows = book.all_of(kpi) if kpi.versions_from is not None else ()
    return {one.meant_since or ALWAYS: {name: getattr(one, name) for name in MEANING} for one in rows}


def _behind(defined: Mapping[int, Defined], period: Period) -> dict[int, frozenset[int]]:
    """All that each KPI's value is made of today, itself among it."""
    calculations = Calculations.of(one.meant(period.last) for one in defined.values())
    return {pk: calculations.behind(pk) for pk in defined}


def _ever(
    needed: Collection[int], defined: Mapping[int, Defined], changes: Sequence[Act], period: Period
) -> Iterable[tuple[Kpi, Window]]:
    """The KPIs in each meaning that they had since, today's first, with the months over which they count customers."""
    state = dict(defined)
    yield from (_meant(state, pk, period) for pk in needed)
    for change in reversed(changes):
        redefinition = change.redefinition
        if redefinition is not None and redefinition.kpi in needed:
            state[redefinition.kpi] = redefinition.undone(state[redefinition.kpi])
            yield from (
                _meant(state, pk, period)
                for pk in needed
                if redefinition.kpi in {pk, state[pk].meant(period.last).source_id}
            )


def _meant(state: Mapping[int, Defined], pk: int, period: Period) -> tuple[Kpi, Window]:
    kpi = state[pk].meant(period.last)
    return kpi, counted_window(kpi, period, state[kpi.source_id])


# -- rows


def _step(part: Part) -> Step:
    cause, numbers = part.cause, _between(part.before, part.after)
    of = Input(part.of[0].code, *_between(part.of[2], part.of[1])) if part.of else None
    return Step(cause.cause, cause.at, cause.by, cause.reference, *numbers, month=part.month, of=of)


def _alone(cause: Cause) -> Step:
    """A row of what changed the verdict or the signal alone."""
    return Step(cause.cause, cause.at, cause.by, cause.reference, None, None, 0, None)


def _between(before: Said, after: Said) -> tuple[Fraction | None, Fraction | None, int, Fraction | None]:
    """What changed of numerator, denominator, facts and value; values as they are written, so that they add up."""
    return (
        _difference(before.numerator, after.numerator),
        _difference(before.denominator, after.denominator),
        after.facts - before.facts,
        _difference(before.actual, after.actual) or Fraction(0),
    )


def _difference(before: Fraction | None, after: Fraction | None) -> Fraction | None:
    if before is None and after is None:
        return None
    return _number(exact_text(after)) - _number(exact_text(before))


def _left(one: DifferingCell, steps: Sequence[Step]) -> tuple[Fraction, Fraction, int, Fraction]:
    """What the rows leave of the difference, as it is written: numerator, denominator, facts, effect."""
    then, now = one.then or {}, one.now or {}

    def left(name: str, told: Iterable[Fraction | None]) -> Fraction:
        whole = _number(now.get(name)) - _number(then.get(name))
        return whole - sum((part or Fraction(0) for part in told), Fraction(0))

    return (
        left("numerator", (step.numerator for step in steps)),
        left("denominator", (step.denominator for step in steps)),
        (now.get("facts") or 0) - (then.get("facts") or 0) - sum(step.facts for step in steps),
        left("actual", (step.effect for step in steps)),
    )


def _without_absent(step: Step, one: DifferingCell) -> Step:
    """The row without a numerator or denominator that the cell has neither then nor now."""
    both = (one.then or {}, one.now or {})
    above, below = (any(cell.get(name) for cell in both) for name in ("numerator", "denominator"))
    return replace(step, numerator=step.numerator if above else None, denominator=step.denominator if below else None)


def _number(text: str | None) -> Fraction:
    return Fraction(text or 0)
