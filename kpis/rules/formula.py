"""Whether a KPI can have a formula: one set of rules for file, form and API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from kpis.formulas.calculated import (
    MOST_STEPS,
    Dimension,
    FormulaError,
    check_units,
    dimension_of,
    find_cycle,
    longest_chains,
    read_formula,
)
from kpis.models import Kpi


@dataclass(frozen=True)
class Shelf:
    """What a formula stands among: all KPIs as they will stand, that of the formula included.

    ``units`` holds the dimension of each by code, ``formulas`` the inputs of those that are calculated, and
    ``before`` the same as it is stored.
    """

    units: dict[str, Dimension] = field(default_factory=dict)
    formulas: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, kpis: Iterable[Kpi], currency: str, before: Iterable[Kpi] = ()) -> Shelf:
        """Of these KPIs; ``currency`` is the company's, for KPIs in money that name none."""
        kpis = list(kpis)
        units = {kpi.code: dimension_of(kpi.unit, kpi.currency or currency) for kpi in kpis}
        texts, stored = ({kpi.code: kpi.formula for kpi in some} for some in (kpis, before))
        return cls(units, inputs_by_code(texts), inputs_by_code(stored))

    @cached_property
    def steps(self) -> dict[str, int]:
        """How many formulas are nested on the longest way through each KPI; see ``longest_chains``."""
        return longest_chains(self.formulas)

    @cached_property
    def steps_before(self) -> dict[str, int]:
        """The same as it is stored."""
        return longest_chains(self.before)


def inputs_of(text: str) -> set[str]:
    """The codes that a formula takes; none where there is no formula, or none that can be read."""
    return {code for names in inputs_by_code({"": text}).values() for code in names}


def inputs_by_code(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The inputs of each formula that can be read, by the code of its KPI."""
    found = dict[str, tuple[str, ...]]()
    for code, text in texts.items():
        with suppress(FormulaError):
            if text:
                found[code] = read_formula(text).inputs
    return found


def formula_problem(code: str, text: str, shelf: Shelf) -> str:
    """Why a KPI cannot have a formula, in words; empty where it can."""
    try:
        formula = read_formula(text)
    except FormulaError as error:
        return str(error)
    unknown = [name for name in formula.inputs if name not in shelf.units]
    if unknown:
        return f"there is no KPI {', '.join(unknown)}"
    if problem := _nesting_problem(code, shelf):
        return problem
    try:
        check_units(formula, shelf.units, shelf.units[code])
    except FormulaError as error:
        return str(error)
    return ""


def _nesting_problem(code: str, shelf: Shelf) -> str:
    """Formulas lead nowhere back, and not through too many others; what is stored deeper may stay as it is."""
    if code not in shelf.steps:
        cycle = find_cycle(shelf.formulas, code)
        return f"leads back to itself: {' → '.join(cycle)}" if cycle else "takes KPIs that lead back to themselves"
    steps = shelf.steps[code]
    if steps <= max(MOST_STEPS, shelf.steps_before.get(code, 0)):
        return ""
    return (
        f"nests formulas {steps} deep, from what is measured to what takes it; {MOST_STEPS} are allowed. "
        "Name the measured KPIs themselves"
    )


def as_sentence(problem: str, beginning: str = "The formula") -> str:
    """What is wrong with a formula, as a sentence of its own."""
    return problem if problem.startswith("The formula") else f"{beginning}: {problem}"
