"""Tiers, customers, their moves and their lives, for stewards and administrators."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from accounts.audited import OpenInline, RowsAdmin
from accounts.company import today
from accounts.rights import Right
from customers.choices import TierScope
from customers.forms import MembershipForm, TierForm
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.moves import effects_of
from customers.services.customers import CustomerRows, LifecycleRows, MembershipRows, TierRows


@admin.register(Tier)
class TierAdmin(RowsAdmin[Tier]):
    """Tiers can be renamed and ranked, and are retired on their page; the computed columns can be renamed."""

    writers = {Tier: TierRows()}
    right = Right.MANAGE_KPIS
    view_right = Right.READ
    key_fields = ("code",)
    form = TierForm
    list_display = ("code", "name", "rank", "retired_from")
    search_fields = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> tuple[str, ...]:
        """A computed column keeps its place."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None or obj.scope == TierScope.TIER else (*fixed, "rank")

    def refusal_to_delete(self, obj: Tier) -> str | None:
        """The computed columns stay; a tier that was used is retired instead."""
        if obj.scope != TierScope.TIER:
            return f"{obj} is a computed column and cannot be deleted."
        reason = super().refusal_to_delete(obj)
        return f"{reason} Retire the tier instead, under Customers, Tiers." if reason else None


class MembershipInline(OpenInline):
    """The tiers of a customer over time."""

    model = TierMembership
    form = MembershipForm


_WRITERS: dict[type[models.Model], Any] = {
    Customer: CustomerRows(),
    TierMembership: MembershipRows(),
    LifecycleEvent: LifecycleRows(),
}


def tell_of_moves(request: HttpRequest, old: models.Model | None, new: models.Model | None) -> None:
    """Say how many ended periods and cells a membership moves that was or is written."""
    was, now = (row if isinstance(row, TierMembership) else None for row in (old, new))
    for words in effects_of(was, now, today()):
        messages.warning(request, words)


class CustomersAdmin(RowsAdmin[Any]):
    """What names customers: who may not read them by name sees nothing of it."""

    writers = _WRITERS
    right = Right.MANAGE_KPIS
    view_right = Right.READ_CUSTOMERS
    show_full_result_count = False

    def save_row(self, request: HttpRequest, obj: models.Model) -> None:
        """Say what a moved membership changes of periods that have ended."""
        old = TierMembership.objects.filter(pk=obj.pk).first() if isinstance(obj, TierMembership) and obj.pk else None
        super().save_row(request, obj)
        tell_of_moves(request, old, obj)

    def delete_row(self, request: HttpRequest, obj: models.Model) -> None:
        """The same of one that goes."""
        old = copy(obj)  # which keeps the key that deleting takes
        super().delete_row(request, obj)
        tell_of_moves(request, old, None)


@admin.register(Customer)
class CustomerAdmin(CustomersAdmin):
    """Customers and their tiers."""

    key_fields = ("external_id",)
    inlines = (MembershipInline,)
    list_display = ("external_id", "name", "business_unit", "region", "is_key_account", "account_manager")
    list_filter = ("is_key_account", "business_unit")
    list_select_related = ("business_unit", "account_manager")
    search_fields = ("external_id", "name")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """What finds a customer for another row leaves out those that are retired."""
        found: Any
        found, twice = super().get_search_results(request, queryset, search_term)
        return (found.current(today()) if request.path.endswith("/autocomplete/") else found), twice


@admin.register(TierMembership)
class MembershipAdmin(CustomersAdmin):
    """Moves of customers between tiers."""

    form = MembershipForm
    key_fields = ("customer",)
    list_display = ("customer", "starts_on", "tier")
    list_filter = ("tier",)
    list_select_related = ("customer", "tier")
    search_fields = ("customer__external_id", "customer__name")
    autocomplete_fields = ("customer",)


@admin.register(LifecycleEvent)
class LifecycleAdmin(CustomersAdmin):
    """When customers joined, left and returned."""

    key_fields = ("customer",)
    list_display = ("customer", "on", "kind", "derived_from", "derived_months")
    list_filter = ("kind",)
    list_select_related = ("customer",)
    search_fields = ("customer__external_id", "customer__name")
    autocomplete_fields = ("customer",)
