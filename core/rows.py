"""Rows as the API answers them: what the framework's serializers answer, without asking each field of each row anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from operator import attrgetter, itemgetter
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from rest_framework import serializers
from rest_framework.fields import SkipField

_MISSING = (AttributeError, KeyError, ObjectDoesNotExist)
_Reading = Callable[[Any], Any]
_Reader = tuple[str, Any, _Reading, _Reading]  # name, field, its value of a row, the value as it is answered
_PLAIN: Mapping[type[Any], _Reading] = {
    serializers.CharField: str,
    serializers.EmailField: str,
    serializers.IntegerField: int,
}


class RowSerializer(serializers.Serializer[Any]):
    """A serializer of many rows: how each field is read is worked out once for all of them.

    Whatever it does not know at a glance the framework's own way answers: a value that is missing, a function, a
    field that reads for itself.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """One row: an object, or a mapping."""
        shown: dict[str, Any] = {}
        for name, field, read, said in self._of_keys if isinstance(instance, Mapping) else self._of_attributes:
            try:
                value = read(instance)
                value = field.get_attribute(instance) if callable(value) else value
            except _MISSING:
                try:
                    value = field.get_attribute(instance)
                except SkipField:
                    continue
            shown[name] = None if value is None else said(value)
        return shown

    @cached_property
    def _of_attributes(self) -> list[_Reader]:
        return list(_readers(self._readable_fields, _attribute_of))

    @cached_property
    def _of_keys(self) -> list[_Reader]:
        return list(_readers(self._readable_fields, _key_of))


def _readers(fields: Any, read: Callable[[Any], _Reading]) -> Iterator[_Reader]:
    for field in fields:
        own = type(field).get_attribute is not serializers.Field.get_attribute
        reads = field.get_attribute if own or not field.source_attrs else read(field)
        yield field.field_name, field, reads, _said(field)


def _attribute_of(field: Any) -> _Reading:
    """What reads an object's attribute, or that of what it refers to; nothing where it refers to nothing."""
    if len(field.source_attrs) == 2 and field.default is None:
        return partial(_referred, *field.source_attrs)
    return attrgetter(field.source)


def _referred(first: str, second: str, row: Any) -> Any:
    found = getattr(row, first)
    return None if found is None else getattr(found, second)


def _key_of(field: Any) -> _Reading:
    return itemgetter(field.source) if len(field.source_attrs) == 1 else cast("_Reading", field.get_attribute)


def _said(field: Any) -> _Reading:
    """What makes the answer of a value, without the framework's wrapping where that adds nothing."""
    if isinstance(field, serializers.SerializerMethodField):
        return cast("_Reading", getattr(field.parent, str(field.method_name)))
    return _PLAIN.get(type(field)) or cast("_Reading", field.to_representation)
