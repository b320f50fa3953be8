"""Every text that a person or a program gives is of the one sort whose words are those of files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from rest_framework import serializers

from core.fields import LineField, WordsField, WordsFormField
from core.shapes import Text
from core.texts import tidied, why_no_text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("one\ntwo\tthree", ""),
        ("x" * 10_000, ""),
        ("a\x07b", "has control characters"),
        ("a\x00b", "has control characters"),
        ("half \ud800", "has control characters"),
    ],
)
def test_a_text_of_any_length_is_refused_for_what_nobody_sees_alone(text: str, why: str) -> None:
    assert why_no_text(text, 0) == why


def test_a_line_end_of_two_characters_counts_as_one_at_every_door() -> None:
    written = "a\r\nb"
    assert tidied(written) == WordsFormField(max_length=3).clean(written) == Text(max_length=3).run_validation(written)
    with pytest.raises(ValidationError, match="Has more than 2 characters"):
        WordsFormField(max_length=2).clean(written)


def test_a_column_of_words_is_to_migrations_what_the_database_holds() -> None:
    assert LineField(max_length=5).deconstruct()[1:] == ("django.db.models.CharField", [], {"max_length": 5})
    assert WordsField(blank=True).deconstruct()[1:] == ("django.db.models.TextField", [], {"blank": True})


def test_every_text_that_a_body_of_the_api_holds_is_refused_in_the_words_of_files() -> None:
    texts = list(texts_of_bodies())
    assert len(texts) > 60
    assert [where for where, field in texts if type(field) is serializers.CharField] == []


def texts_of_bodies() -> Iterator[tuple[str, Any]]:
    for view in views(get_resolver().url_patterns):
        for shape in getattr(view, "bodies", {}).values():
            if shape is not None:
                yield from texts_within(shape())


def views(patterns: Any) -> Iterator[Any]:
    for one in patterns:
        if hasattr(one, "url_patterns"):
            yield from views(one.url_patterns)
        else:
            yield getattr(one.callback, "cls", None)


def texts_within(field: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(field, serializers.ListField | serializers.ListSerializer):
        yield from texts_within(field.child)
    elif isinstance(field, serializers.BaseSerializer):
        for one in getattr(field, "fields", {}).values():
            if not one.read_only:
                yield from texts_within(one)
    elif isinstance(field, serializers.CharField):
        yield f"{type(field.parent).__name__}.{field.field_name}", field


def test_every_long_text_of_a_form_is_refused_in_the_words_of_files() -> None:
    fields = [(form, name, field) for form in all_forms(forms.BaseForm) for name, field in form.base_fields.items()]
    areas = [one for one in fields if isinstance(one[2].widget, forms.Textarea)]
    assert len(areas) > 10
    assert [f"{form.__name__}.{name}" for form, name, field in areas if type(field) is forms.CharField] == []


def all_forms(form: Any) -> Iterator[Any]:
    for one in form.__subclasses__():
        if one.__module__.split(".")[0] in {"accounts", "customers", "initiatives", "kpis", "scorecard"}:
            yield one
        yield from all_forms(one)
