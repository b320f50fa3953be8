"""Tiers, customers, their moves and their lives, for stewards and administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from accounts.audited import AuditedAdmin, OpenInline
from accounts.rights import Right
from core.registry import cells_touched
from customers.choices import TierScope
from customers.forms import MembershipForm, TierForm
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.rules.lifecycle import illegal_events
from customers.services import FIRST_MONTH, touch_months, touch_moves


@admin.register(Tier)
class TierAdmin(AuditedAdmin[Tier]):
    """Tiers can be renamed, ranked and retired; the computed columns can be renamed."""

    right = Right.MANAGE_KPIS
    view_right = Right.READ
    key_fields = ("code",)
    form = TierForm
    list_display = ("code", "name", "rank", "retired")
    search_fields = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Tier | None = None) -> tuple[str, ...]:
        """A computed column keeps its place."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if obj is None or obj.scope == TierScope.TIER else (*fixed, "rank", "retired")

    def refusal_to_delete(self, obj: Tier) -> str | None:
        """The computed columns stay; a tier that was used is retired instead."""
        if obj.scope != TierScope.TIER:
            return f"{obj} is a computed column and cannot be deleted."
        reason = super().refusal_to_delete(obj)
        return f"{reason} Retire the tier instead." if reason else None

    def written(self, request: HttpRequest, *, old: models.Model | None, new: models.Model | None) -> None:
        """A new tier is a new column of every month."""
        if old is None or new is None:
            touch_months([(FIRST_MONTH, None)])
            cells_touched(request.user)


class MembershipInline(OpenInline):
    """The tiers of a customer over time."""

    model = TierMembership
    form = MembershipForm


def touch_membership(request: HttpRequest, old: models.Model | None, new: models.Model | None) -> None:
    """Mark the months of a membership as it was and as it is, to be rolled up again."""
    rows = [row for row in (old, new) if isinstance(row, TierMembership)]
    if rows:
        touch_moves((row.customer_id, row.starts_on) for row in rows)
        cells_touched(request.user)


class CustomersAdmin(AuditedAdmin[Any]):
    """What names customers: who may not read them by name sees nothing of it."""

    right = Right.MANAGE_KPIS
    view_right = Right.READ_CUSTOMERS
    show_full_result_count = False


@admin.register(Customer)
class CustomerAdmin(CustomersAdmin):
    """Customers and their tiers."""

    key_fields = ("external_id",)
    inlines = (MembershipInline,)
    list_display = ("external_id", "name", "business_unit", "region", "is_key_account", "account_manager")
    list_filter = ("is_key_account", "business_unit")
    list_select_related = ("business_unit", "account_manager")
    search_fields = ("external_id", "name")

    def written(self, request: HttpRequest, *, old: models.Model | None, new: models.Model | None) -> None:
        """A move changes what the months' cells are made from."""
        touch_membership(request, old, new)


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

    def written(self, request: HttpRequest, *, old: models.Model | None, new: models.Model | None) -> None:
        """A move changes what the months' cells are made from."""
        touch_membership(request, old, new)


@admin.register(LifecycleEvent)
class LifecycleAdmin(CustomersAdmin):
    """When customers joined, left and returned."""

    key_fields = ("customer",)
    list_display = ("customer", "on", "kind")
    list_filter = ("kind",)
    list_select_related = ("customer",)
    search_fields = ("customer__external_id", "customer__name")
    autocomplete_fields = ("customer",)

    def written(self, request: HttpRequest, *, old: models.Model | None, new: models.Model | None) -> None:
        """What is left has to be legal by date. Raises ValidationError, which takes the write back."""
        row = new or old
        if isinstance(row, LifecycleEvent):
            for _, day, _, reason in illegal_events([row.customer.external_id]):
                raise ValidationError(f"Nothing was changed: on {day} {reason}.")
