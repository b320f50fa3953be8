"""Phrases about tiers, customers and where customers belong."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import connections, models
from django.db.models.expressions import RawSQL

from accounts.models import User
from accounts.rights import Right
from core.keys import folded
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

    def current(self, day: date) -> CustomerQuerySet:
        """Those that are not retired on a day."""
        return self.filter(models.Q(retired_from=None) | models.Q(retired_from__gt=day))

    def retired(self, day: date) -> CustomerQuerySet:
        """Those that are retired on a day."""
        return self.filter(retired_from__lte=day)

    def merged_away(self) -> CustomerQuerySet:
        """Those that others have taken over, with whom."""
        return self.exclude(merged_into=None).select_related("merged_into")

    def mentioning(self, text: str) -> CustomerQuerySet:
        """With each of the words in id or name, whatever their case and accents."""
        found = self
        for word in folded(text).split():
            found = found.filter(models.Q(folded_name__holds=word) | models.Q(folded_id__holds=word))
        return found

    def in_tier(self, tier: Tier | None, day: date) -> CustomerQuerySet:
        """Those in a tier, or (None) in none, on a day."""
        if connections[self.db].features.can_distinct_on_fields:
            return self._in_last_tier(tier, day)
        memberships: Any = self.model._meta.get_field("memberships").related_model
        later = memberships.objects.filter(
            customer=models.OuterRef("customer"), starts_on__gt=models.OuterRef("starts_on"), starts_on__lte=day
        )
        begun = memberships.objects.filter(starts_on__lte=day).order_by()
        found = begun.filter(~models.Exists(later), tier=tier).values("customer")
        if tier is None:  # one set of both, for the planner looks every customer up otherwise
            never = self.model._base_manager.filter(~models.Exists(begun.filter(customer=models.OuterRef("pk"))))
            found = found.union(never.order_by().values("pk"), all=True)
        return self.filter(pk__in=found)

    def _in_last_tier(self, tier: Tier | None, day: date) -> CustomerQuerySet:
        """The same in one pass over an index, where a database reads the last row of each customer off it."""
        if tier is None:
            none = RawSQL(f"NOT EXISTS ({_IN_A_TIER})", [day], output_field=models.BooleanField())  # noqa: S611
            return self.filter(none)
        return self.filter(pk__in=RawSQL(_IN_TIER, [day, tier.pk]))  # noqa: S611 - both are parameters


_LAST = """
    SELECT DISTINCT ON (customer_id) customer_id, tier_id FROM customers_tiermembership
    WHERE starts_on <= %s ORDER BY customer_id, starts_on DESC
"""
_IN_TIER = f"SELECT customer_id FROM ({_LAST}) AS last WHERE tier_id = %s"  # noqa: S608 - no value of anybody's
_IN_A_TIER = f"""
    SELECT 1 FROM ({_LAST}) AS last WHERE last.customer_id = "customers_customer"."id" AND last.tier_id IS NOT NULL
"""  # noqa: S608 - as above
_Everyone = models.Manager.from_queryset(CustomerQuerySet)


class CustomerManager(_Everyone["Customer"]):
    """Customers, without those that were merged into another."""

    def get_queryset(self) -> CustomerQuerySet:
        """Those that are themselves."""
        return CustomerQuerySet(self.model, using=self._db).filter(merged_into=None)
