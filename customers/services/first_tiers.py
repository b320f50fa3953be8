"""The first tiers of a company, all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from customers.models import Tier
from customers.services.customers import TierRows


@transaction.atomic
def add_tiers(*, by: User, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Tier]:
    """New tiers, all of them or none; each with the number of its row.

    Raises PermissionDenied, ValidationError by field and row, such as ``code_2``.
    """
    made: list[Tier] = []
    found: dict[str, list[str]] = {}
    for number, values in rows:
        try:
            made.append(TierRows().create(by=by, values=values))
        except ValidationError as error:
            found |= {f"{field}_{number}": reasons for field, reasons in error.message_dict.items()}
    if found:
        raise ValidationError(found)
    return made
