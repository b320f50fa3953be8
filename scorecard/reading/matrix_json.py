"""A matrix as the API's JSON: plain values, ready for ``json.dumps``; nothing is rounded before.

Plain values, for the serializers, which describe the same shape in the schema, take ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django.utils import timezone

from core.numbers import rounded_text
from core.periods import month_code
from kpis.models import Kpi
from kpis.reading.matrix import Cell, Composite, Matrix, Row
from kpis.rules.weights import percent_text

# What an edition says of a cell beside what the API does: a KPI as it means in the period, and the cell.
More = Callable[[Kpi, Cell], dict[str, Any]]


def matrix_json(
    matrix: Matrix, *, state: str = "open", edition: int | None = None, more: More | None = None
) -> dict[str, Any]:
    """A matrix, live unless it says of which ``edition`` it is; ``state`` is ``open``, ``closed`` or ``differs``.

    No queries. Values are texts with four decimals, or None where there is none.
    """
    return {
        "period": matrix.period.code,
        "state": state,
        "edition": edition,
        "to_date": matrix.to_date,
        "computed_at": matrix.computed_at and moment(matrix.computed_at),
        "tiers": [{"code": tier.code, "name": tier.name} for tier in matrix.tiers],
        "rows": [_row_json(row, more) for row in matrix.rows],
        "composite": [_composite_json(one) for one in matrix.composites],
    }


def _composite_json(one: Composite) -> dict[str, Any]:
    return {
        "tier": one.tier.code,
        "index": index_text(one),
        "weight": weight_text(one),
        "missing": list(one.blend.missing),
    }


def index_text(one: Composite) -> str | None:
    """The index with one decimal."""
    return None if one.blend.index is None else rounded_text(one.blend.index, 1)


def weight_text(one: Composite) -> str:
    """The weight with a verdict in percent, with no more decimals than it has: ``75``."""
    return percent_text(one.blend.weight)


def moment(at: Any) -> str:
    """A moment as the API writes it: ``2026-10-29T09:02:11.123456Z``."""
    return str(timezone.localtime(at).isoformat()).replace("+00:00", "Z")


def _row_json(row: Row, more: More | None) -> dict[str, Any]:
    kpi = row.kpi
    return {
        "kpi": kpi.code,
        "name": kpi.name,
        "indicator": kpi.indicator,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "cells": [_cell_json(cell) | (more(kpi, cell) if more else {}) for cell in row.cells],
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "tier": cell.tier.code,
        "actual": exact_text(cell.actual),
        "target": exact_text(cell.target),
        "low": exact_text(cell.low),
        "high": exact_text(cell.high),
        "variance": exact_text(cell.variance),
        "attainment": exact_text(cell.attainment),
        "status": cell.status.value,
        "pace": cell.pace and cell.pace.value,
        "previous": exact_text(cell.previous),
        "year_ago": exact_text(cell.year_ago),
        "months_with_data": cell.months_with_data,
        "months_expected": cell.months_expected,
        "facts": cell.facts,
        "provisional": cell.provisional,
        "thin": thin_codes(cell),
        "signal": cell.signal and cell.signal.value,
        "assurance": cell.assurance and cell.assurance.value,
    }


def thin_codes(cell: Cell) -> list[str]:
    """The months of a cell that look incomplete, each once, in order."""
    return [month_code(month) for month in dict.fromkeys(thin.month for thin in cell.thin)]


def exact_text(value: Fraction | None) -> str | None:
    """A number with four decimals; None for none."""
    return None if value is None else rounded_text(value)
