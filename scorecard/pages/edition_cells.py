"""Cells of editions as pages write them: a value with its verdict, and how many targets were missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from accounts.models import Company
from core.formatting import Style, counted, target_words
from kpis.choices import Signal, Status
from kpis.models import Kpi
from kpis.wording import style_of
from scorecard.reading.editions import DifferingCell

Cell = Mapping[str, Any]  # as an edition's matrix has it


@dataclass(frozen=True, slots=True)
class Value:
    """A value with its verdict; ``words`` is – where the matrix has no such cell."""

    words: str
    status: Status | None
    share: str


def values_beside(one: DifferingCell, style: Style) -> tuple[Value, Value]:
    """A cell then and now, with as many more digits as it takes to tell the two values apart."""
    then, now = (_number(cell) for cell in (one.then, one.now))
    style = style.told_apart(then, (now,))
    return value_of(one.then, style), value_of(one.now, style)


def _number(cell: Cell | None) -> Fraction | None:
    return None if cell is None or cell["actual"] is None else Fraction(cell["actual"])


def value_of(cell: Cell | None, style: Style) -> Value:
    """A cell's value; a part of its months says of how many."""
    if cell is None:
        return Value("not in the matrix", None, "")
    gap = cell["months_with_data"] < cell["months_expected"]
    share = f"{cell['months_with_data']} of {counted(cell['months_expected'], 'month')}" if gap else ""
    return Value(style.full(_number(cell)), Status(cell["status"]), share)


def target_of(cell: Cell | None, style: Style, direction: str) -> str:
    """``at least 92 %``; empty without a cell."""
    if cell is None:
        return ""
    parts = (None if cell[name] is None else Fraction(cell[name]) for name in ("target", "low", "high"))
    return target_words(style, direction, *parts)


def beyond_of(cell: Cell | None) -> str:
    """``really worse, will miss``, short for a column; empty where its chart says nothing."""
    if cell is None:
        return ""
    signal = [Signal(cell["signal"]).label] if cell["signal"] else []
    return ", ".join([*signal, *([cell["assurance"].replace("_", " ")] if cell["assurance"] else [])])


def style_in(row: Mapping[str, Any], kpi: Kpi | None, company: Company) -> Style:
    """How a row of an edition's matrix is written: by its KPI, while that is there and has the same unit."""
    if kpi is not None and kpi.unit == row["unit"]:
        return style_of(kpi, company.currency)
    return Style(unit=row["unit"], currency=company.currency)


def missed_of(matrix: Mapping[str, Any]) -> tuple[int, int]:
    """Missed targets of the tiers, and all that have a verdict; all customers are counted apart."""
    cells = [cell for row in matrix["rows"] for cell in row["cells"] if cell["tier"] != "all"]
    verdicts = [cell["status"] for cell in cells if cell["status"] in {"met", "near", "missed"}]
    return verdicts.count("missed"), len(verdicts)
