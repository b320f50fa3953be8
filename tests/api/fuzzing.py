"""Calls made up from the API's own description, and what all checks of schemathesis say of the answers.

A call goes to the product without a server, and what it did is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from random import Random
from typing import Any
from unittest.mock import patch

import requests
import schemathesis
from django.db import transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from schemathesis.config import ChecksConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import NegativeDataRejectionConfig, PositiveDataAcceptanceConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from urllib3 import HTTPHeaderDict, HTTPResponse

HOST = "http://testserver"
schemathesis.serializer.alias(["text/csv", "application/x-ndjson"], "text/plain")
# A schema says how a body is written; what is unknown, there already, or another's is for the rules behind it.
_BY_RULES = ["2xx", "401", "403", "404", "409", "412", "422"]
_HOLDERS = ("properties",)
# What is no body of that kind, is too large, or has no such representation.
_REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422"]


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
                if parameter.get("allowEmptyValue") and parameter["schema"].get("type") != "array":
                    parameter["schema"] = {"anyOf": [{"enum": [""]}, parameter["schema"]]}
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


def _to_the_product(adapter: HTTPAdapter, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
    """The product's answer to a request, whoever sends it: checks send some of their own."""
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    found = request.headers.items()
    headers = {name: value.decode("latin-1") if isinstance(value, bytes) else value for name, value in found}
    kind = headers.pop("Content-Type", "")
    headers.pop("Accept-Encoding", None)  # nothing here unpacks
    client = Client(raise_request_exception=False)
    address = str(request.url).removeprefix(HOST)
    told: Any = client.generic(str(request.method), address, body, content_type=kind, headers=headers)
    content = b"".join(told.streaming_content) if told.streaming else told.content
    answer = requests.Response()
    answer.status_code, answer.reason = told.status_code, told.reason_phrase
    answer.headers, answer.request, answer.url = CaseInsensitiveDict(told.items()), request, str(request.url)
    answer._content, answer.encoding = content, "utf-8"
    raw = HTTPHeaderDict({name: str(value) for name, value in told.items()})
    answer.raw = HTTPResponse(BytesIO(content), headers=raw, status=told.status_code, version=11)
    return answer


def operations_of(schema: dict[str, Any]) -> list[Any]:
    """What can be called: a method at an address."""
    checks = ChecksConfig(
        positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=_BY_RULES),
        negative_data_rejection=NegativeDataRejectionConfig(expected_statuses=_REFUSED),
    )
    projects = ProjectsConfig(default=ProjectConfig(checks=checks))
    loaded: Any = schemathesis.openapi.from_dict(schema, config=SchemathesisConfig(projects=projects))
    return [found.ok() for found in loaded.get_all_operations()]


def invented(operation: Any, number: int, examples: int) -> list[Any]:
    """Calls of an operation with good values and with bad ones, by a seed."""
    found: list[Any] = []
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
        found.append(case)

    call()
    return found


def covering(operation: Any, number: int, most: int, among: int | None = None) -> Iterator[Any]:
    """Calls that leave out, double or change one thing each, and methods that it has not: some of them, by a seed.

    To make all of an operation takes longer than to call a few: with ``among``, as many are made, from the first on.
    """
    schema = operation.schema
    cases = schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation),
    )
    made = list(islice(cases, among))
    yield from Random(number).sample(made, min(most, len(made)))


class Caller:
    """A person's token, and the calls made with it."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}

    def findings(self, cases: Iterable[Any]) -> Iterator[str]:
        """What the checks say of the answers; each call is taken back."""
        for case in cases:
            with transaction.atomic(), patch.object(HTTPAdapter, "send", _to_the_product):
                yield from self._of(case)
                transaction.set_rollback(True)

    def _of(self, case: Any) -> Iterator[str]:
        try:
            told = case.call(base_url=HOST, headers=self.headers)
        except (requests.RequestException, UnicodeError):
            return  # it is no HTTP
        sent = {"base_url": HOST, "headers": self.headers}
        try:
            case.validate_response(told, headers=self.headers, transport_kwargs=sent)
        except FailureGroup as group:
            for failure in group.exceptions:
                yield _words(case, told, failure)


def _words(case: Any, told: Any, failure: Any) -> str:
    assert isinstance(failure, Failure)
    body = told.request.body or ""
    text = str(failure).replace("\n", " ")
    sent = f"{told.request.url} {body[:500]!r}"
    return f"{case.operation.label} [{failure.title}] {text[:300]} <- {sent} -> {told.status_code} {told.text[:300]}"
