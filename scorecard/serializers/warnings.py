"""Early warnings as the API answers them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.numbers import rounded_text
from core.shapes import ExactField, MonthField
from kpis.formulas.warnings import Record
from scorecard.choices import WarningAnswer
from scorecard.models import WarningResponse
from scorecard.reading.warnings import ReadWarning, record_words


class WarningQuery(serializers.Serializer[Any]):
    """Of which month."""

    month = MonthField(required=False, help_text="The newest that was looked at if not given")


class RecordSerializer(serializers.Serializer[Record]):
    """What came of the warnings of 24 month ends, with the facts as they are known now."""

    warned = serializers.IntegerField(help_text="Customers who count: warned of, and not at any of the six ends before")
    lost = serializers.IntegerField(help_text="Of these, within six months")
    base = ExactField(help_text="The share lost of all that could be warned of at the same month ends")
    lift = ExactField(help_text="How much more often the warned were lost: lost ÷ warned ÷ base")
    lead = ExactField(help_text="The median of months until those who left did")
    shown = serializers.BooleanField(help_text="Whether the list may be believed; where not, there are no customers")
    words = serializers.SerializerMethodField(help_text="The same in a sentence")

    @extend_schema_field(serializers.CharField())
    def get_words(self, record: Record) -> str:
        """In words."""
        return record_words(record)


class ReasonSerializer(serializers.Serializer[Any]):
    """A KPI in which the customer got worse."""

    kpi = serializers.CharField(source="kpi.code")
    before = ExactField(help_text="Over the nine months before")
    now = ExactField(help_text="Over the last three months")


class ResponseSerializer(serializers.Serializer[WarningResponse]):
    """What was last done about a warning of the customer."""

    kind = serializers.ChoiceField(choices=WarningAnswer.choices)
    text = serializers.CharField()
    owner = serializers.EmailField(source="owner.email", default=None, allow_null=True)
    due = serializers.DateField(allow_null=True)
    done = serializers.SerializerMethodField()
    by = serializers.EmailField(source="by.email")
    at = serializers.DateTimeField()

    def get_done(self, row: WarningResponse) -> bool:
        """Whether the action is done."""
        return row.done_at is not None


class WarnedSerializer(serializers.Serializer[ReadWarning]):
    """A customer who is warned of."""

    customer = serializers.CharField(source="customer.external_id")
    name = serializers.CharField(source="customer.name")
    value_at_risk = serializers.SerializerMethodField(help_text="Twelve months of the KPI for value")
    reasons = ReasonSerializer(many=True)
    response = ResponseSerializer(allow_null=True)

    @extend_schema_field(ExactField())
    def get_value_at_risk(self, one: ReadWarning) -> str | None:
        """In the KPI's unit."""
        worth: Fraction | None = one.row.worth
        return None if worth is None else rounded_text(worth)


class WarningsSerializer(serializers.Serializer[Any]):
    """A month's record and, where the list is shown, who is warned of, by value at risk."""

    month = MonthField()
    computed_at = serializers.DateTimeField()
    record = RecordSerializer()
    customers = WarnedSerializer(many=True, required=False, help_text="Not there where the list is not shown")
