"""What led from an edition to what is live: each cell then and now, and the rows that add up to the difference.

Facts and corrected actuals are told row by row from the records. What is left between them and the difference is one
row: named where but one other thing happened since, ``other`` where several did or none is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from accounts.choices import Verb
from accounts.models import AuditEntry, LoadChange
from core.numbers import exact
from core.periods import Kind, Period, month_code
from customers.models import Tier
from kpis.choices import CustomerMethod, TargetState, TimeMethod
from kpis.models import CustomerMerge, Kpi, Target
from kpis.models.versions import VersionBook
from kpis.rollup.merging import window
from scorecard.models import Edition
from scorecard.reading.bridge_events import Cause, Event, Pair, read_events
from scorecard.reading.editions import DifferingCell, differences
from scorecard.reading.matrix_json import exact_text, moment

_VALUES = ("actual", "numerator", "denominator", "facts", "target", "low", "high", "status")
_AIMS = ("target", "low", "high")
OTHER = "other"


def differences_json(edition: Edition, period: Period, today: date) -> dict[str, Any]:
    """Every cell that differs from an edition by now, ready for JSON."""
    found = differences(edition, today, period)
    bridges = Bridges(found, edition, period)
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
class Step:
    """One row of a bridge: what changed the components, and the effect of that on the value, in the KPI's unit.

    None: the cell has no such number then or now. ``at`` and ``by`` (a person's key) are None where it is not one act.
    """

    cause: str
    at: datetime | None
    by: int | None
    reference: str | None
    numerator: Fraction | None
    denominator: Fraction | None
    facts: int
    effect: Fraction | None

    @property
    def plain(self) -> dict[str, Any]:
        """As the API gives it."""
        return {
            "cause": self.cause,
            "at": self.at and moment(self.at),
            "by": None if self.by is None else {"person": self.by},
            "reference": self.reference,
            "numerator": exact_text(self.numerator),
            "denominator": exact_text(self.denominator),
            "facts": self.facts,
            "effect": exact_text(self.effect),
        }


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a cell is made of: sums, and the number of facts."""

    numerator: Fraction = Fraction(0)
    denominator: Fraction = Fraction(0)
    facts: int = 0

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(self.numerator + other.numerator, self.denominator + other.denominator, self.facts + other.facts)

    def __neg__(self) -> _Sums:
        return _Sums(-self.numerator, -self.denominator, -self.facts)


class Bridges:
    """The bridges of the cells that differ from an edition. The same few queries whatever their number."""

    def __init__(self, found: Sequence[DifferingCell], edition: Edition, period: Period) -> None:
        self.period, self.since = period, edition.closed_at
        library, versions = VersionBook.library()
        codes = {one.kpi for one in found}
        self.kpis = {kpi.code: versions.at(kpi, period.last) for kpi in library if kpi.code in codes}
        self.tiers = dict(Tier.objects.values_list("code", "pk"))
        told = [kpi for kpi in self.kpis.values() if _adds_up(kpi, period)]
        months = sorted({month for kpi in told for month in window(kpi, period)})
        self.events: dict[int, list[Event]] = defaultdict(list)
        for event in read_events({kpi.source_id for kpi in told}, months, self.since) if told else ():
            self.events[event.kpi].append(event)
        self.rest = _Rest(self.since, period)

    def of(self, one: DifferingCell) -> list[Step]:
        """The rows of a cell, in the order of time; empty where nothing of it is another but its signal."""
        kpi = self.kpis.get(one.kpi)
        parts = list(self._told(one, kpi)) if kpi and _adds_up(kpi, self.period) else []
        steps = _with_effects(kpi, one, parts) if kpi and parts else []
        left = _left(one, steps)
        rest = [_without_absent(self.rest.step(one.kpi, *left), one)] if any(left) else []
        return [*steps, *rest, *self.rest.targets(one)]

    def _told(self, one: DifferingCell, kpi: Kpi) -> Iterable[tuple[Cause, _Sums]]:
        """What each act changed of the cell's components."""
        tier, months = self.tiers.get(one.tier), set(window(kpi, self.period))
        sums: dict[Cause, _Sums] = {}
        for event in self.events[kpi.source_id]:
            if tier in event.tiers and event.month in months:
                change = _sums_of(kpi, event.after) + -_sums_of(kpi, event.before)
                sums[event.cause] = sums.get(event.cause, _Sums()) + change
        return [(cause, change) for cause, change in sums.items() if change != _Sums()]


def _adds_up(kpi: Kpi, period: Period) -> bool:
    """Whether the cell's components are the sums of those of its facts."""
    method = kpi.method
    if kpi.calculated or method.customer == CustomerMethod.DISTINCT:
        return False
    alone = period.kind is Kind.MONTH and method.time != TimeMethod.TTM
    return alone or method.time.pools or (method.time == TimeMethod.SUM and method.customer == CustomerMethod.SUM)


def _sums_of(kpi: Kpi, pair: Pair | None) -> _Sums:
    if pair is None:
        return _Sums()
    above, below = exact(pair[0]), exact(pair[1]) if pair[1] is not None else Fraction(0)
    if kpi.method.customer == CustomerMethod.MEAN and pair[1] is None:
        below = Fraction(1)  # each fact is one
    return _Sums(above, below if not kpi.method.customer.adds_up else Fraction(0), 1)


def _with_effects(kpi: Kpi, one: DifferingCell, parts: Sequence[tuple[Cause, _Sums]]) -> list[Step]:
    """The rows with their effects, each on the value that those before it led to."""
    then = one.then or {}
    at = _Sums(_number(then.get("numerator")), _number(then.get("denominator")), then.get("facts", 0))
    divides = not kpi.method.customer.adds_up
    value, steps = _value(kpi, at), []
    for cause, change in parts:
        at = at + change
        now = _value(kpi, at)
        effect = _number(exact_text(now)) - _number(exact_text(value))  # as written, so that they add up
        steps.append(
            Step(
                *(cause.cause, cause.at, cause.by, cause.reference, change.numerator),
                *(change.denominator if divides else None, change.facts, effect),
            )
        )
        value = now
    return steps


def _value(kpi: Kpi, sums: _Sums) -> Fraction | None:
    """The value of components; None where nothing can be said."""
    if kpi.method.customer.adds_up:
        return sums.numerator
    if not sums.denominator:
        return None
    scale = 100 if kpi.method.customer == CustomerMethod.RATIO and kpi.method.percent else 1
    return sums.numerator * scale / sums.denominator


def _left(one: DifferingCell, steps: Sequence[Step]) -> tuple[Fraction, Fraction, int, Fraction]:
    """What the rows leave of the difference, as it is written: numerator, denominator, facts, effect."""
    then, now = one.then or {}, one.now or {}

    def left(name: str, told: Iterable[Fraction | None]) -> Fraction:
        whole = _number(now.get(name)) - _number(then.get(name))
        return whole - sum((_number(exact_text(part)) for part in told), Fraction(0))

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


class _Rest:
    """What else happened since an edition was signed, that no row of facts tells."""

    def __init__(self, since: datetime, period: Period) -> None:
        self.since, self.period = since, period
        entries = AuditEntry.objects.filter(at__gt=since).select_related(None)
        self.moves = list(entries.filter(object_type="customers.tiermembership").order_by("pk"))
        loaded = LoadChange.objects.filter(kind="tier_memberships").filter(load__at__gt=since)
        self.moved = bool(self.moves) or loaded.exists() or _undone(since)
        self.merges = list(CustomerMerge.objects.filter(at__gt=since))
        kinds = (Verb.CHANGED_MEANING, Verb.TOOK_BACK_MEANING, Verb.RETIRED, Verb.BROUGHT_BACK)
        self.of_kpis = list(entries.filter(object_type="kpis.kpi", verb__in=kinds))
        marks = (Verb.MARKED_COMPLETE, Verb.UNMARKED_COMPLETE)
        self.marks = list(entries.filter(verb__in=marks))
        decided = Target.objects.filter(decided_at__gt=since, state=TargetState.APPROVED)
        self.decided = list(decided.select_related("kpi", "tier"))

    def step(self, kpi: str, numerator: Fraction, denominator: Fraction, facts: int, effect: Fraction) -> Step:
        """What is left of a cell as one row."""
        cause, entry = self._cause(kpi)
        return Step(
            cause,
            entry.at if entry else None,
            entry.by_id if entry else None,
            f"{entry.object_type.split('.')[1]} {entry.object_id}" if entry else None,
            *(numerator, denominator, facts, effect),
        )

    def _cause(self, kpi: str) -> tuple[str, AuditEntry | None]:
        """The one other thing that happened, with its entry where it is one act; ``other`` for several or none."""
        codes = {month_code(month) for month in self.period.months}
        versions = [one for one in self.of_kpis if (one.after or one.before or {}).get("code") == kpi]
        marks = [one for one in self.marks if (one.after or one.before or {}).get("kpi") == kpi]
        marks = [one for one in marks if (one.after or one.before or {}).get("month") in codes]
        retired = {Verb.RETIRED, Verb.BROUGHT_BACK}
        found: dict[str, list[AuditEntry]] = {}
        if self.moved:
            found["tier move"] = self.moves
        if self.merges:
            found["customers merged"] = []
        for entry in versions:
            found.setdefault("KPI retired" if entry.verb in retired else "KPI version", []).append(entry)
        if marks:
            found["month marked complete"] = marks
        if len(found) != 1:
            return OTHER, None
        cause, entries = next(iter(found.items()))
        return cause, entries[0] if len(entries) == 1 else None

    def targets(self, one: DifferingCell) -> list[Step]:
        """A row for each approved version that may have changed what the cell is held against: no number moves."""
        if all((one.then or {}).get(name) == (one.now or {}).get(name) for name in _AIMS):
            return []
        rows = [row for row in self.decided if row.kpi.code == one.kpi and row.tier.code == one.tier]
        none = Fraction(0)
        return [
            Step("target", row.decided_at, row.decided_by_id, f"version {row.version}", none, None, 0, none)
            for row in rows
            if row.from_month <= self.period.last
        ]


def _undone(since: datetime) -> bool:
    return LoadChange.objects.filter(kind="tier_memberships", load__undone_at__gt=since).exists()
