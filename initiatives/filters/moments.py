"""Filters of moments of truth: one set serves page and API."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from customers.models import Tier
from initiatives.choices import CustomerRole, MomentStage
from initiatives.filters.register import choice_of
from initiatives.models import Initiative, Moment
from kpis.models import Kpi


class MomentFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """Filters of moments. A value that is unknown is in ``form.errors`` and filters nothing."""

    stage = django_filters.ChoiceFilter(choices=MomentStage.choices, label="Stage", empty_label="all")
    role = django_filters.ChoiceFilter(choices=CustomerRole.choices, label="Role", empty_label="all")
    tier = choice_of(Tier.objects.all(), "Tier", "of_tier", to_field_name="code", empty_label="all")
    kpi = choice_of(Kpi.objects.all(), "Metric", "of_kpi", to_field_name="code", empty_label="all")
    initiative = choice_of(
        Initiative.objects.all(), "Initiative", "of_initiative", to_field_name="code", empty_label="all"
    )
    theme = django_filters.CharFilter(label="Theme", method="of_theme")

    class Meta:
        model = Moment
        fields: tuple[str, ...] = ()

    def of_tier(self, queryset: QuerySet[Moment], name: str, value: Tier) -> QuerySet[Moment]:
        """Those for a tier: they name it, or none."""
        return queryset.filter(Q(tiers=None) | Q(pk__in=value.moments.values("pk")))

    def of_kpi(self, queryset: QuerySet[Moment], name: str, value: Kpi) -> QuerySet[Moment]:
        """Those that name a KPI."""
        return queryset.filter(pk__in=value.moment_links.values("moment"))

    def of_initiative(self, queryset: QuerySet[Moment], name: str, value: Initiative) -> QuerySet[Moment]:
        """Those to which an initiative is linked."""
        return queryset.filter(pk__in=value.moments.values("pk"))

    def of_theme(self, queryset: QuerySet[Moment], name: str, value: str) -> QuerySet[Moment]:
        """Those that answer a theme of pain, whatever its case."""
        return queryset.filter(theme_links__theme__iexact=value.strip()).distinct()
