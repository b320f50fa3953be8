"""The API's description: operations in plain words, what each may answer, and an example of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import EmailField
from django_filters import ModelChoiceFilter
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers

from core.fields import CodeField, KeyField
from core.resources import DryRunField, RevisionField, Seen
from core.shapes import (
    CODE,
    DAY,
    MONTH,
    READING,
    READING_ONE,
    WRITING,
    DayField,
    ExactInput,
    KeyText,
    MonthField,
    Text,
)
from core.strict import SORT

_SEEN = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="The ETag of what was read; * for any")
_VERBS = {"list": "list", "retrieve": "read", "create": "create", "partial_update": "change", "destroy": "delete"}


class PlainSchema(AutoSchema):
    """Describes an endpoint by what it says of itself: ``queries``, ``bodies``, and the resource's name."""

    def get_operation_id(self) -> str:
        """``list_customers``, ``approve_benefit``: what is done to one of them, or to several."""
        one = getattr(self.view, "basename", "").removeprefix("api-").replace("-", "_")
        action = getattr(self.view, "action", None)
        if not (one and action):
            return str(super().get_operation_id())
        several = action == "list" or (action not in _VERBS and not getattr(self.view, "detail", True))
        return f"{_VERBS.get(action, action)}_{self.several if several else one}"

    @property
    def several(self) -> str:
        """The resource's name as its address has it."""
        return str(self._tokenize_path()[0]).replace("-", "_")

    def get_summary(self) -> str:
        """The operation's name as words."""
        return self.get_operation_id().replace("_", " ").capitalize()

    def get_override_parameters(self) -> list[Any]:
        """Those that the endpoint names."""
        shape = getattr(self.view, "queries", {}).get(self._key)
        return [*([shape] if shape else []), *([_SEEN] if self._compares() else [])]

    def _compares(self) -> bool:
        """Whether a write is held against the revision that was read; steps that are name themselves (``compares``)."""
        if self._key in getattr(self.view, "compares", ()):
            return True
        changed = getattr(self.view, "bodies", {}).get("partial_update")
        return self._key in {"partial_update", "destroy"} and changed is not None and issubclass(changed, Seen)

    def get_request_serializer(self) -> Any:
        """The body that the endpoint names; none where it names none."""
        return getattr(self.view, "bodies", {}).get(self._key)

    def get_response_serializers(self) -> Any:
        """The row, and the problems that there may be."""
        shape = self._get_serializer()  # type: ignore[no-untyped-call]
        if self.method == "GET":
            return {200: shape} | (READING if self._key == "list" else READING_ONE)
        if self._key == "destroy":
            return {204: None} | WRITING
        return {201 if self._key == "create" else 200: shape} | WRITING

    @property
    def _key(self) -> str:
        return getattr(self.view, "action", None) or self.method.lower()

    def _is_list_view(self, serializer: Any = None) -> bool:
        if isinstance(serializer, PolymorphicProxySerializer):  # a page is one of several answers
            return False
        return self._key == "list" or super()._is_list_view(serializer)

    def _get_filter_parameters(self) -> list[Any]:
        if self._key != "list":
            return []
        found = super()._get_filter_parameters()  # type: ignore[no-untyped-call]
        filters = getattr(getattr(self.view, "filterset_class", None), "base_filters", {})
        return [{**one, "schema": _asked(filters[one["name"]], one["schema"])} for one in found if one["name"] != SORT]

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Any:
        """A body has no fields but these, and not some of them beside some others."""
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction != "request":
            return schema
        apart = [_both(one, other) for one, others in getattr(serializer, "exclusive", {}).items() for other in others]
        return schema | {"additionalProperties": False} | ({"not": {"anyOf": apart}} if apart else {})

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        """What is given is held against what the rules say of it: the length, the letters, the years."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if direction != "request" or not schema or "$ref" in schema:
            return schema
        given = {**schema, **_given(field)}
        return {name: said for name, said in given.items() if said is not None}


_NUL = r"\u0000"
_CONTROL = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f"  # tabs and line ends may stand in a text
# What nobody sees in a text that names a row.
_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"


def _some(unseen: str) -> str:
    return rf"^[^{unseen}]+$"


def _something(unseen: str) -> str:
    return rf"^[^{unseen}]*[^\s{unseen}][^{unseen}]*$"


# A text without the character that no database keeps; one that says something. The same without control characters.
_TEXT, _SOMETHING = _some(_NUL), _something(_NUL)
_WORDS, _SOME_WORDS = _some(_CONTROL), _something(_CONTROL)
_ADDRESS = r"^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$"
_KEY, _SOME_KEY = _some(_UNSEEN), _something(_UNSEEN)


# Of which letters a text of each sort is, where it may be empty and where not; the first that fits.
_LETTERS: dict[type[Any], tuple[str, str]] = {
    KeyText: (_KEY, _SOME_KEY),
    Text: (_WORDS, _SOME_WORDS),
    serializers.CharField: (_TEXT, _SOMETHING),
}


def _both(one: str, other: str) -> dict[str, Any]:
    """Both fields say something."""
    something = {"not": {"enum": [None, ""]}}
    return {"required": [one, other], "properties": {one: something, other: something}}


def _given(field: Any) -> dict[str, Any]:
    if isinstance(field, serializers.SlugRelatedField):
        named: Any = field.get_queryset()
        return _naming(named.model._meta.get_field(field.slug_field), blank=field.allow_null)
    if field.field_name == "currency":
        return {"pattern": r"^[A-Za-z]{3}$"}  # an empty one is described beside it
    return next((told(field) for kind, told in _GIVEN.items() if isinstance(field, kind)), {})


def _texts(field: serializers.CharField) -> dict[str, Any]:
    """What a text may be; where it may be empty, that is described beside it."""
    if isinstance(field, serializers.RegexField):
        return {} if field.allow_blank else {"minLength": 1}
    some, something = next((both for kind, both in _LETTERS.items() if isinstance(field, kind)))
    return {"pattern": some} if field.allow_blank else {"minLength": 1, "pattern": something}


# What is said of a field of each kind; the first that fits.
_GIVEN: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    MonthField: lambda _: {"pattern": MONTH},
    DayField: lambda _: {"pattern": DAY},
    ExactInput: lambda field: field.told.described if field.told else {},
    DryRunField: lambda _: {},  # says its words itself
    RevisionField: lambda _: {
        "oneOf": [{"type": "string", "minLength": 1, "pattern": _SOME_WORDS}, {"type": "integer"}]
    },
    serializers.CharField: _texts,
}


def _asked(one: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """What a filter takes: of one that names a row how such a name is written, of the others at least of which type."""
    if isinstance(one, ModelChoiceFilter):
        rows, name = one.extra["queryset"], one.extra.get("to_field_name")
        model = (rows(None) if callable(rows) else rows).model
        if name is None:
            return {"type": "integer", "minimum": 1}
        return {"type": "string", **_naming(model._meta.get_field(name), blank=False)}
    if "items" in schema:
        return {**schema, "items": {"type": "string", **schema["items"]}}
    return {"type": "string", **schema}


def _naming(field: Any, *, blank: bool) -> dict[str, Any]:
    """How long the name of a row may be, and of which letters; ``blank`` where an empty text stands for none."""
    named = _ADDRESS if isinstance(field, EmailField) else _SOME_KEY if isinstance(field, KeyField) else _SOMETHING
    letters = CODE if isinstance(field, CodeField) else named
    if not blank:
        return {"maxLength": field.max_length, "minLength": 1, "pattern": letters}
    return {"maxLength": field.max_length, "minLength": None, "format": None, "pattern": rf"^$|{letters}"}


_KEY_OF_CALL = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": (
        "A text of your own for this call. Sent again within a day, by you and to this address, it is done once and "
        "answered the same; with another body it is a 422. A call that is refused, or a dry one, leaves no key."
    ),
}


def tell_of_empty(result: dict[str, Any], **known: Any) -> dict[str, Any]:
    """A parameter that is given without a value is one that is not given."""
    for operations in result["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query" and not parameter.get("required"):
                    parameter["allowEmptyValue"] = True
    return result


def tell_of_bodies(result: dict[str, Any], **known: Any) -> dict[str, Any]:
    """Say of calls that bring many rows that they bring a body: of a shape written by hand the library does not."""
    for address, operations in result["paths"].items():
        if address.endswith("/bulk/"):
            operations["post"]["requestBody"]["required"] = True
    return result


def tell_of_keys(result: dict[str, Any], **known: Any) -> dict[str, Any]:
    """Every POST takes an ``Idempotency-Key``."""
    for operations in result["paths"].values():
        if "post" in operations:
            operations["post"].setdefault("parameters", []).append(_KEY_OF_CALL)
    return result
