"""Form fields that people need beside the framework's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.fields import day_is_kept
from core.periods import Month, PeriodError, month_code, parse_month

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
    default_validators = [day_is_kept]


class MonthFormField(forms.CharField):
    """A calendar month as people write it, ``2011-09``; in Python the whole number ``yyyymm``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("min_value", None)
        kwargs.pop("max_value", None)
        super().__init__(**{**kwargs, "help_text": "Year and month, such as 2011-09"})

    def to_python(self, value: Any) -> Month | None:  # type: ignore[override]
        """The month, None where the field is empty. Raises ValidationError where the text is none."""
        text = str(value or "").strip()
        try:
            return parse_month(text) if text else None
        except PeriodError as error:
            raise ValidationError(str(error)) from error

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
