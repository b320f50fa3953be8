"""Benefits as the API answers and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import by_code
from core.resources import DryRunField
from core.rows import RowSerializer
from core.shapes import ABOVE_ZERO, ChoiceField, ExactField, ExactInput, MonthField, Text
from customers.serializers import tier_field
from initiatives.choices import BenefitKind, BenefitState
from initiatives.models import Initiative
from kpis.serializers.fields import kpi_field


class RealisedSerializer(RowSerializer):
    """What a benefit in money brought in a month, in its own currency."""

    month = MonthField()
    value = ExactField()
    note = serializers.CharField()
    by = serializers.EmailField(source="by.email", default=None, allow_null=True)


class BenefitSerializer(RowSerializer):
    """A version of a planned benefit and what it brought.

    In money ``planned``, ``to_date`` and ``realised`` are in the company's currency, null without a rate;
    in a KPI in its unit, read from its cells: ``now`` in ``since`` against ``baseline`` in ``before``.
    """

    id = serializers.IntegerField(source="benefit.pk")
    initiative = serializers.CharField(source="benefit.initiative.code")
    name = serializers.CharField(source="benefit.name")
    version = serializers.IntegerField(source="benefit.version")
    kind = serializers.ChoiceField(choices=BenefitKind.choices, source="benefit.kind")
    kpi = serializers.CharField(source="benefit.kpi.code", default=None, allow_null=True)
    tier = serializers.CharField(source="benefit.tier.code", default=None, allow_null=True)
    value_per_year = ExactField(source="benefit.value_per_year")
    currency = serializers.CharField(source="benefit.currency", help_text="Empty: the company's")
    from_month = MonthField(source="benefit.from_month")
    note = serializers.CharField(source="benefit.note")
    state = serializers.ChoiceField(choices=BenefitState.choices, source="benefit.state")
    created_by = serializers.EmailField(source="benefit.created_by.email", default=None, allow_null=True)
    decided_by = serializers.EmailField(source="benefit.decided_by.email", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(source="benefit.decided_at", allow_null=True)
    decision_note = serializers.CharField(source="benefit.decision_note")
    supersedes = serializers.IntegerField(
        source="benefit.supersedes", allow_null=True, help_text="The version that it took the place of"
    )
    planned = ExactField(help_text="A year")
    to_date = ExactField(help_text="What it should have brought by now")
    realised = ExactField()
    baseline = ExactField()
    now = ExactField()
    before = serializers.CharField()
    since = serializers.CharField()
    months = RealisedSerializer(many=True)


class BenefitInput(serializers.Serializer[Any]):
    """A proposal: so much a year, from a month on, in money or in a KPI's unit."""

    initiative = by_code(Initiative, required=True)
    name = Text(max_length=120)
    kind = ChoiceField(choices=BenefitKind.choices)
    kpi = kpi_field(allow_null=True)
    tier = tier_field(allow_null=True)
    value_per_year = ExactInput(told=ABOVE_ZERO)
    currency = Text(max_length=3, required=False, allow_blank=True)
    from_month = MonthField()
    note = Text(required=False, allow_blank=True)


class DecisionInput(serializers.Serializer[Any]):
    """Finance's word; a rejection needs a reason."""

    reason = Text(required=False, allow_blank=True, default="")


class TakeBackInput(serializers.Serializer[Any]):
    """Why an approval is taken back, where it is said; the proposer reads it."""

    reason = Text(required=False, allow_blank=True, default="", max_length=2000)


class DryRunQuery(serializers.Serializer[Any]):
    """What may be asked of taking back."""

    dry_run = DryRunField(help_text="1: answer as it would be, change nothing")


class RealisedInput(serializers.Serializer[Any]):
    """What it brought in a month; null takes the entry out. ``seen`` is the value that was read, null for none."""

    month = MonthField()
    value = ExactInput(allow_null=True)
    note = Text(required=False, allow_blank=True, default="")
    seen = ExactInput(required=False, allow_null=True, default=None)
