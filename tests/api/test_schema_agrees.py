"""What the description says of each field of a body, the body's own check says as well: neither takes what the other
refuses, cell by cell. What depends on other rows or on the state of one, no description can say; of a currency the
service says it, of every door (tests/loads).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker
from rest_framework import serializers

from core.periods import Kind
from core.strict import unknown_fields
from scorecard.serializers.incentives import GoalPeriodField

pytestmark = pytest.mark.django_db

LONG = "x" * 10_001
VALUES: tuple[Any, ...] = (
    *(None, "", " ", "x", LONG, "a b", "é", "EUR", "eur", "a\x00b", "a\x07b"),
    *("0", "-0", "+00", "99.9999", "100", "0100.0", "100.0001", 100),
    *("1", "-1", "1.5", "1.55555", "1e3", "9" * 40, 0, 1, -1, 1.5, 101, 2**31, 2**63, True),
    *("2011-01", "2011-13", "1800-01", "2011-01-01", "2011-02-30", "1800-01-01", "2011", "2011-Q4", "2011-Q5"),
    *("nobody@example.com", "a@b", "https://example.com/x", "javascript:alert(1)", "x://y"),
    *([], {}, ["x"], ["x", "x"], [1], [None], [{}]),
)


def bodies() -> Iterator[type[serializers.Serializer[Any]]]:
    """Each shape that a call of the API may bring."""
    found = {}
    for pattern in _patterns(get_resolver()):
        view = getattr(pattern.callback, "cls", None)
        for shape in getattr(view, "bodies", {}).values():
            if shape is not None:
                found[shape.__name__] = shape
    yield from found.values()


def _patterns(resolver: Any) -> Iterator[Any]:
    for one in resolver.url_patterns:
        if hasattr(one, "url_patterns"):
            yield from _patterns(one)
        else:
            yield one


@pytest.mark.slow
def test_a_cell_is_refused_by_the_description_as_by_the_check() -> None:
    described: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    shapes = described["components"]["schemas"]
    apart = []
    for shape in bodies():
        name = shape.__name__.removesuffix("Serializer")
        schema = shapes.get(name) or shapes.get(f"Patched{name}")
        if schema is None:
            apart.append((name, "", "", "is not described"))
            continue
        checked = shape()
        for field, cell in schema["properties"].items():
            validator = Draft202012Validator(nullable(cell, shapes), format_checker=FormatChecker())
            for value in VALUES:
                allowed = validator.is_valid(value)
                problems = refused(checked, field, value) or beyond(checked.fields[field], value)
                if unknown(problems) or field == "currency" or kindly_read(cell, value):
                    continue
                if allowed == bool(problems):
                    said = "allows" if allowed else "forbids"
                    apart.append((name, field, repr(value)[:30], f"the description {said} it: {str(problems)[:60]}"))
    assert not apart, "\n".join(map(str, apart))


def refused(shape: serializers.Serializer[Any], field: str, value: Any) -> Any:
    """What is wrong with one cell, whatever is wrong with the others."""
    if mistyped := list(unknown_fields({field: value}, shape)):
        return [mistyped]
    try:
        shape.run_validation({field: value})
    except serializers.ValidationError as error:
        return dict(error.detail).get(field, [])  # type: ignore[arg-type]
    return []


def beyond(field: Any, value: Any) -> list[str]:
    """What the field leaves to the rule, which tells it with all else that is wrong (tests/loads)."""
    if isinstance(field, GoalPeriodField):
        return ["a month"] if field.run_validation(value).kind is Kind.MONTH else []
    told = getattr(field, "told", None)
    number = field.run_validation(value) if told else None
    return [] if told is None or number is None or told.hold(number) else ["out of bounds"]


def unknown(problems: Any) -> bool:
    """Whether it names what is not there, which no description can know."""
    return any(words in str(problems) for words in ("There is no ", "Unknown ", "Nobody has ", "” is no "))


def kindly_read(cell: dict[str, Any], value: Any) -> bool:
    """Whole numbers may stand in quotes, 1 for yes and blanks for nothing, as in a file: a client made of the
    description need not know.
    """
    kind, empty = cell.get("type"), cell.get("nullable") is True or "BlankEnum" in str(cell)
    if isinstance(value, str) and not value.strip():
        return empty
    return (kind == "integer" and isinstance(value, str)) or (kind == "boolean" and isinstance(value, str | int))


def nullable(schema: Any, shapes: dict[str, Any]) -> Any:
    """A description of OpenAPI 3.0 as JSON Schema has it."""
    if isinstance(schema, list):
        return [nullable(one, shapes) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return nullable(shapes[schema["$ref"].rsplit("/", 1)[-1]], shapes)
    inner = {key: nullable(one, shapes) for key, one in schema.items() if key != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if schema.get("nullable") is True else inner
