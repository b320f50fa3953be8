"""Filters that FilterSets of every app share."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from drf_spectacular.utils import extend_schema_field

from core.forms import DayField
from core.periods import Month, PeriodError, parse_month


class _MonthField(forms.CharField):
    def clean(self, value: Any) -> Month | None:
        """The month; None where nothing is asked. Raises ValidationError where the text is none."""
        text = super().clean(value)
        try:
            return parse_month(text) if text else None
        except PeriodError as error:
            raise forms.ValidationError(f"{error}.") from error


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$", "example": "2011-09"})
class MonthFilter(django_filters.Filter):  # type: ignore[misc]  # the library is not typed
    """A month such as ``2011-09``."""

    field_class = _MonthField


@extend_schema_field({"type": "boolean"})
class FlagFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]  # as above
    """``true`` or ``false``; nothing where it is not asked."""

    def __init__(self, *args: Any, unasked: str = "", **options: Any) -> None:
        none = [("", unasked)] if unasked else []
        super().__init__(
            *args, choices=[*none, ("true", "Yes"), ("false", "No")], coerce=_is_true, empty_value=None, **options
        )


def _is_true(text: str) -> bool:
    return text == "true"


class DayFilter(django_filters.DateFilter):  # type: ignore[misc]  # as above
    """A day, in the years that every door takes."""

    field_class = DayField


def problems_of(filters: django_filters.FilterSet) -> list[str]:
    """A sentence for each value of an address that is unknown, and so filters nothing."""
    errors = filters.form.errors.items()
    return [f"{filters.form.fields[name].label or name}: {' '.join(told)} It was left out." for name, told in errors]
