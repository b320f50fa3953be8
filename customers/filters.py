"""Filters of tiers, customers, their moves and their lives: one set serves page and API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from accounts.models import BusinessUnit, User
from core.filters import DayFilter, FlagFilter
from customers.choices import LifecycleKind
from customers.models import Customer, LifecycleEvent, Tier, TierMembership


def _readable(request: Any) -> QuerySet[Customer]:
    """Those that the person may read: asking by a name that one may not read would tell it."""
    return Customer.objects.visible_to(request.user) if request else Customer.objects.none()


class TierFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library is not typed
    """With a text in the name."""

    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label="Search")

    class Meta:
        model = Tier
        fields: tuple[str, ...] = ()


class CustomerFilter(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """By words in id and name, business unit, region, key account and who looks after it."""

    q = django_filters.CharFilter(label="Search", method="mentioning")
    business_unit = django_filters.ModelChoiceFilter(
        queryset=BusinessUnit.objects.all(), to_field_name="code", label="Business unit"
    )
    region = django_filters.CharFilter(lookup_expr="iexact", label="Region")
    is_key_account = FlagFilter(label="Key account")
    account_manager = django_filters.ModelChoiceFilter(
        queryset=User.objects.all(), to_field_name="email", label="Account manager"
    )

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def mentioning(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        """With each of the words in id or name."""
        for word in value.split():
            queryset = queryset.filter(Q(external_id__icontains=word) | Q(name__icontains=word))
        return queryset


class _OfCustomer(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Of a customer."""

    customer = django_filters.ModelChoiceFilter(queryset=_readable, to_field_name="external_id", label="Customer")


class MembershipFilter(_OfCustomer):
    """Of a customer, in a tier, begun in a span of days."""

    tier = django_filters.ModelChoiceFilter(queryset=Tier.objects.real(), to_field_name="code", label="Tier")
    since = DayFilter(field_name="starts_on", lookup_expr="gte", label="Since")
    until = DayFilter(field_name="starts_on", lookup_expr="lte", label="Until")

    class Meta:
        model = TierMembership
        fields: tuple[str, ...] = ()


class LifecycleFilter(_OfCustomer):
    """Of a customer, of a kind, in a span of days."""

    kind = django_filters.ChoiceFilter(choices=LifecycleKind.choices, label="Kind")
    since = DayFilter(field_name="on", lookup_expr="gte", label="Since")
    until = DayFilter(field_name="on", lookup_expr="lte", label="Until")

    class Meta:
        model = LifecycleEvent
        fields: tuple[str, ...] = ()
