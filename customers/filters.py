"""Filters of tiers, customers, their moves and their lives: one set serves page and API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from accounts.company import today
from accounts.filters import PeriodFilter
from accounts.models import BusinessUnit, User
from core.filters import DayFilter, FlagFilter
from core.periods import Period
from customers.choices import LifecycleKind, TierScope
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.growth import ON_THE_BOOK


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
    """By words in id and name, today's tier, unit, region, key account, who looks after it, and what happened."""

    q = django_filters.CharFilter(label="Search", method="mentioning")
    tier = django_filters.ModelChoiceFilter(
        queryset=Tier.objects.exclude(scope=TierScope.ALL),
        to_field_name="code",
        label="Tier",
        method="in_tier",
        help_text="Of today; untiered: without one",
    )
    business_unit = django_filters.ModelChoiceFilter(
        queryset=BusinessUnit.objects.all(), to_field_name="code", label="Business unit"
    )
    region = django_filters.CharFilter(lookup_expr="iexact", label="Region")
    is_key_account = FlagFilter(label="Key account")
    account_manager = django_filters.ModelChoiceFilter(
        queryset=User.objects.all(), to_field_name="email", label="Account manager"
    )
    new_in = PeriodFilter(label="New in", method="came", help_text="Joined or returned in 2026, 2026-Q3 or 2026-09")
    lost_in = PeriodFilter(label="Lost in", method="went", help_text="Left in 2026, 2026-Q3 or 2026-09")
    retired = FlagFilter(label="Retired", method="of_the_retired")

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def mentioning(self, queryset: Any, name: str, value: str) -> QuerySet[Customer]:
        """With each of the words in id or name."""
        found: QuerySet[Customer] = queryset.mentioning(value)
        return found

    def in_tier(self, queryset: Any, name: str, value: Tier) -> QuerySet[Customer]:
        """In a tier today, or in none."""
        found: QuerySet[Customer] = queryset.in_tier(None if value.scope == TierScope.UNTIERED else value, today())
        return found

    def came(self, queryset: QuerySet[Customer], name: str, value: Period) -> QuerySet[Customer]:
        """Joined or returned in a period, up to today."""
        return queryset.filter(pk__in=_events(value).filter(kind__in=ON_THE_BOOK).values("customer"))

    def went(self, queryset: QuerySet[Customer], name: str, value: Period) -> QuerySet[Customer]:
        """Left in a period, up to today."""
        return queryset.filter(pk__in=_events(value).filter(kind=LifecycleKind.LEFT).values("customer"))

    def of_the_retired(self, queryset: Any, name: str, value: bool) -> QuerySet[Customer]:
        """Those that are retired today, or those that are not."""
        found: QuerySet[Customer] = queryset.retired(today()) if value else queryset.current(today())
        return found


def _events(period: Period) -> QuerySet[LifecycleEvent]:
    return LifecycleEvent.objects.filter(on__range=(period.first_day, min(period.last_day, today()))).order_by()


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
