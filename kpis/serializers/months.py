"""Complete months as the API answers and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.rows import RowSerializer
from core.shapes import MonthField
from kpis.serializers.fields import kpi_field


class CompleteMonthSerializer(RowSerializer):
    """A steward's word that all facts of a KPI's month are there."""

    id = serializers.IntegerField()
    kpi = serializers.CharField(source="kpi.code")
    month = MonthField()
    by = serializers.EmailField(source="by.email", default=None, allow_null=True)


class CompleteMonthInput(serializers.Serializer[Any]):
    """Which month of which KPI."""

    kpi = kpi_field(required=True)
    month = MonthField()
