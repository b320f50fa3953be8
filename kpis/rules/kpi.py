"""What a KPI may be beside the others, and what of it may still change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Self

from accounts.rules.money import currency_problem
from core.keys import address_problems
from core.periods import Month, month_code, shift
from core.texts import out_of
from core.writes import Problem
from kpis.choices import ADDING, Absent, CustomerMethod, KpiState, Source, Unit
from kpis.formulas.events import BadRule, read_rule
from kpis.models import Kpi
from kpis.rules.formula import Shelf, as_sentence, formula_problem, inputs_of

METHODS = ("customer_method", "time_method")
# What would change numbers of all months: fixed as soon as there are data.
FIXED = ("absent", "facts_of", "source")
DECIMALS = (0, 4)
# Months that a meaning may be agreed on ahead: the next one cannot begin before it, so that a slip would last.
_AHEAD = 24
# What stands at the place of a code in addresses: /kpis/weights/.
_TAKEN = frozenset({"weights", "links"})
# What a rule of events asks of its KPI beside the ratio.
_ASKED = ("unit", "direction", "time_method")
_NO_BASE = "facts without a denominator of 0 or more, which a ratio needs"


@dataclass(frozen=True, slots=True)
class Definition:
    """A KPI as it will stand, as far as the rules look at it.

    ``facts_of`` is a code, empty for facts of its own; ``source`` is empty where nobody said it, ``rule`` where it
    takes no events. ``direction`` is asked of rules alone.
    """

    code: str
    unit: str
    currency: str = ""
    customer_method: str = ""
    time_method: str = ""
    formula: str = ""
    absent: str = Absent.MISSING.value
    facts_of: str = ""
    source: str = ""
    rule: str = ""
    direction: str = ""
    near_band: Decimal | None = None
    near_band_abs: Decimal | None = None
    decimals: int = 2
    state: str = KpiState.PUBLISHED.value

    @classmethod
    def of(cls, kpi: Kpi) -> Self:
        """Of a row, as it stands in memory."""
        values = {one.name: getattr(kpi, one.name) for one in fields(cls) if one.name != "facts_of"}
        return cls(**values, facts_of=kpi.facts_of.code if kpi.facts_of else "")


@dataclass
class Library:
    """What a KPI stands among: all as they will stand, by code.

    ``names`` and ``formulas`` are those of the stored ones, ``sources`` say whose facts each takes. KPIs that are
    ``checked`` by themselves are left to their own check. ``lacks_base`` answers whether a KPI has facts that a
    ratio cannot take. ``drafts`` are those that are not published, ``from_events`` those that take events.
    """

    shelf: Shelf = field(default_factory=Shelf)
    sources: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)
    checked: Set[str] = frozenset()
    drafts: Set[str] = frozenset()
    from_events: Set[str] = frozenset()
    lacks_base: Callable[[str], bool] = lambda code: False

    def takers(self, code: str) -> list[str]:
        """Others, not checked by themselves, that take the facts of this KPI."""
        return [one for one, source in self.sources.items() if source == code and one not in self.checked | {code}]

    def calculated_from(self, code: str) -> list[str]:
        """Others, not checked by themselves, whose formulas take this KPI."""
        inputs = self.shelf.formulas.items()
        return [one for one, found in inputs if code in found and one not in self.checked | {code}]


def kpi_problems(new: Definition, library: Library) -> list[Problem]:
    """All that is wrong with a KPI beside the others; empty where nothing is."""
    return [
        *address_problems("code", new.code),
        *([("code", "is the address of a page: choose another one")] if new.code in _TAKEN else ()),
        *(_of_formula(new, library) if new.formula else _of_methods(new)),
        *_of_values(new),
        *_of_data(new),
        *_of_rule(new, library),
        *_of_state(new, library),
        *(_of_source(new, library) if new.facts_of and not new.formula else ()),
    ]


def _of_methods(new: Definition) -> Iterator[Problem]:
    for name in METHODS:
        if not getattr(new, name):
            yield name, "must not be empty: only a KPI with a formula has no methods"


def _of_formula(new: Definition, library: Library) -> Iterator[Problem]:
    """Instead of methods, over KPIs that are there; it leads nowhere back and adds like things."""
    for name in METHODS:
        if getattr(new, name):
            yield name, "must be empty: a KPI with a formula has no methods of its own"
    if new.facts_of:
        yield "facts_of", "must be empty: a KPI with a formula has no facts"
    if takers := library.takers(new.code):
        yield "formula", f"{', '.join(takers)} takes its facts from {new.code}, which needs its own"
    if problem := formula_problem(new.code, new.formula, library.shelf):
        yield "formula", problem


def _of_values(new: Definition) -> Iterator[Problem]:
    if reason := currency_problem(new.currency):
        yield "currency", reason
    if new.absent == Absent.ZERO and new.customer_method not in ADDING:
        yield "absent", "silence can mean zero for the customer methods sum and distinct alone"
    for name in ("near_band", "near_band_abs"):
        band = getattr(new, name)
        if band is not None and band < 0:
            yield name, "must not be negative"
    if not DECIMALS[0] <= new.decimals <= DECIMALS[1]:
        yield "decimals", out_of(*DECIMALS)


def _of_data(new: Definition) -> Iterator[Problem]:
    """Facts of customers or actuals entered per tier, never both: only who has data of its own says which."""
    if new.source and new.formula:
        yield "source", "must be empty: a KPI with a formula has no data of its own"
    elif new.source and new.facts_of:
        yield "source", "must be empty: it takes the facts of another KPI"


def _of_rule(new: Definition, library: Library) -> Iterator[Problem]:
    """Who takes facts from events says by which rule, and is what it gives; nobody takes these facts but by a rule."""
    if new.source != Source.EVENTS:
        if new.rule:
            yield "rule", "is for a KPI whose source is events"
        return
    if takers := library.takers(new.code):
        yield "source", f"{', '.join(takers)} takes its facts from {new.code}; give that one a rule of its own first"
    if not new.rule:
        yield "rule", "must not be empty: a KPI whose source is events says by which rule"
        return
    try:
        rule = read_rule(new.rule)
    except BadRule as bad:
        yield "rule", str(bad)
        return
    asked = {"customer_method": "ratio", **{name: getattr(rule.kind, name) for name in _ASKED}}
    for name, value in asked.items():
        if value and getattr(new, name) != value:
            yield name, f"must be {value}, for {rule.name} gives that"


def _of_state(new: Definition, library: Library) -> Iterator[Problem]:
    """What is published is calculated from what is published."""
    if new.state == KpiState.DRAFT:
        taking = [code for code in library.calculated_from(new.code) if code not in library.drafts]
        if taking:
            yield "state", f"cannot be draft: {', '.join(taking)}, which is published, is calculated from it"
    elif library.drafts and (drafts := sorted(inputs_of(new.formula) & library.drafts)):
        yield "formula", f"takes {', '.join(drafts)}, still a draft: publish it first"


def _of_source(new: Definition, library: Library) -> Iterator[Problem]:
    """One step: its source has facts of its own, and nobody takes the facts of one that takes another's."""
    code, source = new.code, new.facts_of
    if source == code:
        yield "facts_of", "a KPI cannot take its own facts; leave it empty"
    elif source in library.shelf.formulas:
        yield "facts_of", f"{source} is calculated and has no facts"
    elif source in library.from_events:
        yield "facts_of", f"{source} takes its facts from events: give this KPI the rule itself"
    elif library.sources.get(source):
        yield "facts_of", f"{source} takes its facts from {library.sources[source]}; one step is allowed"
    elif takers := library.takers(code):
        yield "facts_of", f"{', '.join(takers)} takes its facts from {code}; one step is allowed"
    elif new.customer_method == CustomerMethod.RATIO and library.lacks_base(source):
        yield "facts_of", f"{source} has {_NO_BASE}"


