"""Tiers, customers, their moves and their lives as the API answers and takes them, in the columns of files."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import PeriodField, business_unit_field, by_code, person_field
from core.resources import RevisedSerializer, Seen
from core.shapes import (
    ChoiceField,
    DayField,
    EditionField,
    KeyText,
    MonthField,
    NamedRow,
    Text,
    WholeField,
    YesNoField,
    code_text,
)
from customers.choices import LAST_RANK, LifecycleKind
from customers.models import Customer, Tier
from customers.rules.customers import MERGED, taken_over_by


def tier_field(**options: Any) -> Any:
    """A tier by code; ``all`` where the resource takes it."""
    return by_code(Tier, **options)


@extend_schema_field({"type": "string"})
class CustomerField(NamedRow):
    """A customer by external id, of those that the caller may read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"slug_field": "external_id", "required": False, **options})

    def get_queryset(self) -> Any:
        """Those that the caller may read."""
        request = self.context.get("request")
        return Customer.objects.visible_to(request.user) if request else Customer.objects.all()

    def why_unknown(self, text: str) -> str:
        """One that was merged into a customer that the caller may read."""
        kept = taken_over_by([text]).get(text, "")
        return MERGED.format(kept) if kept and self.get_queryset().filter(external_id=kept).exists() else ""


class TierSerializer(RevisedSerializer):
    """A customer tier; rank 1 is the best."""

    code = serializers.CharField()
    name = serializers.CharField()
    rank = serializers.IntegerField()
    retired_from = MonthField(allow_null=True, help_text="Nobody moves into it from then on; null: in use")
    warnings = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Of a write alone: whom and what it concerns that the tier is retired, if it is",
    )


class TierInput(Seen):
    """A tier as it is to be."""

    code = code_text(40)
    name = Text(max_length=100)
    rank = WholeField(0, LAST_RANK)
    retired_from = MonthField(required=False, allow_null=True)


class CustomerSerializer(RevisedSerializer):
    """A customer, by the name that the company's other systems know it."""

    external_id = serializers.CharField()
    name = serializers.CharField()
    business_unit = serializers.CharField(source="business_unit.code", default=None, allow_null=True)
    region = serializers.CharField()
    is_key_account = serializers.BooleanField()
    account_manager = serializers.EmailField(source="account_manager.email", default=None, allow_null=True)


class CustomerInput(Seen):
    """A customer as it is to be."""

    external_id = KeyText(max_length=80)
    name = Text(max_length=255)
    business_unit = business_unit_field(allow_null=True)
    region = Text(max_length=120, required=False, allow_blank=True)
    is_key_account = YesNoField(required=False)
    account_manager = person_field(allow_null=True)


class MembershipSerializer(RevisedSerializer):
    """From a day on a customer is in a tier, or in none, until the next membership."""

    id = serializers.IntegerField()
    customer = serializers.CharField(source="customer.external_id")
    starts_on = serializers.DateField()
    tier = serializers.CharField(source="tier.code", default=None, allow_null=True, help_text="Null: no tier")
    warnings = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Of a write alone: what it changes of ended periods, if anything",
    )


class MembershipInput(Seen):
    """A move as it is to be."""

    customer = CustomerField(required=True)
    starts_on = DayField()
    tier = tier_field(required=True, allow_null=True)


class LifecycleSerializer(RevisedSerializer):
    """What happened to a customer on a day."""

    id = serializers.IntegerField()
    customer = serializers.CharField(source="customer.external_id")
    on = serializers.DateField()
    kind = serializers.ChoiceField(choices=LifecycleKind.choices)
    derived_from = serializers.CharField(help_text="The KPI from whose activity it was derived; else empty")
    derived_months = serializers.IntegerField(allow_null=True, help_text="The window of that, in months")


class LifecycleInput(Seen):
    """What happened to a customer: joined, then left and returned in turn."""

    customer = CustomerField(required=True)
    on = DayField()
    kind = ChoiceField(choices=LifecycleKind.choices)


class GrowthRowSerializer(serializers.Serializer[Any]):
    """One tier in a period, in customers."""

    tier = serializers.CharField(source="tier.code")
    opening = serializers.IntegerField(help_text="On the book on the day before the period begins")
    joined = serializers.IntegerField()
    returned = serializers.IntegerField()
    moved_in = serializers.IntegerField(help_text="From another tier, of those on the book when the month opened")
    left = serializers.IntegerField()
    moved_out = serializers.IntegerField(help_text="To another tier; all customers have no moves")
    closing = serializers.IntegerField(help_text="On the book on the last day of the period, to date today")
    net = serializers.IntegerField(help_text="Closing less opening")


class GrowthSerializer(serializers.Serializer[Any]):
    """Customer growth of a period: tiers best first, then ``untiered``, then ``all``; none before it has begun."""

    period = serializers.CharField(source="period.code")
    rows = GrowthRowSerializer(many=True)


class GrowthQuery(serializers.Serializer[Any]):
    """What may be asked of growth."""

    period = PeriodField(
        help_text="A month, quarter or year: 2011-09, 2011-Q3 or 2011",
        error_messages={"required": "Say which period, such as ?period=2011-Q3."},
    )
    edition = EditionField(required=False)
