"""Moments of truth as the API answers and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import by_code
from core.keys import MISSING
from core.resources import RevisedSerializer, Seen
from core.shapes import ChoiceField, NamesField, Text, code_text
from core.texts import sentence
from customers.serializers import tier_field
from initiatives.choices import LONGEST_CRITERION, LONGEST_WIN, CustomerRole, MomentStage
from initiatives.models import Initiative, Moment
from initiatives.serializers.fields import LinkField, ThemeField

_TEXT: dict[str, Any] = {"required": False, "allow_blank": True}


class MomentSerializer(RevisedSerializer):
    """A situation in which the customer's success is decided, and what it is linked to, as files write it."""

    code = serializers.CharField()
    name = serializers.CharField()
    stage = serializers.ChoiceField(choices=MomentStage.choices)
    role = serializers.ChoiceField(choices=CustomerRole.choices)
    tiers = serializers.SerializerMethodField(help_text="Empty: for all")
    criterion = serializers.CharField(help_text="What success means there, in the customer's own words")
    kpis = serializers.SerializerMethodField(help_text="code, or code@tier")
    themes = serializers.SerializerMethodField()
    initiatives = serializers.SerializerMethodField()
    customer_win = serializers.CharField()
    our_win = serializers.CharField()

    def get_tiers(self, row: Moment) -> list[str]:
        """Codes."""
        return row.lists["tiers"]

    def get_kpis(self, row: Moment) -> list[str]:
        """Its success metrics."""
        return row.lists["kpis"]

    def get_themes(self, row: Moment) -> list[str]:
        """The pain that it answers."""
        return row.lists["themes"]

    def get_initiatives(self, row: Moment) -> list[str]:
        """Codes."""
        return row.lists["initiatives"]


class MomentInput(Seen):
    """What is written of a moment; an owner words the criterion alone."""

    code = code_text(60, required=False)
    name = Text(max_length=255)
    stage = ChoiceField(choices=MomentStage.choices)
    role = ChoiceField(choices=CustomerRole.choices)
    tiers = tier_field(many=True)
    criterion = Text(max_length=LONGEST_CRITERION, **_TEXT)
    kpis = NamesField(child=LinkField(), required=False)
    themes = NamesField(child=ThemeField(), required=False)
    initiatives = by_code(Initiative, many=True)
    customer_win = Text(max_length=LONGEST_WIN, **_TEXT)
    our_win = Text(max_length=LONGEST_WIN, **_TEXT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A new one has a code; that of one that is there stays."""
        if self.partial and "code" in attrs:
            raise serializers.ValidationError({"code": "A code stays as it is: addresses and files name it."})
        if not self.partial and not attrs.get("code"):
            raise serializers.ValidationError({"code": sentence(MISSING)})
        return attrs