def unit_problems(code: str, library: Library) -> list[Problem]:
    """Which stored formulas another unit or currency of the KPI makes nonsense of."""
    found = ((one, formula_problem(one, library.formulas[one], library.shelf)) for one in library.calculated_from(code))
    return [
        ("unit", f"“{library.names[one]}” is calculated from it. {as_sentence(problem)}")
        for one, problem in found
        if problem
    ]


def normal_currency(unit: str, currency: str, company: str) -> str:
    """Money is in the company's currency where none is named; other units have none. What is no currency is kept."""
    if currency_problem(currency):
        return currency
    return (currency.upper() or company) if unit == Unit.CURRENCY else ""


def lacking(kpi: Kpi, *, has_target: bool) -> list[str]:
    """What a draft needs before it is published by itself, in words; empty where it has all of it."""
    needed = {"an owner": kpi.owner_id, "a definition": kpi.definition.strip(), "an approved target": has_target}
    return [words for words, there in needed.items() if not there]


# -- what of one that is there may change


def has_history(kpi: Kpi, *, has_data: bool, has_targets: bool) -> bool:
    """Whether another meaning would relabel something: data, targets, earlier versions, a formula's values."""
    return bool(kpi.versions_from) or kpi.calculated or has_data or has_targets


def fixed_problems(old: Definition, new: Definition, *, has_data: bool) -> list[Problem]:
    """What would change numbers that people have read in all months.

    Who gets a formula or takes another's facts loses its source with that: what forbids it is said there.
    """
    names = [name for name in FIXED if name != "source" or not (new.formula or new.facts_of)]
    changed = [name for name in names if getattr(old, name) != getattr(new, name)] if has_data else []
    return [
        (name, f"{old.code} has data, and a change from “{getattr(old, name)}” would relabel its history")
        for name in changed
    ]


def version_problems(
    kpi: Kpi, method: str, start: Month, today: Month, lacks_base: Callable[[Month], bool]
) -> list[Problem]:
    """Why another meaning, with that customer method, cannot stand from a month on.

    A version begins after the last one, and a ratio needs facts with denominators from then on: ``lacks_base``
    answers whether one since a month has none.
    """
    late = refusal_from(kpi, start, today)
    ratio = method == CustomerMethod.RATIO != kpi.customer_method and lacks_base(shift(start, -11))
    return [*([("from_month", late)] if late else []), *([("customer_method", f"has {_NO_BASE}")] if ratio else [])]


def refusal_from(kpi: Kpi, start: Month, today: Month) -> str:
    """Why a change cannot stand from a month on; empty where it can."""
    if kpi.versions_from is not None and start < kpi.versions_from:
        return f"lies before {month_code(Month(kpi.versions_from))}, from which the last change of {kpi.code} stands"
    if start > shift(today, _AHEAD):
        return f"lies more than two years ahead, and no change could stand before it: {month_code(start)}"
    return ""
