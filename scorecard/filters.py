"""Filters of what people wrote of cells, and of incentive goals."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from drf_spectacular.utils import extend_schema_field

from core.filters import FlagFilter, MonthFilter
from core.shapes import PERIOD
from customers.models import Tier
from kpis.models import Kpi
from scorecard.models import IncentiveGoal, Narrative, Remark


@extend_schema_field({"type": "string", "pattern": PERIOD, "example": "2026-Q3"})
class _PeriodFilter(django_filters.CharFilter):  # type: ignore[misc]  # the library is not typed
    field_class = forms.RegexField


def _of(model: Any) -> Any:
    return django_filters.ModelChoiceFilter(queryset=model.objects.all(), to_field_name="code")


class NarrativeFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of a period, a KPI, a tier; with an action that is done or not."""

    period = _PeriodFilter(field_name="period", regex=PERIOD)
    kpi = _of(Kpi)
    tier = _of(Tier)
    done = FlagFilter(field_name="done_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Narrative
        fields: tuple[str, ...] = ()


class RemarkFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of a KPI, a tier, a month; those that were taken back, or stand."""

    kpi = _of(Kpi)
    tier = _of(Tier)
    month = MonthFilter(field_name="month")
    taken_back = FlagFilter(field_name="taken_back_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Remark
        fields: tuple[str, ...] = ()


class IncentiveGoalFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of a period."""

    period = _PeriodFilter(field_name="period", regex=PERIOD)

    class Meta:
        model = IncentiveGoal
        fields: tuple[str, ...] = ()
