"""The pack for programs: all of its value as JSON, and its matrix as CSV, a line for each cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from itertools import chain
from typing import Any

from core.formatting import Style
from core.periods import Period
from core.sentences import plain
from core.sheets import MARK, csv_lines, safe
from scorecard.reading.matrix_json import exact_text
from scorecard.reports.pack import Pack

_LEFT_OUT = frozenset({"logo", "style", "rank"})
_CELLS = ("actual", "target", "low", "high", "previous")
_HEADER = (
    *("period", "edition", "digest", "kpi", "name", "indicator", "unit", "direction", "tier", "tier_name"),
    *("status", "actual", "target", "low", "high", "previous", "signal", "capability_gap"),
    *("months_with_data", "months_expected"),
)


def write_json(pack: Pack, paper: str = "") -> bytes:
    """All of the pack; numbers with decimals are texts, as in the API, and the logo is left out. No paper."""
    found = {**_plain(pack), "headline": plain(pack.headline), "state": pack.state}
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return exact_text(value)
    if isinstance(value, Period):
        return value.code
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type | Style):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.name not in _LEFT_OUT}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def write_csv(pack: Pack, paper: str = "") -> bytes:
    """The cells of the matrix for a spreadsheet, with the mark by which Excel knows UTF-8. No paper."""
    return (MARK + "".join(csv_lines(chain([_HEADER], _cells(pack))))).encode()


def _cells(pack: Pack) -> Iterator[list[Any]]:
    names = {column.code: column.name for column in pack.columns}
    about = (pack.period.code, pack.edition or "open", pack.digest)
    for row in pack.rows:
        kpi = (row.kpi, row.name, row.indicator, row.unit, row.direction)
        for cell in row.cells:
            numbers = [exact_text(getattr(cell, name)) or "" for name in _CELLS]
            verdict = (cell.status.value, *numbers, cell.signal.value if cell.signal else "", cell.is_gap)
            line = (*about, *kpi, cell.tier, names[cell.tier], *verdict, *cell.months)
            yield [_safe(one) for one in line]


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, quoted; a negative number is none."""
    is_number = isinstance(value, str) and value[:1] == "-" and value[1:2].isdigit()
    return value if is_number else safe(value)
