"""Filters of pain points: one set serves page and API."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet

from accounts.filters import PeriodFilter
from accounts.models import Department
from core.filters import MonthFilter
from core.periods import Period
from customers.models import Tier
from initiatives.filters.register import choice_of
from initiatives.models import PainPoint


class PainPointFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """Filters of pain points. A value that is unknown is in ``form.errors`` and filters nothing."""

    period = PeriodFilter(label="Period", method="in_months", help_text="2026, 2026-Q3 or 2026-09")
    department = choice_of(Department.objects.all(), "Department", to_field_name="code", empty_label="all")
    theme = django_filters.CharFilter(label="Theme", lookup_expr="iexact")
    tier = choice_of(Tier.objects.all(), "Tier", to_field_name="code", empty_label="all")
    source = django_filters.CharFilter(label="Source", lookup_expr="iexact")
    since = MonthFilter(field_name="month", lookup_expr="gte", label="Since")
    until = MonthFilter(field_name="month", lookup_expr="lte", label="Until")

    class Meta:
        model = PainPoint
        fields: tuple[str, ...] = ()

    def in_months(self, queryset: QuerySet[PainPoint], name: str, value: Period) -> QuerySet[PainPoint]:
        """Of the months of a period."""
        return queryset.filter(month__in=value.months)
