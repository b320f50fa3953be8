"""Pain points and coverage as the API answers and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import department_field
from core.resources import Seen
from core.rows import RowSerializer
from core.shapes import ExactField, ExactInput, KeyText, MonthField, WholeField
from core.stale import revision_of
from customers.serializers import tier_field
from initiatives.models import PainPoint
from initiatives.rules.pain import BAD_SEVERITY, MENTIONS, SEVERITY


class PainPointSerializer(RowSerializer):
    """How often a theme was named in a month by a tier's customers, about a department, in one source."""

    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a word of the file format
    department = serializers.CharField(source="department.code")
    theme = serializers.CharField()
    tier = serializers.CharField(source="tier.code")
    month = MonthField()
    mentions = serializers.IntegerField()
    severity = serializers.IntegerField()
    weight = serializers.SerializerMethodField(help_text="Mentions × severity")
    revenue_at_risk = ExactField(help_text="In the company's currency")
    revision = serializers.SerializerMethodField()

    def get_weight(self, point: PainPoint) -> int:
        """Its part in the shares of pain."""
        return point.mentions * point.severity

    def get_revision(self, point: PainPoint) -> str:
        """Differs whenever the point does."""
        return revision_of(point)


class PainPointInput(Seen):
    """What a steward enters."""

    source = KeyText(max_length=120)  # type: ignore[assignment]  # as above
    department = department_field(required=True)
    theme = KeyText(max_length=120)
    tier = tier_field(required=True)
    month = MonthField()
    mentions = WholeField(*MENTIONS)
    severity = WholeField(*SEVERITY, BAD_SEVERITY)
    revenue_at_risk = ExactInput(negative=False, required=False, allow_null=True)


class ServingSerializer(serializers.Serializer[Any]):
    """How many running initiatives serve it, and how they stand."""

    running = serializers.IntegerField()
    late = serializers.IntegerField()
    not_reported = serializers.IntegerField()


class CoverageLineSerializer(serializers.Serializer[Any]):
    """Pain beside what serves it. Shares are of the whole company, null where there is no whole."""

    department = serializers.CharField(source="department.code", default=None, allow_null=True)
    theme = serializers.CharField()
    tier = serializers.CharField(source="tier.code", default=None, allow_null=True)
    weight = serializers.IntegerField()
    pain_share = ExactField()
    uncovered = serializers.IntegerField(help_text="Weight that nothing running answers")
    uncovered_tiers = serializers.SerializerMethodField(help_text="Of whose customers that is")
    revenue_at_risk = ExactField()
    uncovered_revenue = ExactField(help_text="What of it is at risk by what nothing running answers")
    serving = ServingSerializer()
    running_share = ExactField()
    cost = ExactField(help_text="Of what serves it, in the company's currency")
    budget_share = ExactField()
    without_cost = serializers.IntegerField(help_text="Initiatives whose cost the sum leaves out")
    orphaned = serializers.BooleanField(source="is_orphaned")

    def get_uncovered_tiers(self, line: Any) -> list[str]:
        """Their codes."""
        return [tier.code for tier in line.tiers]


class CoverageSerializer(serializers.Serializer[Any]):
    """Customers' pain of a period beside what runs for it, as of a day."""

    period = serializers.CharField(source="period.code")
    as_of = serializers.DateField()
    weight = serializers.IntegerField()
    uncovered = serializers.IntegerField()
    running = serializers.IntegerField()
    customer_focused = serializers.IntegerField()
    budget = ExactField()
    without_rate = serializers.SerializerMethodField(help_text="Initiatives whose cost has no rate")
    departments = CoverageLineSerializer(many=True)
    themes = CoverageLineSerializer(many=True)
    tiers = CoverageLineSerializer(many=True)
    orphaned_pain = CoverageLineSerializer(many=True, help_text="Heaviest first")
    orphaned_initiatives = serializers.SerializerMethodField(help_text="Running; no pain, no KPI")

    def get_without_rate(self, coverage: Any) -> list[str]:
        """Their codes."""
        return [standing.initiative.code for standing in coverage.without_rate]

    def get_orphaned_initiatives(self, coverage: Any) -> list[str]:
        """Their codes."""
        return [standing.initiative.code for standing in coverage.orphaned_initiatives]
