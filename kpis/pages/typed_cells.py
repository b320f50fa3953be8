"""What the grid says of a cell's number: in which unit it is typed, how it was understood, and what looks mistyped."""

from __future__ import annotations

from fractions import Fraction

from core.formatting import Style, number
from core.scales import scale_for
from core.typed import plain
from kpis.choices import TargetState
from kpis.models import Target
from kpis.reading.grid import GridBlock, GridCell
from kpis.rules.plausible import doubts
from kpis.services.targets import NewTarget

Written = Target | NewTarget | None


def takes(block: GridBlock, style: Style) -> str:
    """In which unit the KPI's fields are typed: ``typed in €, in full``; empty for plain numbers that nobody scales.

    Where the matrix shows thousands or more, it says what one of those is here.
    """
    numbers = [cell.last_year for row in block.rows for cell in row.cells]
    scaled = Style(style.unit, style.currency, style.decimals, scale_for(numbers))
    if not scaled.scale.power:
        return f"typed in {style.label}" if style.label else ""
    unit = f" in {style.label}" if style.label else ""
    return f"typed{unit} in full: 1 {scaled.label} of the matrix is {number(10**scaled.scale.power)}"


def understood(cell: GridCell, written: Written, style: Style) -> str:
    """The cell's number in full, with its unit: ``€45,000``; empty where the field itself reads so."""
    if written is None or not cell.editable:
        return ""
    parts = [part for part in (written.value, written.low, written.high) if part is not None]
    said = " to ".join(style.full_target(part) for part in parts)
    return "" if said == " to ".join(plain(part) for part in parts) else said


def doubts_of(cell: GridCell, written: Written, style: Style) -> str:
    """Why a number that nobody has approved looks mistyped; empty where it doesn't."""
    if written is None or not cell.editable or getattr(written, "state", "") == TargetState.APPROVED:
        return ""
    numbers = [None if one is None else Fraction(one) for one in (written.value, written.low, written.high)]
    return "; ".join(doubts(numbers, None if cell.part else cell.last_year, style))
