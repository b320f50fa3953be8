"""Filters of what people wrote of cells, of incentive goals, and of the pages of growth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet

from accounts.filters import PeriodFilter
from core.filters import FlagFilter, MonthFilter
from core.periods import Kind, Period
from customers.models import Customer, Tier
from kpis.models import Kpi
from scorecard.models import IncentiveGoal, Narrative, Remark

# The lists of growth: who came, went and moved.
PASSAGES = {"came": "Came", "went": "Went", "moved": "Moved"}


def _of(model: Any) -> Any:
    return django_filters.ModelChoiceFilter(queryset=model.objects.all(), to_field_name="code")


class _OfPeriod(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    period = PeriodFilter(method="of_period")

    class Meta:
        fields: tuple[str, ...] = ()

    def of_period(self, queryset: QuerySet[Any], name: str, value: Period) -> QuerySet[Any]:
        """Of a period, which rows hold by its code."""
        return queryset.filter(period=value.code)


class NarrativeFilter(_OfPeriod):
    """Of a period, a KPI, a tier; with an action that is done or not."""

    kpi = _of(Kpi)
    tier = _of(Tier)
    done = FlagFilter(field_name="done_at", lookup_expr="isnull", exclude=True)

    class Meta(_OfPeriod.Meta):
        model = Narrative


class RemarkFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of a KPI, a tier, a month; those that were taken back, or stand."""

    kpi = _of(Kpi)
    tier = _of(Tier)
    month = MonthFilter(field_name="month")
    taken_back = FlagFilter(field_name="taken_back_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Remark
        fields: tuple[str, ...] = ()


class IncentiveGoalFilter(_OfPeriod):
    """Of a period."""

    class Meta(_OfPeriod.Meta):
        model = IncentiveGoal


class GrowthFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """By which of the KPIs that can say it customers are valued, and how long the periods of the book are."""

    kpi = django_filters.ChoiceFilter(label="Valued by")
    by = django_filters.ChoiceFilter(choices=[(kind.value, kind.value) for kind in Kind], label="Book by")

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, kpis: Iterable[Kpi] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.filters["kpi"].extra["choices"] = [(kpi.code, kpi.name) for kpi in kpis]


class PassageFilter(GrowthFilter):
    """The same of lists of customers: who came, went or moved, and in which tier."""

    what = django_filters.ChoiceFilter(choices=list(PASSAGES.items()), label="Who")
    tier = django_filters.ModelChoiceFilter(queryset=Tier.objects.all(), to_field_name="code", label="Tier")
