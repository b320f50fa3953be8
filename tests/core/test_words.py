"""Every text that a person or a program gives is of the one sort whose words are those of files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, AuthenticationForm, SetPasswordForm, UserChangeForm
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.urls import get_resolver
from rest_framework import fields, serializers
from rest_framework.fields import empty

from core.decisions import Decision, ReasonsMissing, reasoned
from core.fields import LineField, WordsField, WordsFormField
from core.forms import Form, Worded
from core.parsers import NoText
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


def test_a_reason_is_refused_for_what_nobody_sees_and_not_kept_without_it() -> None:
    decisions = [Decision(7, True, "fi\x07ne"), Decision(8, False, "Too dear"), Decision(9, False, "\x07")]
    with pytest.raises(ReasonsMissing) as refused:
        reasoned(decisions)
    assert refused.value.problems == dict.fromkeys((7, 9), "Has control characters.")
    assert refused.value.summary == "2 reasons have control characters"


def test_every_text_that_a_call_gives_is_refused_in_the_words_of_files() -> None:
    texts = [(where, one) for where, one in given_fields() if isinstance(one, serializers.CharField)]
    assert len(texts) > 60
    assert [where for where, field in texts if type(field) is serializers.CharField] == []


# What is no value of most fields, or of all of them; ``NoText`` stands for what no database keeps.
BAD: list[Any] = [empty, None, "", " ", "nonsense", "a\x07b", "x" * 10_000, "9" * 300, True, 5, 1.5, -1, 10**30]
BAD += [[], ["nonsense", 5, None, [], ""], "nonsense;", {}, {"a": 1}, NoText("a\x00b"), "2011-02-30", "1899-12-31"]


def test_what_a_call_gives_is_refused_in_no_words_of_the_framework(db: None) -> None:
    given, foreign = dict(given_fields()), framework_texts()
    assert len(given) > 200
    said = {where: {text for bad in BAD for text in refusals(field, bad)} for where, field in given.items()}
    assert {where: found for where, texts in said.items() if (found := set(filter(foreign.fullmatch, texts)))} == {}
    assert sum(map(len, said.values())) > 600


def refusals(field: Any, value: Any) -> Iterator[str]:
    try:
        field.run_validation(value)
    except serializers.ValidationError as error:
        yield from texts_of(error.detail)
    except serializers.SkipField:
        pass


def texts_of(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield str(told)
    else:
        for one in told.values() if isinstance(told, dict) else told:
            yield from texts_of(one)


def framework_texts() -> re.Pattern[str]:
    """Each text that the framework has for a bad value, whatever stands in its gaps."""
    kinds = [one for one in vars(fields).values() if isinstance(one, type) and issubclass(one, serializers.Field)]
    kinds += [serializers.SlugRelatedField, serializers.ManyRelatedField, serializers.Serializer]
    texts = {str(text) for kind in kinds for text in getattr(kind, "default_error_messages", {}).values()}
    return re.compile("|".join(re.sub(r"\\{.*?\\}", ".*", re.escape(text)) for text in sorted(texts)))


def given_fields() -> Iterator[tuple[str, Any]]:
    """What bodies and parameters of the API hold, each by its shape and name."""
    for view in views(get_resolver().url_patterns):
        for shape in {*getattr(view, "bodies", {}).values(), *getattr(view, "queries", {}).values()} - {None}:
            yield from fields_within(shape())


def views(patterns: Any) -> Iterator[Any]:
    for one in patterns:
        if hasattr(one, "url_patterns"):
            yield from views(one.url_patterns)
        else:
            yield getattr(one.callback, "cls", None)


def fields_within(field: Any) -> Iterator[tuple[str, Any]]:
    within = getattr(field, "child", None) or getattr(field, "child_relation", None)
    if within is not None:
        yield from fields_within(within)
    for one in getattr(field, "fields", {}).values():
        if not one.read_only:
            yield f"{type(field).__name__}.{one.field_name}", one
            yield from fields_within(one)


def test_every_long_text_of_a_form_is_refused_in_the_words_of_files() -> None:
    fields = [(form, name, field) for form in all_forms(forms.BaseForm) for name, field in form.base_fields.items()]
    areas = [one for one in fields if isinstance(one[2].widget, forms.Textarea)]
    assert len(areas) > 10
    assert [f"{form.__name__}.{name}" for form, name, field in areas if type(field) is forms.CharField] == []


def test_what_a_person_sends_is_refused_in_no_words_of_the_framework(db: None) -> None:
    foreign, said = texts_of_django(), dict[str, set[str]]()
    for kind in all_forms(forms.BaseForm):
        if not issubclass(kind, OF_DJANGO):
            assert issubclass(kind, Worded), kind
            said[kind.__name__] = {text for bad in TYPED for text in refusals_of(kind, bad)}
    assert {name: found for name, texts in said.items() if (found := set(filter(foreign.fullmatch, texts)))} == {}
    assert sum(map(len, said.values())) > 200


# What is typed, or sent by what is no browser.
TYPED: list[str] = ["", " ", "nonsense", "a\x07b", "a\x00b", "x" * 10_000, "-7", "1.23456", "9" * 30, "2011-02-30"]
TYPED += ["1899-12-31"]
# The framework's own, which ask for passwords.
OF_DJANGO = (AuthenticationForm, SetPasswordForm, AdminUserCreationForm, UserChangeForm)


def refusals_of(kind: Any, value: str) -> Iterator[str]:
    """What the fields of a form say, each sent the same."""
    form = Form(QueryDict(mutable=True))
    form.fields = deepcopy(kind.base_fields)
    for name in form.fields:
        form.data.setlist(name, ["0", value])  # type: ignore[attr-defined]  # a plain mapping to mypy
    for texts in form.errors.values():
        yield from map(str, texts)


def texts_of_django() -> re.Pattern[str]:
    """The same of the framework of pages: its fields, and what they ask of a value."""
    kinds: list[Any] = [one for one in vars(forms).values() if isinstance(one, type) and issubclass(one, forms.Field)]
    kinds += [models.Field]
    texts = {str(text) for kind in kinds for text in getattr(kind, "default_error_messages", {}).values()}
    texts |= {str(text) for one in vars(validators).values() if (text := getattr(one, "message", None))}
    return re.compile("|".join(re.sub(r"%\\\(.*?\\\)[sd]", ".*", re.escape(text)) for text in sorted(texts)))


def all_forms(form: Any) -> Iterator[Any]:
    for one in form.__subclasses__():
        if one.__module__.split(".")[0] in {"accounts", "customers", "initiatives", "kpis", "scorecard"}:
            yield one
        yield from all_forms(one)
