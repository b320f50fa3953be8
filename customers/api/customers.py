"""Tiers, customers, their moves and their lives for other programs."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.company import today
from accounts.resources import CodedTable, Table
from accounts.rights import Right
from core.resources import Pages
from core.routing import resource
from core.texts import sentence
from customers.filters import CustomerFilter, LifecycleFilter, MembershipFilter, TierFilter
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.moves import effects_of
from customers.reading.tiers import concern_in_words, read_concern
from customers.serializers import (
    CustomerInput,
    CustomerSerializer,
    LifecycleInput,
    LifecycleSerializer,
    MembershipInput,
    MembershipSerializer,
    TierInput,
    TierSerializer,
)
from customers.services.customers import CustomerRows, LifecycleRows, MembershipRows, TierRows


@resource("tiers")
class TierViewSet(CodedTable):
    """The company's tiers, by code, without the computed columns."""

    queryset = Tier.objects.real()
    serializer_class = TierSerializer
    filterset_class = TierFilter
    rows = TierRows()
    body = TierInput

    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Change what is named and leave the rest. Needs the revision. ``warnings`` tell whom a retirement concerns."""
        old = self.get_object().retired_from
        told = super().partial_update(request, **kwargs)
        now = self.get_object()
        if now.retired_from and now.retired_from != old:
            told.data["warnings"] = [sentence(concern_in_words(read_concern(now, now.retired_from)))]
        return told


class CustomerPages(Pages):
    """In the order of external ids."""

    ordering = "external_id"


class _NamesCustomers(Table):
    """What names customers: each sees those that they may read by name."""

    customer: ClassVar[str]  # where a row names its customer
    rights: ClassVar = {**Table.rights, "read": (Right.READ_CUSTOMERS, Right.READ_OWN_CUSTOMERS)}

    def get_queryset(self) -> Any:
        """Of the customers that the caller may read."""
        every = super().get_queryset()
        if self.caller.has_perm(Right.READ_CUSTOMERS):
            return every
        return every.filter(**{f"{self.customer}__in": Customer.objects.visible_to(self.caller)})


@resource("customers")
class CustomerViewSet(_NamesCustomers):
    """Customers, by external id."""

    customer = "pk"
    queryset = Customer.objects.select_related("business_unit", "account_manager")
    lookup_field = "external_id"
    lookup_value_converter = "path"  # an id of another system may have a slash
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    pagination_class = CustomerPages
    rows = CustomerRows()
    body = CustomerInput


@resource("tier-memberships")
class MembershipViewSet(_NamesCustomers):
    """From when on customers belong to which tiers."""

    customer = "customer"
    queryset = TierMembership.objects.select_related("customer", "tier")
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilter
    rows = MembershipRows()
    body = MembershipInput

    def create(self, request: Request) -> Response:
        """A new row; one of the same key is refused. ``warnings`` tell what it changes of ended periods."""
        told = super().create(request)
        return _with_effects(told, None, TierMembership.objects.get(pk=told.data["id"]))

    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Another tier from the day on. Needs the revision. ``warnings`` tell what it changes of ended periods."""
        old = self.get_object()
        return _with_effects(super().partial_update(request, **kwargs), old, None)

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """It goes. With If-Match only what was read. The header ``Warning`` tells what changes of ended periods."""
        old = self.get_object()
        told = super().destroy(request, **kwargs)
        for words in effects_of(old, None, today()):
            told.headers["Warning"] = f'299 - "{words}"'
        return told


def _with_effects(told: Response, old: TierMembership | None, new: TierMembership | None) -> Response:
    if words := effects_of(old, new, today()):
        told.data["warnings"] = words
    return told


@resource("lifecycle-events")
class LifecycleViewSet(_NamesCustomers):
    """When customers joined, left and returned."""

    customer = "customer"
    queryset = LifecycleEvent.objects.select_related("customer")
    serializer_class = LifecycleSerializer
    filterset_class = LifecycleFilter
    rows = LifecycleRows()
    body = LifecycleInput
