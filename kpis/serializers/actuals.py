"""Actuals of tiers and what was corrected of them, as the API answers and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.resources import DryRunField, Seen
from core.rows import RowSerializer
from core.shapes import ExactField, ExactInput, MonthField, Text
from core.stale import revision_of
from customers.serializers import tier_field
from kpis.models import TierActual
from kpis.serializers.fields import kpi_field

LONGEST = 2_000  # letters of a reason


class TierActualSerializer(RowSerializer):
    """A month's actual of a tier, or of all customers, in the columns of the file."""

    id = serializers.IntegerField()
    kpi = serializers.CharField(source="kpi.code")
    tier = serializers.CharField(source="tier.code")
    month = MonthField()
    numerator = ExactField()
    denominator = ExactField(help_text="Observations of a mean, base of a ratio; else null")
    revision = serializers.SerializerMethodField()

    def get_revision(self, actual: TierActual) -> str:
        """Differs whenever the actual does."""
        return revision_of(actual)


class TierActualInput(Seen):
    """What was measured. A correction of what people have read needs a reason."""

    kpi = kpi_field(required=True)
    tier = tier_field(required=True)
    month = MonthField()
    numerator = ExactInput()
    denominator = ExactInput(required=False, allow_null=True)
    reason = Text(required=False, allow_blank=True, max_length=LONGEST, help_text="Of a correction")


class RemovalQuery(serializers.Serializer[Any]):
    """Why an actual is taken away."""

    reason = Text(required=False, max_length=LONGEST, help_text="Kept with the value that goes; a dry run needs none")
    dry_run = DryRunField(help_text="1: only ask whether it may go")


class TierActualKeyQuery(serializers.Serializer[Any]):
    """Which actual."""

    kpi = kpi_field(required=True)
    tier = tier_field(required=True)
    month = MonthField()


class TierActualPageSerializer(serializers.Serializer[Any]):
    """A page of them."""

    next = serializers.URLField(allow_null=True, required=False)
    previous = serializers.URLField(allow_null=True, required=False)
    results = TierActualSerializer(many=True)


class RestatementSerializer(RowSerializer):
    """A correction by hand or by a load, which the reason names: the old value and the new one (null where it was
    taken away), why, who, when.
    """

    id = serializers.IntegerField()
    kpi = serializers.CharField(source="kpi.code")
    tier = serializers.CharField(source="tier.code")
    month = MonthField()
    old_numerator = ExactField()
    old_denominator = ExactField()
    numerator = ExactField()
    denominator = ExactField()
    reason = serializers.CharField()
    by = serializers.EmailField(source="by.email", default=None, allow_null=True, help_text="Null: by command")
    at = serializers.DateTimeField()


class ActualRemovedSerializer(serializers.Serializer[Any]):
    """How many actuals would go."""

    count = serializers.IntegerField()
    dry_run = serializers.BooleanField()


class TierActualRemovalQuery(TierActualKeyQuery, RemovalQuery):
    """Which actual goes, and why."""
