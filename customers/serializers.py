"""Fields of the API that name tiers and customers, as files do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field

from accounts.serializers import by_code
from core.shapes import NamedRow
from customers.models import Customer, Tier


def tier_field(**options: Any) -> Any:
    """A tier by code; ``all`` where the resource takes it."""
    return by_code(Tier, **options)


@extend_schema_field({"type": "string"})
class CustomerField(NamedRow):
    """A customer by external id, of those that the caller may read."""

    def __init__(self, **options: Any) -> None:
        words: dict[str, Any] = {"does_not_exist": "There is no customer {value} that you may read."}
        super().__init__(slug_field="external_id", error_messages=words, required=False, **options)

    def get_queryset(self) -> Any:
        """Those that the caller may read."""
        request = self.context.get("request")
        return Customer.objects.visible_to(request.user) if request else Customer.objects.all()
