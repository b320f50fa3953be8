"""How far the record is: what all that people write and pages show changes with."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from accounts.company import today_of
from accounts.models import AuditEntry, Company

# So many may be written at once and each be noticed.
_NEWEST = 50


def row_of(found: Company) -> dict[str, Any]:
    """The company's row, column by column: with any change of it whatever rests on it is another."""
    return {field.attname: getattr(found, field.attname) for field in found._meta.concrete_fields}


def record_mark(found: Company) -> Hashable:
    """The company's row and day, and the sum of the newest audit entries' numbers: one that was drawn early and
    committed late, behind a newer one, changes it too. One query.
    """
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[:_NEWEST]
    return (repr(row_of(found)), today_of(found), sum(newest))
