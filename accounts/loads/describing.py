"""What the API's description says of a bulk call: the columns of the kind with their types, and an example."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.loading import Column
from core.loading.cells import Due
from core.registry import LoadKind
from core.shapes import ProblemSerializer, problems
from core.sheets import csv_lines

DRY_RUN = OpenApiParameter(
    "dry_run",
    OpenApiTypes.STR,
    enum=["1", "0", "true", "false"],
    description="1: say what would happen, change nothing",
)


class LoadWarningSerializer(serializers.Serializer[Any]):
    """Something that may be a slip and was taken in all the same. ``line`` counts from 1, the columns' names."""

    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class LoadReportSerializer(serializers.Serializer[Any]):
    """What became of the rows, as ``load --format json`` tells it."""

    kind = serializers.CharField()
    file = serializers.CharField()
    sheet = serializers.CharField(allow_blank=True)
    dry_run = serializers.BooleanField()
    load = serializers.IntegerField(allow_null=True, help_text="The load, which can be taken back; null of a dry run")
    read = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    blank = serializers.IntegerField()
    warnings = LoadWarningSerializer(many=True)
    error_count = serializers.IntegerField()
    errors = LoadWarningSerializer(many=True)  # type: ignore[assignment]


class RowErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with a row. ``index`` counts the rows from 0, is null for what is said of a column.

    It is not there for what is said of the call itself.
    """

    index = serializers.IntegerField(allow_null=True, required=False)
    field = serializers.CharField(allow_null=True)
    detail = serializers.CharField()


class RowProblemSerializer(ProblemSerializer):
    """Problem details with the bad rows, the first 1,000 of ``error_count``."""

    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]
    error_count = serializers.IntegerField(required=False)


BULK_ANSWERS: dict[Any, Any] = {
    200: LoadReportSerializer,
    **problems(400, 401, 403, 404, 409, 413, 415, 429),
    (422, "application/problem+json"): RowProblemSerializer,
}


def request_of(kind: LoadKind) -> dict[str, Any]:
    """The body that a bulk call takes, in each of its media types."""
    columns = [column for column in kind.columns if not column.hidden]
    row, example = row_schema(columns), {column.name: example_of(column) for column in columns}
    names = ", ".join(column.name for column in columns)
    return {
        "application/json": {"type": "array", "maxItems": 10_000, "items": row, "example": [example]},
        "application/x-ndjson": _text(f"A JSON object a line, with the fields {names}.", json.dumps(example)),
        "text/csv": _text(f"A header and rows, with the columns {names}.", _as_csv(example)),
    }


def _text(description: str, example: str) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "description": description, "example": example}


def _as_csv(example: dict[str, Any]) -> str:
    return "".join(csv_lines([example, ["true" if value is True else value for value in example.values()]]))


def row_schema(columns: list[Column]) -> dict[str, Any]:
    """A row as a JSON object: what names it has to be there, and whatever is left out stays as it is stored."""
    return {
        "type": "object",
        "properties": {column.name: column_schema(column) for column in columns},
        "required": [column.name for column in columns if column.key],
        "additionalProperties": False,
    }


def column_schema(column: Column) -> dict[str, Any]:
    """What a cell may be; null where it may be empty."""
    found = _BY_DUE.get(column.type.due, _text_schema(column))
    return {**found, "nullable": True} if column.blank or column.optional else dict(found)


def _text_schema(column: Column) -> dict[str, Any]:
    if column.type.words:
        empty = [""] if column.blank or column.optional else []
        return {"type": "string", "enum": [*column.type.words, *empty]}
    return {"type": "string", "maxLength": column.type.most_read}


_BY_DUE: dict[Due, dict[str, Any]] = {
    Due.NUMBER: {"oneOf": [{"type": "string"}, {"type": "number"}]},
    Due.DATE: {"type": "string", "format": "date"},
    Due.MONTH: {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    Due.BOOLEAN: {"oneOf": [{"type": "boolean"}, {"type": "string"}]},
}
_EXAMPLES: dict[Due, Any] = {Due.NUMBER: "3", Due.DATE: "2011-09-30", Due.MONTH: "2011-09", Due.BOOLEAN: True}


def example_of(column: Column) -> Any:
    """A value that the column takes."""
    if column.type.due in _EXAMPLES:
        return _EXAMPLES[column.type.due]
    if column.type.words:
        return column.type.words[0]
    if column.reference and column.reference.field == "email":
        return "olga@example.com"
    return "EUR" if column.name == "currency" else column.name if column.key else ""
