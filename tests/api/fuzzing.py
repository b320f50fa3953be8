"""Calls that schemathesis makes up from the API's own description, made by a person in a made-up company."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
import schemathesis
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

HOST = "http://testserver"
_HOLDERS = ("properties",)


def described(known: dict[str, list[Any]]) -> dict[str, Any]:
    """The API's description, in which fields of those names also take values that are there.

    Made-up codes alone would be unknown to the first check, and nothing behind it would be tried.
    """
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for holder in _holders(schema.get("components", {})):
        for name, shape in holder.items():
            if name in known:
                holder[name] = _also(shape, known[name])
    for path in schema["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in known:
                    parameter["schema"] = _also(parameter["schema"], known[parameter["name"]])
    return schema


def _also(shape: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    if shape.get("type") == "array":
        return {"type": "array", "maxItems": 4, "items": _also(shape.get("items", {}), values)}
    return {"anyOf": [{"enum": values}, shape]}


def _holders(part: Any) -> Iterator[dict[str, Any]]:
    """Each object of the description whose keys are names of fields."""
    if isinstance(part, dict):
        for name, inner in part.items():
            if name in _HOLDERS and isinstance(inner, dict):
                yield inner
            yield from _holders(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _holders(inner)


def operations_of(schema: dict[str, Any]) -> list[Any]:
    """What can be called: a method at an address."""
    operations: Any = schemathesis.openapi.from_dict(schema).get_all_operations()
    return [found.ok() for found in operations]


def sent(browser: Client, case: Any) -> tuple[str, int] | None:
    """Make a call, and take back what it did; what was called and the status. None where it is no HTTP."""
    try:
        call: Any = requests.Request(**case.as_transport_kwargs(base_url=HOST)).prepare()
    except (requests.RequestException, UnicodeError, ValueError):
        return None
    address = str(call.url).removeprefix(HOST)
    body = call.body.encode() if isinstance(call.body, str) else call.body or b""
    kind = call.headers.get("Content-Type", "application/json")
    headers = {name: value for name, value in call.headers.items() if name in {"If-Match", "If-None-Match", "Accept"}}
    with transaction.atomic():
        answer = browser.generic(str(call.method), address, body, content_type=kind, headers=headers)
        transaction.set_rollback(True)
    return f"{call.method} {address} {body[:2_000]!r}", answer.status_code


def fuzz(browser: Client, operation: Any, *, number: int, examples: int) -> list[str]:
    """Call an operation with made-up values, good and bad ones; what failed on our side."""
    failed: list[str] = []
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(modes))
    def call(case: Any) -> None:
        told = sent(browser, case)
        if told and told[1] >= 500:
            failed.append(f"{told[1]}: {told[0]}")

    call()
    return failed
