"""Whether a KPI can have a formula: one set of rules for file, form and API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from kpis.calculated import Dimension, FormulaError, check_units, dimension_of, find_cycle, read_formula
from kpis.models import Kpi


def formula_problem(code: str, text: str, units: Mapping[str, Dimension], formulas: Mapping[str, Iterable[str]]) -> str:
    """Why a KPI cannot have a formula, in words; empty where it can.

    ``units`` and ``formulas`` are of all KPIs as they will stand, this one's included.
    """
    try:
        formula = read_formula(text)
    except FormulaError as error:
        return str(error)
    unknown = [name for name in formula.inputs if name not in units]
    if unknown:
        return f"there is no KPI {', '.join(unknown)}"
    if cycle := find_cycle({**formulas, code: formula.inputs}, code):
        return f"leads back to itself: {' → '.join(cycle)}"
    try:
        check_units(formula, units, units[code])
    except FormulaError as error:
        return str(error)
    return ""


def as_sentence(problem: str, beginning: str = "The formula") -> str:
    """What is wrong with a formula, as a sentence of its own."""
    return problem if problem.startswith("The formula") else f"{beginning}: {problem}"


def shelf(kpis: Iterable[Kpi], currency: str) -> tuple[dict[str, Dimension], dict[str, tuple[str, ...]]]:
    """The dimension of each KPI by code, and the inputs of those that are calculated: what a formula stands among.

    ``currency`` is the company's, for KPIs in money that name none.
    """
    units, formulas = dict[str, Dimension](), dict[str, tuple[str, ...]]()
    for kpi in kpis:
        units[kpi.code] = dimension_of(kpi.unit, kpi.currency or currency)
        with suppress(FormulaError):
            if kpi.formula:
                formulas[kpi.code] = read_formula(kpi.formula).inputs
    return units, formulas
