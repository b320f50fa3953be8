"""Customers, their tiers over time, and when they joined, left and returned."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models

from accounts.models import BusinessUnit
from core.auditing import Audited
from core.fields import CodeField, FoldedField, KeyField, LineField, MonthField, month_is_valid
from core.periods import Month
from customers.choices import LAST_RANK, LifecycleKind, TierScope
from customers.querysets import CustomerManager, CustomerQuerySet, TierQuerySet


class Tier(models.Model):
    """A customer tier; rank 1 is the best. Can be renamed or retired, never deleted once used.

    ``retired_from``: from that month on nobody moves into it, and nothing is measured or promised of it any more;
    what it has stays, and it is a column where it has a fact or a target.
    ``all`` and ``untiered`` are rows too, made when the database is set up, so that a cell, a
    target or an actual always points at its column.
    """

    code = CodeField(max_length=40, unique=True)
    name = LineField(max_length=100)
    rank = models.PositiveSmallIntegerField(validators=[MaxValueValidator(LAST_RANK)])
    scope = models.CharField(max_length=10, choices=TierScope, default=TierScope.TIER, editable=False)
    retired_from = MonthField(null=True, blank=True)

    objects = TierQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope=TierScope.TIER) & ~models.Q(code__in=["all", "untiered"])
                | models.Q(scope=TierScope.ALL, code="all")
                | models.Q(scope=TierScope.UNTIERED, code="untiered"),
                name="tier_codes_all_and_untiered_are_reserved",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def stands_in(self, month: Month) -> bool:
        """Whether it is in use in a month: it is not retired from then on, or earlier."""
        return self.retired_from is None or month < self.retired_from


class Customer(models.Model):
    """A customer, by the name that the company's other systems know it.

    ``retired_from``: from that day on in no picker and no list, unless it is asked for; what was measured of it stays.
    ``merged_into`` is the customer that took over all that was this one's. Such a row is there for its id and its name
    alone: ``objects`` leaves it out, ``everyone`` has it.
    """

    audited: ClassVar = Audited(
        key="customer",
        personal=frozenset({"external_id", "name"}),
        left_out=frozenset({"folded_id", "folded_name"}),
        unlabelled=True,
    )

    external_id = KeyField(max_length=80, unique=True)
    name = LineField(max_length=255)
    business_unit = models.ForeignKey(BusinessUnit, null=True, blank=True, on_delete=models.PROTECT)
    region = LineField(max_length=120, blank=True)
    is_key_account = models.BooleanField(default=False)
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="key_accounts"
    )
    retired_from = models.DateField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged",
        db_index=False,  # SQLite would take it for every list, and sort all that it finds
    )
    folded_id = FoldedField(of="external_id")
    folded_name = FoldedField(of="name")

    objects = CustomerManager()
    everyone = CustomerQuerySet.as_manager()

    class Meta:
        ordering = ["external_id"]
        base_manager_name = "everyone"
        indexes = [
            models.Index(fields=["name", "external_id"], name="customer_by_name"),
            models.Index(fields=["region"], name="customer_by_region"),
            models.Index(fields=["folded_id"], name="customer_by_folded_id"),
            # with the id, so that looking through all of them reads the index alone
            models.Index(fields=["folded_name", "folded_id"], name="customer_by_folded_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | ~models.Q(merged_into=models.F("pk")),
                name="customer_is_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TierMembership(models.Model):
    """From a date on the customer belongs to a tier, or to none, until the next membership."""

    audited: ClassVar = Audited(unlabelled=True)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    tier = models.ForeignKey(Tier, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        ordering = ["customer", "starts_on"]
        # which tier everybody is in on a day is read off it alone, the last row of each customer first
        indexes = [models.Index(fields=["customer", "-starts_on", "tier"], name="membership_by_last_day")]
        constraints = [
            models.UniqueConstraint(fields=["customer", "starts_on"], name="customer_moves_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} in {self.tier or 'no tier'} from {self.starts_on}"


class LifecycleEvent(models.Model):
    """A customer joined, left or returned.

    ``derived_from`` is the code of the KPI from whose activity it was derived, with a window of ``derived_months``;
    empty for what somebody said.
    """

    audited: ClassVar = Audited(unlabelled=True)

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="lifecycle_events")
    on = models.DateField()
    kind = LineField(max_length=10, choices=LifecycleKind)
    derived_from = models.CharField(max_length=60, blank=True, db_default="", default="", editable=False)
    derived_months = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["customer", "on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(derived_from="", derived_months=None)
                | ~models.Q(derived_from="") & models.Q(derived_months__gt=0),
                name="derived_event_names_its_kpi_and_window",
            ),
            models.UniqueConstraint(fields=["customer", "on"], name="customer_has_one_event_a_day"),
        ]
        indexes = [models.Index(fields=["on", "kind", "customer"], name="event_by_day")]

    def __str__(self) -> str:
        return f"{self.customer} {self.kind} on {self.on}"


class GrowthBreach(models.Model):
    """A month and tier in which the last check found that growth does not add up: what came, went and moved makes
    ``too_many`` more customers (fewer, where negative) than the book changes by.
    """

    month = MonthField()
    tier = models.ForeignKey(
        Tier, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text="Empty: untiered"
    )
    too_many = models.IntegerField()

    class Meta:
        verbose_name_plural = "growth breaches"
        constraints = [month_is_valid("growth_breach_is_of_a_month")]

    def __str__(self) -> str:
        return f"{self.tier or 'Untiered'}, {self.month}: {self.too_many}"


class GrowthCheck(models.Model):
    """How events and memberships stood when growth was last looked at: one row, made by the first check."""

    seen = models.CharField(max_length=200)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_growth_check")]

    def __str__(self) -> str:
        return self.seen


class TierTouch(models.Model):
    """Customers moved: the tier map of these months changed, and their cells are to be rolled up again.

    ``last_month`` is empty where the move holds until further notice.
    """

    first_month = MonthField()
    last_month = MonthField(null=True, blank=True)

    class Meta:
        constraints = [
            month_is_valid("tier_touch_begins_with_a_month", "first_month"),
            models.CheckConstraint(
                condition=models.Q(last_month=None) | models.Q(last_month__gte=models.F("first_month")),
                name="tier_touch_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_month}–{self.last_month or ''}"
