"""Narratives and remarks as the API answers and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.choices import LONGEST_ACTION
from accounts.models import User
from accounts.rules.threads import NewAction
from accounts.serializers import PeriodField, by_code, person_field
from core.resources import RevisedSerializer, Seen
from core.rows import RowSerializer
from core.shapes import DayField, MonthField, Text
from customers.models import Tier
from kpis.models import Kpi
from scorecard.models import Narrative
from scorecard.models.narratives import LONGEST_ANALYSIS, LONGEST_REMARK


class NarrativeSerializer(RevisedSerializer):
    """What happened in a cell, as it was written; ``reads`` has the values of today in the place of references."""

    id = serializers.IntegerField()
    period = serializers.CharField()
    kpi = serializers.CharField(source="kpi.code")
    tier = serializers.CharField(source="tier.code")
    analysis = serializers.CharField(help_text="A reference reads [[kpi@tier]]")
    reads = serializers.CharField()
    action = serializers.CharField(help_text="Empty where none was agreed")
    owner = serializers.EmailField(source="owner.email", default=None, allow_null=True)
    due = serializers.DateField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    by = serializers.EmailField(source="by.email")
    at = serializers.DateTimeField()


class NarrativeInput(Seen):
    """A narrative as it is to be; an action takes all three of text, owner and day."""

    period = PeriodField(help_text="A month, quarter or year: 2011-09, 2011-Q3 or 2011")
    kpi = by_code(Kpi, required=True)
    tier = by_code(Tier, required=True)
    analysis = Text(max_length=LONGEST_ANALYSIS)
    action = Text(max_length=LONGEST_ACTION, required=False, allow_blank=True)
    owner = person_field(allow_null=True)
    due = DayField(required=False, allow_null=True)


def action_in(values: dict[str, Any], row: Narrative | None = None) -> NewAction | None:
    """The action that a body names, what it leaves out as it stands; None where there is none, or it is blanked."""
    row = None if values.get("action") == "" else row
    text: str = values.get("action", row.action if row else "")
    owner: User | None = values.get("owner", row.owner if row else None)
    due = values.get("due", row.due if row else None)
    return NewAction(text, owner, due) if text or owner or due else None


class RemarkSerializer(RowSerializer):
    """A remark on a month of a KPI's charts; ``tier`` is null where it stands in all columns."""

    id = serializers.IntegerField()
    kpi = serializers.CharField(source="kpi.code")
    tier = serializers.CharField(source="tier.code", default=None, allow_null=True)
    month = MonthField()
    text = serializers.CharField()
    by = serializers.EmailField(source="by.email")
    at = serializers.DateTimeField()
    taken_back_at = serializers.DateTimeField(allow_null=True)


class RemarkInput(serializers.Serializer[Any]):
    """A remark as it is to be."""

    kpi = by_code(Kpi, required=True)
    tier = by_code(Tier, allow_null=True)
    month = MonthField()
    text = Text(max_length=LONGEST_REMARK)
