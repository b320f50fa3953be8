"""Proposed KPIs as the API answers and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.rows import RowSerializer
from core.shapes import Text
from kpis.choices import Absent, Direction, Indicator, ProposalState, Unit
from kpis.serializers.library import KpiFields


class ProposedValuesSerializer(RowSerializer):
    """The KPI as it was proposed, in the words of files; it stays so whatever became of it."""

    code = serializers.CharField()
    name = serializers.CharField()
    department = serializers.CharField(allow_null=True)
    indicator = serializers.ChoiceField(choices=Indicator.choices)
    unit = serializers.ChoiceField(choices=Unit.choices)
    currency = serializers.CharField()
    direction = serializers.ChoiceField(choices=Direction.choices)
    customer_method = serializers.CharField()
    time_method = serializers.CharField()
    formula = serializers.CharField()
    near_band = serializers.CharField(allow_null=True)
    near_band_abs = serializers.CharField(allow_null=True)
    decimals = serializers.IntegerField()
    absent = serializers.ChoiceField(choices=Absent.choices)
    facts_of = serializers.CharField(allow_null=True)
    rule = serializers.CharField(
        default="", help_text="How its facts would be derived from events; empty: they would not"
    )
    owner = serializers.CharField(allow_null=True)
    customer_criterion = serializers.CharField()
    definition = serializers.CharField()
    purpose = serializers.CharField()
    data_source = serializers.CharField()


class KpiProposalSerializer(RowSerializer):
    """A proposed KPI, and what became of it; ``kpi`` is the code of what it became."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ProposalState.choices)
    why = serializers.CharField()
    values = ProposedValuesSerializer()
    proposed_by = serializers.EmailField(source="proposed_by.email")
    proposed_at = serializers.DateTimeField()
    decided_by = serializers.EmailField(source="decided_by.email", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField()
    kpi = serializers.CharField(source="kpi.code", default=None, allow_null=True)


class KpiProposalInput(KpiFields):
    """A KPI that the library should have, and why."""

    why = Text(help_text="For the steward who decides")


class AcceptInput(KpiFields):
    """What the library is to get where that is not what was proposed; what is not named stays."""

    def get_fields(self) -> dict[str, Any]:
        """All of them can be left out."""
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class DeclineInput(serializers.Serializer[Any]):
    """Why it stays out; the proposer reads it."""

    reason = Text()


class ProposalTakeBackInput(serializers.Serializer[Any]):
    """Why a decision is taken back; the proposer reads it."""

    reason = Text(required=False, allow_blank=True, default="", max_length=2000)
