"""The chart of one column as the API answers it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.numbers import rounded_text
from core.periods import month_code
from core.shapes import ExactField, MonthField, NamedRow
from customers.models import Tier
from kpis.choices import Assurance, Signal, SignalRule
from kpis.models import Kpi
from kpis.reading.signals import ColumnChart


class SignalPointSerializer(serializers.Serializer[Any]):
    """A month of the chart."""

    month = MonthField()
    value = ExactField(help_text="Of a seasonal KPI the difference from the same month a year before")
    actual = ExactField()
    rule = serializers.ChoiceField(
        choices=SignalRule.choices, allow_null=True, help_text="What it met as though it were the latest, by the limits"
    )


class StepSerializer(serializers.Serializer[Any]):
    """From when on limits are taken anew, and why."""

    month = MonthField()
    reason = serializers.CharField()


class SignalSerializer(serializers.Serializer[ColumnChart]):
    """Did anything really change: month values from the last step on, their limits, and what they say of the month."""

    points = serializers.SerializerMethodField(help_text="Empty where the KPI looks back over twelve months")
    centre = ExactField(source="limits.centre", default=None)
    lower = ExactField(source="limits.lower", default=None)
    upper = ExactField(source="limits.upper", default=None)
    signal = serializers.ChoiceField(choices=Signal.choices, allow_null=True)
    rule = serializers.ChoiceField(choices=SignalRule.choices, allow_null=True, source="found.rule", default=None)
    assurance = serializers.ChoiceField(
        choices=Assurance.choices, allow_null=True, source="found.assurance", default=None
    )
    steps = StepSerializer(many=True)

    @extend_schema_field(SignalPointSerializer(many=True))
    def get_points(self, chart: ColumnChart) -> list[dict[str, Any]]:
        """Oldest first."""
        return list(_points(chart))


def _points(chart: ColumnChart) -> Iterator[dict[str, Any]]:
    for point, rule in zip(chart.points, chart.rules, strict=True):
        yield {
            "month": month_code(point.month),
            "value": rounded_text(point.value),
            "actual": rounded_text(point.actual),
            "rule": rule and rule.value,
        }


class ColumnQuery(serializers.Serializer[Any]):
    """A KPI in a tier."""

    kpi = NamedRow(
        slug_field="code",
        queryset=Kpi.objects.select_related("facts_of"),
        help_text="A KPI's code",
        error_messages={"required": "Say which KPI."},
    )
    tier = NamedRow(
        slug_field="code",
        queryset=Tier.objects.all(),
        help_text="A tier's code, untiered or all",
        error_messages={"required": "Say which tier."},
    )


class SignalQuery(ColumnQuery):
    """Which column, and up to which month."""

    month = MonthField(required=False, help_text="The last ended month if not given")
