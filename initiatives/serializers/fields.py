"""Fields that name what an initiative should move."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.given import NOTHING, read_text
from core.keys import is_none
from core.shapes import KeyText
from core.texts import sentence
from customers.models import Tier
from initiatives.rules.initiative import kpi_and_tier
from kpis.models import Kpi


@extend_schema_field({"type": "string", "example": "renewal_rate@gold"})
class LinkField(serializers.Field[Any, Any, str, Any]):
    """A KPI that an initiative should move, ``code`` in all its tiers or ``code@tier`` in one."""

    default_error_messages: ClassVar = NOTHING

    def to_internal_value(self, data: Any) -> tuple[Kpi | None, Tier | None]:
        """The KPI and the tier. Raises ValidationError for a code that is unknown."""
        try:
            code, tier = kpi_and_tier(read_text(data))
        except ValueError as error:
            raise serializers.ValidationError(sentence(str(error))) from error
        found, column = Kpi.objects.filter(code=code).first(), Tier.objects.filter(code=tier).first()
        unknown = [is_none(code, "KPI")] if found is None else []
        unknown += [is_none(tier, "tier")] if tier and column is None else []
        if unknown:
            raise serializers.ValidationError(list(map(sentence, unknown)))
        return found, column

    def to_representation(self, value: Any) -> str:
        """As files write it."""
        return link_words(value)


class ThemeField(KeyText):
    """A theme of customers' pain, as a text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=120, **options)


def link_words(link: Any) -> str:
    """``renewal_rate@gold``; the code alone where it is in all its tiers."""
    return f"{link.kpi.code}@{link.tier.code}" if link.tier else str(link.kpi.code)
