"""An example of each operation of the API, made from its description, so that it cannot be forgotten or go stale."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from core.keys import MISSING
from core.texts import sentence

Schema = Mapping[str, Any]

# What a field of that name looks like, whatever it belongs to.
_SAMPLES: dict[str, Any] = {
    "at": "2026-07-01T09:30:00Z",
    "author": "omar@tierboard.example",
    "business_unit": "europe",
    "by": "stella@tierboard.example",
    "code": "net_revenue",
    "currency": "EUR",
    "cursor": "cD0xMDA%3D",
    "customer": "C-1001",
    "decision_note": "",
    "department": "support",
    "detail": "As it stands there.",
    "external_id": "C-1001",
    "field": "name",
    "formula": "",
    "id": 17,
    "initiative": "faster-answers",
    "key": "corporate",
    "kpi": "net_revenue",
    "kpis": ["net_revenue@gold"],
    "name": "Net revenue",
    "next": None,
    "note": "Pilot is running.",
    "month": "2026-09",
    "from_month": "2026-10",
    "edition": None,
    "period": "2026-Q3",
    "previous": None,
    "q": "revenue",
    "reason": "The figure came late.",
    "source": "survey",
    "targets": [17, 18],
    "theme": "waiting time",
    "tier": "gold",
    "tiers": ["gold"],
    "title": "Faster answers",
    "text": "Well done.",
    "why": "Nobody measures it.",
}
# The same of one thing, where it looks like no other.
_SAMPLES_OF: dict[str, dict[str, Any]] = {
    "BusinessUnit": {"code": "europe", "name": "Europe"},
    "Customer": {"name": "Acme Ltd", "region": "North"},
    "Department": {"code": "support", "name": "Support"},
    "Division": {"code": "support", "name": "Support"},
    "Initiative": {"code": "faster-answers", "level": "corporate"},
    "Kpi": {"unit": "currency", "indicator": "trailing"},
    "KpiProposal": {"unit": "currency", "indicator": "trailing"},
    "Preview": {"formula": "promoters - detractors"},
    "Benefit": {"name": "Fewer calls", "kpi": None, "tier": None},
    "IncentiveGoal": {
        "code": "revenue-q3",
        "person": "oskar@tierboard.example",
        "team": [],
        "team_name": "",
        "initiatives": [],
        "weight": "40.0000",
        "threshold": "80.0000",
        "target": "90.0000",
        "maximum": "100.0000",
        "at_threshold": "50.0000",
        "at_maximum": "150.0000",
    },
    "Tier": {"code": "gold", "name": "Gold"},
    "MatrixTier": {"code": "gold", "name": "Gold"},
}
# Fields that can be left out and make the example of a body one that is taken.
_ALSO: dict[str, tuple[str, ...]] = {
    "AcceptInput": ("name",),
    "ApprovalInput": ("justification",),
    "CustomerInput": ("region", "is_key_account"),
    "DecisionInput": ("reason",),
    "IncentiveGoalInput": ("person", "kpi", "tier"),
    "KpiInput": ("customer_method", "time_method"),
    "KpiProposalInput": ("customer_method", "time_method"),
    "MeaningInput": ("direction", "from_month", "reason"),
    "RealisedInput": ("note",),
    "Seen": ("revision",),
    "StatusUpdateInput": ("note",),
    "StepInput": ("reason",),
    "TargetInput": ("value",),
    "TargetProposalInput": ("note",),
}
# What the example of a change changes: the first of these that there is.
_CHANGED = ("name", "title", "value", "numerator", "mentions", "tier", "kind")


def add_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """The description with an example of each body, answer and parameter."""
    maker = _Maker(result.get("components", {}).get("schemas", {}))
    for item in result["paths"].values():
        for operation in item.values():
            maker.complete(operation)
    return result


class _Maker:
    """Makes values that fit a schema; ``schemas`` are those that others name."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas

    def complete(self, operation: dict[str, Any]) -> None:
        """Put an example beside each schema of an operation."""
        for one in operation.get("parameters", ()):
            if one.get("required"):  # the documentation fills examples in, and would ask by each of the others
                one.setdefault("example", self.value(one["schema"], one["name"]))
        for media in operation.get("requestBody", {}).get("content", {}).values():
            media.setdefault("example", self._body(media["schema"]))
        for code, answer in operation["responses"].items():
            for media in answer.get("content", {}).values():
                is_problem = not code.startswith("2")
                media.setdefault(
                    "example",
                    self._problem(int(code), media["schema"]) if is_problem else self.value(media["schema"], ""),
                )

    def _problem(self, code: int, schema: Schema) -> dict[str, Any]:
        """One that fits; of rows it names the first."""
        told = _problem(code)
        if self._resolved(schema)[0].startswith("Row"):
            told["errors"] = [{"index": 0, **error} for error in told.get("errors", ())]
        return told

    def value(self, schema: Schema, name: str, owner: str = "") -> Any:
        """A value of a schema; ``name`` is its field's, ``owner`` what the field belongs to."""
        called, schema = self._resolved(schema)
        if called and schema.get("type") == "object":
            return self._object(schema, called)
        samples = _SAMPLES | _SAMPLES_OF.get(_thing(owner), {})
        if name in samples and _fits(samples[name], schema):
            return samples[name]
        return schema["example"] if "example" in schema else self._plain(schema, name, owner)

    def _plain(self, schema: Schema, name: str, owner: str) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "array":
            return [self.value(schema["items"], "", owner)]
        if kind == "object":
            return self._object(schema, owner)
        if kind in {"integer", "number"}:
            return max(schema.get("minimum", 3), min(3, schema.get("maximum", 3)))
        if kind == "boolean":
            return True
        return _text(schema)

    def _object(self, schema: Schema, owner: str) -> dict[str, Any]:
        return {name: self.value(one, name, owner) for name, one in schema.get("properties", {}).items()}

    def _body(self, schema: Schema) -> Any:
        """Of a body what has to be there, and what makes sense of it; of a change one thing and the revision."""
        called, whole = self._resolved(schema)
        if "example" in whole:
            return whole["example"]
        fields = whole.get("properties", {})
        if called.startswith("Patched"):
            names = ["revision", *[name for name in _CHANGED if name in fields][:1]]
        else:
            names = [name for name in fields if name in (*whole.get("required", ()), *_ALSO.get(called, ()))]
        return {name: self.value(fields[name], name, called.removeprefix("Patched")) for name in names}

    def _resolved(self, schema: Schema) -> tuple[str, Schema]:
        """The schema itself, and the name that it has, however it is named."""
        for way in ("allOf", "oneOf", "anyOf"):
            if way in schema and "example" not in schema:
                return self._resolved(schema[way][0])
        if "$ref" not in schema:
            return "", schema
        called = schema["$ref"].rsplit("/", 1)[-1]
        found = self._schemas[called]
        return self._resolved(found) if "oneOf" in found else (called, found)


def _thing(owner: str) -> str:
    return owner.removesuffix("Input")


def _fits(value: Any, schema: Schema) -> bool:
    if value is None:
        return bool(schema.get("nullable"))
    if "enum" in schema:
        return value in schema["enum"]
    if isinstance(value, list) and "items" in schema:
        return all(_fits(one, schema["items"]) for one in value) and "$ref" not in schema["items"]
    types = {"string": str, "integer": int, "array": list, "boolean": bool}
    return isinstance(value, types.get(schema.get("type", ""), object))


def _text(schema: Schema) -> str:
    formats = {"date": "2026-09-30", "date-time": "2026-07-01T09:30:00Z", "email": "omar@tierboard.example"}
    return formats.get(schema.get("format", ""), "text")


def _problem(code: int) -> dict[str, Any]:
    told = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code, "detail": "What is wrong."}
    return told | ({"errors": [{"field": "name", "detail": sentence(MISSING)}]} if code == 422 else {})
