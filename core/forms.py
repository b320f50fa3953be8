"""Form fields that people need beside the framework's own."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Model
from django.http import QueryDict

from core.fields import day_is_kept
from core.keys import EMPTY, unknown_words
from core.loading.columns import MONTH
from core.numbers import NEGATIVE
from core.periods import NO_DAY, Month, month_code, stored_month
from core.texts import CONTROLS, NO_ADDRESS, none_of, out_of, sentence, too_long

_M = TypeVar("_M", bound=Model)

_LONGEST_ID = 18  # digits that any database takes for a whole number


def id_of(text: str) -> int | None:
    """The id that a field names; None where the text is none that a row could have."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else None


def ids_in(post: QueryDict, name: str) -> list[int]:
    """The rows that were ticked in a form; what is no id is left out."""
    return [found for text in post.getlist(name) if (found := id_of(text)) is not None]


def show_refusal(form: forms.BaseForm, error: ValidationError) -> None:
    """Say what a service refused beside the fields that it names; what no field shows, at the top."""
    found = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, reasons in found.items():
        form.add_error(name if name in form.fields else None, reasons)


class RowsField(forms.ModelMultipleChoiceField[Any]):
    """Some rows; an id that no database takes for one is as unknown as any other."""

    def clean(self, value: Any) -> Any:
        """The rows. Raises ValidationError where one of them is not there."""
        for text in value or ():
            if isinstance(text, str) and id_of(text) is None:
                code, params = "invalid_pk_value", {"pk": text}
                raise ValidationError(self.error_messages[code], code=code, params=params)
        return super().clean(value)


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that a person writes, in the years that every door takes."""

    widget = DayInput
    default_error_messages: ClassVar = {"required": sentence(EMPTY), "invalid": sentence(NO_DAY)}
    default_validators = [day_is_kept]


_SEEN_ALONE = ProhibitNullCharactersValidator(message=sentence(CONTROLS))
_FEW = 20  # words that a message tells one by one


def _words_of(field: forms.Field) -> dict[str, str]:
    """The reasons of every door for what a form field refuses, by the framework's name of what is wrong."""
    found = {"required": EMPTY, "null_characters_not_allowed": CONTROLS}
    if isinstance(field, forms.ModelChoiceField):
        unknown = unknown_words(str(field.queryset.model._meta.verbose_name))  # type: ignore[union-attr]  # each has its rows
        return found | dict.fromkeys(("invalid_choice", "invalid_pk_value", "invalid_list"), unknown)
    if isinstance(field, forms.ChoiceField):
        words = [str(value) for value, _ in field.choices if value != ""]  # type: ignore[union-attr,misc]
        told = none_of(words) if len(words) <= _FEW else "is none of those that are offered"
        return found | dict.fromkeys(("invalid_choice", "invalid_list"), told)
    if isinstance(field, forms.DateField):
        return found | {"invalid": NO_DAY}
    if isinstance(field, forms.EmailField | forms.URLField):
        return found | {"invalid": NO_ADDRESS if isinstance(field, forms.EmailField) else "is no address of a page"}
    if isinstance(field, forms.IntegerField):
        return found | _words_of_number(field)
    return found | ({"max_length": too_long(longest)} if (longest := getattr(field, "max_length", None)) else {})


def _words_of_number(field: forms.IntegerField) -> dict[str, str]:
    low: Any = field.min_value
    high: Any = field.max_value
    if not isinstance(field, forms.DecimalField) and low is not None and high is not None:
        return dict.fromkeys(("invalid", "min_value", "max_value"), out_of(low, high))
    least = NEGATIVE if low == 0 else f"must not be below {low}"
    none = "is not a number" if isinstance(field, forms.DecimalField) else "is no whole number"
    return {"invalid": none, "min_value": least, "max_value": f"must not be above {high}"}


def _is_own(field: forms.Field, code: str) -> bool:
    """Whether a field says something of its own, which is not the framework's."""
    kinds = (kind for kind in type(field).__mro__ if code in vars(kind).get("default_error_messages", {}))
    default: Any = next(kinds, None)
    if default is None or not default.__module__.startswith("django."):
        return code in field.error_messages
    return bool(field.error_messages[code] != default.default_error_messages[code])


class Worded:
    """A form whose fields refuse for the reasons of every door, those that came late included."""

    def full_clean(self) -> None:
        """Give each field that says nothing of its own those words, and look at what was sent."""
        for field in self.fields.values():  # type: ignore[attr-defined]
            words = _words_of(field).items()
            field.error_messages |= {code: sentence(why) for code, why in words if not _is_own(field, code)}
            if isinstance(field, forms.ModelChoiceField):
                vars(field)["validate_no_null_characters"] = _SEEN_ALONE  # which it asks by itself
        super().full_clean()  # type: ignore[misc]


class Form(Worded, forms.Form):
    """What a person sends."""


class ModelForm(Worded, forms.ModelForm[_M]):
    """What a person sends of a row."""


class WholeFormField(forms.IntegerField):
    """A whole number within bounds; ``words`` refuse others, where they help more than the bounds."""

    def __init__(self, low: int, high: int, words: str = "", **options: Any) -> None:
        said = dict.fromkeys(("invalid", "min_value", "max_value"), sentence(words or out_of(low, high)))
        super().__init__(min_value=low, max_value=high, error_messages=said, **options)


class MonthFormField(forms.CharField):
    """A calendar month as people write it, ``2011-09``; in Python the whole number ``yyyymm``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("min_value", None)
        kwargs.pop("max_value", None)
        super().__init__(**{**kwargs, "help_text": "Year and month, such as 2011-09"})

    def to_python(self, value: Any) -> Month | None:  # type: ignore[override]
        """The month, None where the field is empty. Raises ValidationError where the text is none."""
        try:
            text = MONTH.read(str(value or ""))
        except ValueError as error:
            raise ValidationError(sentence(str(error))) from error
        return stored_month(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        """The month as text; what a person typed stays as typed."""
        return month_code(Month(value)) if isinstance(value, int) else value


def name_blanks(form: forms.BaseForm, **words: str) -> None:
    """Have the empty choice of these fields say what it means, not dashes; a field that is left out is no matter."""
    for name, word in words.items():
        field = form.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = field.empty_label and word
        elif isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            field.choices = [(value, label if value else word) for value, label in choices]
