"""Filters that FilterSets of every app share."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from core.forms import DayField
from core.periods import Month, PeriodError, parse_month
from core.shapes import DAY, MONTH


class _MonthField(forms.CharField):
    def clean(self, value: Any) -> Month | None:
        """The month; None where nothing is asked. Raises ValidationError where the text is none."""
        text = super().clean(value)
        try:
            return parse_month(text) if text else None
        except PeriodError as error:
            raise forms.ValidationError(f"{error}.") from error


@extend_schema_field({"type": "string", "pattern": MONTH, "example": "2011-09"})
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


@extend_schema_field({"type": "string", "format": "date", "pattern": DAY})
class DayFilter(django_filters.DateFilter):  # type: ignore[misc]  # as above
    """A day, in the years that every door takes."""

    field_class = DayField


class Filters(DjangoFilterBackend):  # type: ignore[misc]  # as above
    """The filters of a list of the API.

    The library reads a refusal that repeats a “%” of the address as a text with places to fill in, and fails.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """The rows that are asked for. Raises ValidationError by name, in the words of the filter's field."""
        filters = self.get_filterset(request, queryset, view)
        if filters is None:
            return queryset
        if not filters.is_valid():
            raise serializers.ValidationError({name: list(told) for name, told in filters.errors.items()})
        found: QuerySet[Any] = filters.qs
        return found


def problems_of(filters: django_filters.FilterSet) -> list[str]:
    """A sentence for each value of an address that is unknown, and so filters nothing."""
    errors = filters.form.errors.items()
    return [f"{filters.form.fields[name].label or name}: {' '.join(told)} It was left out." for name, told in errors]
