"""Facts as the API answers and takes them: addressed by their key, not by a number."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.resources import DryRunField, Seen
from core.rows import RowSerializer
from core.shapes import ExactField, ExactInput, KeyText, MonthField, Text, code_text
from core.stale import revision_of
from kpis.models import Fact
from kpis.serializers.actuals import LONGEST
from kpis.serializers.fields import kpi_field


class FactSerializer(RowSerializer):
    """What was measured of a customer in a month, in the columns of the file, and the load that wrote it."""

    kpi = serializers.CharField(source="kpi.code")
    customer = serializers.CharField(source="customer.external_id")
    month = MonthField()
    numerator = ExactField()
    denominator = ExactField(help_text="Base of a ratio; else null")
    load = serializers.IntegerField(source="load_id", help_text="The load that wrote the values")
    revision = serializers.SerializerMethodField()

    def get_revision(self, fact: Fact) -> str:
        """Differs whenever the fact does."""
        return revision_of(fact)


_LONGEST_CODE, _LONGEST_ID = 60, 80


class FactKeyQuery(serializers.Serializer[Any]):
    """Which fact."""

    kpi = kpi_field(required=True)
    customer = KeyText(max_length=_LONGEST_ID, help_text="External id")
    month = MonthField()


class FactRemovalQuery(FactKeyQuery):
    """Which facts: without a customer all of the KPI's month."""

    customer = KeyText(max_length=_LONGEST_ID, required=False, help_text="External id; without it all of the month")
    reason = Text(required=False, max_length=LONGEST, help_text="Kept with the load; a dry run needs none")
    dry_run = DryRunField(help_text="1: only count them")


class FactInput(serializers.Serializer[Any]):
    """A fact that is new."""

    kpi = code_text(_LONGEST_CODE)
    customer = KeyText(max_length=_LONGEST_ID, help_text="External id")
    month = MonthField()
    numerator = ExactInput()
    denominator = ExactInput(required=False, allow_null=True)


class FactChange(Seen):
    """Other values of a fact; what is left out stays."""

    numerator = ExactInput(required=False)
    denominator = ExactInput(required=False, allow_null=True)


class RemovedSerializer(serializers.Serializer[Any]):
    """How many facts went, or would go; the load can be taken back."""

    count = serializers.IntegerField()
    dry_run = serializers.BooleanField()
    load = serializers.IntegerField(allow_null=True)
