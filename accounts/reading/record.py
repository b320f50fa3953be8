"""How far the record is: what all that people write and pages show changes with."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django.db import connection

from accounts.company import today_of
from accounts.models import Company

# The sum of the newest entries' numbers, of so many as may be written at once: one that was drawn early and committed
# late, behind a newer one, changes it too. Written out, so that it is a part of a larger statement as well.
NEWEST_ENTRIES = "SELECT SUM(id) FROM (SELECT id FROM accounts_auditentry ORDER BY id DESC LIMIT 50) newest"


def row_of(found: Company) -> dict[str, Any]:
    """The company's row, column by column: with any change of it whatever rests on it is another."""
    return {field.attname: getattr(found, field.attname) for field in found._meta.concrete_fields}


def record_mark(found: Company) -> Hashable:
    """The company's row and day, and how far the audit entries are. One query."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_ENTRIES)
        return (repr(row_of(found)), today_of(found), cursor.fetchone())
