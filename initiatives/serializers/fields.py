"""Fields that name things by their codes, as files do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import BusinessUnit, Department, User
from customers.models import Customer, Tier
from kpis.models import Kpi


def by_code(model: Any, **options: Any) -> Any:
    """A row of a table by its code."""
    words: dict[str, Any] = {"does_not_exist": "There is no {value} here.", "invalid": "Name it by its code."}
    options = {"required": False, "error_messages": words, **options}
    return serializers.SlugRelatedField(slug_field="code", queryset=model.objects.all(), **options)


def department(**options: Any) -> Any:
    """A department by code."""
    return by_code(Department, **options)


def business_unit(**options: Any) -> Any:
    """A business unit by code."""
    return by_code(BusinessUnit, **options)


def tier(**options: Any) -> Any:
    """A tier by code; ``all`` where the resource takes it."""
    return by_code(Tier, **options)


def kpi(**options: Any) -> Any:
    """A KPI by code."""
    return by_code(Kpi, **options)


def person(**options: Any) -> Any:
    """A person by e-mail address; one that nobody knows is refused, for a call makes no people."""
    words: dict[str, Any] = {
        "does_not_exist": "Nobody has the address {value}.",
        "invalid": "Name a person by e-mail address.",
    }
    return serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.all(), error_messages=words, required=False, **options
    )


@extend_schema_field({"type": "string"})
class CustomerField(serializers.SlugRelatedField[Customer]):
    """A customer by external id, of those that the caller may read."""

    def __init__(self, **options: Any) -> None:
        words: dict[str, Any] = {"does_not_exist": "There is no customer {value} that you may read."}
        super().__init__(slug_field="external_id", error_messages=words, required=False, **options)

    def get_queryset(self) -> Any:
        """Those that the caller may read."""
        request = self.context.get("request")
        return Customer.objects.visible_to(request.user) if request else Customer.objects.all()


@extend_schema_field({"type": "string", "example": "renewal_rate@gold"})
class LinkField(serializers.Field[Any, Any, str, Any]):
    """A KPI that an initiative should move, ``code`` in all its tiers or ``code@tier`` in one."""

    def to_internal_value(self, data: Any) -> tuple[Kpi, Tier | None]:
        """The KPI and the tier. Raises ValidationError for a code that is unknown."""
        code, mark, tier_code = str(data).partition("@")
        found = Kpi.objects.filter(code=code).first()
        column = Tier.objects.real().filter(code=tier_code).first() if mark else None
        if found is None or (mark and column is None):
            raise serializers.ValidationError(f"“{data}” is neither a KPI nor a KPI@tier.")
        return found, column

    def to_representation(self, value: Any) -> str:
        """As files write it."""
        return link_words(value)


def link_words(link: Any) -> str:
    """``renewal_rate@gold``; the code alone where it is in all its tiers."""
    return f"{link.kpi.code}@{link.tier.code}" if link.tier else str(link.kpi.code)
