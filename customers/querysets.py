"""Phrases about tiers, customers and where customers belong."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db import models

from accounts.models import User
from accounts.rights import Right
from core.periods import Month
from customers.choices import TierScope

if TYPE_CHECKING:
    from customers.models import Customer, Tier  # noqa: F401  named in quotes below


class TierQuerySet(models.QuerySet["Tier"]):
    """Tiers, and the two computed columns beside them."""

    def real(self) -> TierQuerySet:
        """The company's own tiers, retired ones included, best first."""
        return self.filter(scope=TierScope.TIER)

    def in_use(self, month: Month) -> TierQuerySet:
        """The company's tiers that are in use in a month: those that are not retired from it, or from an earlier."""
        return self.real().filter(models.Q(retired_from=None) | models.Q(retired_from__gt=month))

    def all_customers(self) -> Tier:
        """The column ``all``."""
        return self.get(scope=TierScope.ALL)

    def untiered(self) -> Tier:
        """The column ``untiered``."""
        return self.get(scope=TierScope.UNTIERED)


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Customers."""

    def visible_to(self, user: User) -> CustomerQuerySet:
        """Those that the person may read by name: all, or their own key accounts and initiatives', or none.

        An initiative is a person's own as its owner, deputy or in its team.
        """
        if user.has_perm(Right.READ_CUSTOMERS):
            return self.all()
        if not user.has_perm(Right.READ_OWN_CUSTOMERS):
            return self.none()
        roles = (user.owned_initiatives, user.deputised_initiatives, user.team_initiatives)
        named = [models.Q(pk__in=role.exclude(customer=None).values("customer")) for role in roles]
        return self.filter(reduce(or_, named, models.Q(is_key_account=True, account_manager=user)))
