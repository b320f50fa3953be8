"""Lifecycle events that were or would be derived, as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from core.formatting import counted, month_name, short_day
from kpis.models import Kpi
from kpis.reading.lifecycle import Derivation, Derived, MonthEvents, derivations


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """What was derived from a KPI with a window."""

    name: str
    one: Derivation
    window: str
    since: str


@dataclass(frozen=True, slots=True)
class ShownDerived:
    """What deriving would give: a sentence, what of it is new, who is left alone, and the months, newest first."""

    derived: Derived
    headline: str
    changes: str
    left_alone: tuple[str, ...]
    months: tuple[tuple[str, MonthEvents, bool], ...]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing would be written."""
        return not (self.derived.new or self.derived.gone)


def derivation_lines() -> list[DerivationLine]:
    """What was derived and stands. Two queries."""
    found = derivations()
    names = dict(Kpi.objects.filter(code__in={one.kpi for one in found}).values_list("code", "name"))
    return [
        DerivationLine(names.get(one.kpi, one.kpi), one, counted(one.window, "month"), short_day(one.since))
        for one in found
    ]


def show_derived(derived: Derived) -> ShownDerived:
    """A preview in words."""
    joined, left, returned = (derived.total(kind) for kind in ("joined", "left", "returned"))
    who = counted(derived.customers, "customer")
    return ShownDerived(
        derived,
        headline=f"{who}: {joined:,} joined, {left:,} left, {returned:,} returned." if derived.customers else "",
        changes=_changes(derived),
        left_alone=tuple(_left_alone(derived)),
        months=tuple((month_name(one.month), one, place < derived.window) for place, one in enumerate(derived.months))[
            ::-1
        ],
    )


def _changes(derived: Derived) -> str:
    if not (derived.customers or derived.gone):
        return "There is nobody to derive events for: nothing would be written."
    if not (derived.new or derived.gone):
        return "All of it stands already: nothing would be written."
    gone = f", and {counted(derived.gone, 'event')} of before would go" if derived.gone else ""
    return f"{counted(derived.new, 'event')} would be new{gone}."


def _left_alone(derived: Derived) -> list[str]:
    said, others = derived.left_alone, derived.of_others
    why = (
        (said, "with an event that somebody said"),
        (others, "with an event that was derived from another KPI or with another window: take that back first"),
    )
    return [f"Left alone: {counted(number, 'customer')} {words}." for number, words in why if number]
