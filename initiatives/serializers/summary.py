"""The count of what runs, as the API answers it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.company import today
from accounts.serializers import PeriodField
from core.shapes import ChoiceField, DayField, EditionField
from initiatives.reading.report import By

GROUPINGS = tuple(by for by in By if by != By.TIER)


class SummaryGroupSerializer(serializers.Serializer[Any]):
    """How the running initiatives of a group stand; the four statuses add up to ``running``."""

    key = serializers.CharField(allow_null=True, help_text="A code, an owner's e-mail address; null for none")
    running = serializers.IntegerField()
    on_schedule = serializers.IntegerField()
    at_risk = serializers.IntegerField()
    late = serializers.IntegerField()
    not_reported = serializers.IntegerField()


class SummarySerializer(serializers.Serializer[Any]):
    """The counts of a day, by group."""

    as_of = serializers.DateField()
    groups = SummaryGroupSerializer(many=True)


class AsOfQuery(serializers.Serializer[Any]):
    """As of which day."""

    as_of = DayField(required=False, help_text="Today, or a day that has been")

    def validate_as_of(self, day: Any) -> Any:
        """Nobody knows how it will stand."""
        if day > today():
            raise serializers.ValidationError(f"{day} lies ahead; ask for today or an earlier day.")
        return day


class SummaryQuery(AsOfQuery):
    """What may be asked of the summary."""

    by = ChoiceField(
        choices=[by.value for by in GROUPINGS],
        error_messages={"required": "Say by what, such as ?by=level."},
        help_text="Every level and department is a group, with zeros",
    )


class CoverageQuery(serializers.Serializer[Any]):
    """What may be asked of coverage."""

    period = PeriodField(
        help_text="A month, quarter or year: 2011-09, 2011-Q3 or 2011",
        error_messages={"required": "Say which period, such as ?period=2011-Q3."},
    )
    edition = EditionField(required=False)
