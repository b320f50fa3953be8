"""The shapes that the API answers with; ``manage.py rollup --json`` prints the same."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from core.numbers import rounded
from core.periods import month_code
from core.shapes import ExactField, PeriodField
from kpis.choices import Direction, Indicator, Status, Unit
from kpis.reading.matrix import Cell, Matrix, Row


class MatrixTierSerializer(serializers.Serializer[Any]):
    """A column of the matrix; ``untiered`` comes before ``all`` where it isn't empty, ``all`` last."""

    code = serializers.CharField()
    name = serializers.CharField()


class MatrixCellSerializer(serializers.Serializer[Any]):
    """One KPI in one tier: actual beside target, and the verdict.

    ``facts`` counts the facts of the KPI in the tier over all months expected.
    """

    tier = serializers.CharField(source="tier.code")
    actual = ExactField()
    target = ExactField()
    low = ExactField(help_text="Lower bound of a range")
    high = ExactField(help_text="Upper bound of a range")
    variance = ExactField(help_text="Actual less target; null for ranges")
    attainment = ExactField(help_text="Actual by target, or target by actual where lower is better")
    status = serializers.ChoiceField(choices=Status.choices)
    pace = serializers.ChoiceField(
        choices=Status.choices, allow_null=True, help_text="Status of the ended months of a partial cell"
    )
    previous = ExactField(help_text="Actual of the period before; null where a change is withheld")
    months_with_data = serializers.IntegerField()
    months_expected = serializers.IntegerField()
    facts = serializers.IntegerField()
    provisional = serializers.BooleanField(help_text="A month that is still to be marked complete counts in the actual")
    thin = serializers.SerializerMethodField(help_text="Months with far fewer facts than usual, such as 2011-08")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_thin(self, cell: Cell) -> list[str]:
        """Their codes, in order."""
        return thin_codes(cell)


class MatrixRowSerializer(serializers.Serializer[Any]):
    """A KPI and its cells in the order of ``tiers``."""

    kpi = serializers.CharField(source="kpi.code")
    name = serializers.CharField(source="kpi.name")
    indicator = serializers.ChoiceField(choices=Indicator.choices, source="kpi.indicator")
    unit = serializers.ChoiceField(choices=Unit.choices, source="kpi.unit")
    direction = serializers.ChoiceField(choices=Direction.choices, source="kpi.direction")
    cells = MatrixCellSerializer(many=True)


class MatrixSerializer(serializers.Serializer[Matrix]):
    """The target-versus-actual matrix of a period; leading rows first, then trailing."""

    period = serializers.CharField(source="period.code")
    state = serializers.SerializerMethodField()
    edition = serializers.SerializerMethodField()
    to_date = serializers.BooleanField(help_text="Whether the period has not ended")
    computed_at = serializers.DateTimeField(allow_null=True, help_text="Null where nothing was rolled up yet")
    tiers = MatrixTierSerializer(many=True)
    rows = MatrixRowSerializer(many=True)

    def get_state(self, matrix: Matrix) -> Literal["open", "closed"]:
        """No period has been closed yet."""
        return "open"

    def get_edition(self, matrix: Matrix) -> int | None:
        """An open period has no edition."""
        return None


_MOMENT = serializers.DateTimeField()


def matrix_text(matrix: Matrix) -> str:
    """A matrix as the API's JSON."""
    return str(JSONRenderer().render(matrix_json(matrix)), "utf-8")


def matrix_json(matrix: Matrix) -> dict[str, Any]:
    """A matrix as the API's JSON, ready for ``json.dumps``: no queries, nothing rounded before.

    Plain values, for the serializers, which describe the same shape in the schema, take ten times as long.

    Values are texts with four decimals, or None where there is none.
    """
    return {
        "period": matrix.period.code,
        "state": "open",
        "edition": None,
        "to_date": matrix.to_date,
        "computed_at": matrix.computed_at and _MOMENT.to_representation(matrix.computed_at),
        "tiers": [{"code": tier.code, "name": tier.name} for tier in matrix.tiers],
        "rows": [_row_json(row) for row in matrix.rows],
    }


def _row_json(row: Row) -> dict[str, Any]:
    kpi = row.kpi
    return {
        "kpi": kpi.code,
        "name": kpi.name,
        "indicator": kpi.indicator,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "cells": [_cell_json(cell) for cell in row.cells],
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "tier": cell.tier.code,
        "actual": _exact(cell.actual),
        "target": _exact(cell.target),
        "low": _exact(cell.low),
        "high": _exact(cell.high),
        "variance": _exact(cell.variance),
        "attainment": _exact(cell.attainment),
        "status": cell.status.value,
        "pace": cell.pace and cell.pace.value,
        "previous": _exact(cell.previous),
        "months_with_data": cell.months_with_data,
        "months_expected": cell.months_expected,
        "facts": cell.facts,
        "provisional": cell.provisional,
        "thin": thin_codes(cell),
    }


def thin_codes(cell: Cell) -> list[str]:
    """The months of a cell that look incomplete, each once, in order."""
    return [month_code(month) for month in dict.fromkeys(thin.month for thin in cell.thin)]


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(rounded(value))


class MatrixQuery(serializers.Serializer[Any]):
    """What may be asked of the matrix."""

    period = PeriodField(
        help_text="A month, quarter or year: 2011-09, 2011-Q3 or 2011",
        error_messages={"required": "Say which period, such as ?period=2011-Q3."},
    )
    edition = serializers.IntegerField(
        min_value=1, required=False, help_text="Of a closed period; the latest if not given"
    )
