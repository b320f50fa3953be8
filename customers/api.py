"""Tiers, customers, their moves and their lives for other programs."""

from __future__ import annotations

from typing import Any, ClassVar

from accounts.resources import CodedTable, Table
from accounts.rights import Right
from core.resources import Pages
from customers.filters import CustomerFilter, LifecycleFilter, MembershipFilter, TierFilter
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
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


class TierViewSet(CodedTable):
    """The company's tiers, by code, without the computed columns."""

    queryset = Tier.objects.real()
    serializer_class = TierSerializer
    filterset_class = TierFilter
    rows = TierRows()
    body = TierInput


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


class MembershipViewSet(_NamesCustomers):
    """From when on customers belong to which tiers."""

    customer = "customer"
    queryset = TierMembership.objects.select_related("customer", "tier")
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilter
    rows = MembershipRows()
    body = MembershipInput


class LifecycleViewSet(_NamesCustomers):
    """When customers joined, left and returned."""

    customer = "customer"
    queryset = LifecycleEvent.objects.select_related("customer")
    serializer_class = LifecycleSerializer
    filterset_class = LifecycleFilter
    rows = LifecycleRows()
    body = LifecycleInput
