"""What others changed of an initiative while somebody had its form open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import AuditEntry, User
from accounts.reading.audit import ShownEntry, show_entries
from initiatives.models import Initiative

_QUIET = frozenset({"reason", "load", "file"})


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed which value when, from what to what."""

    by: str
    at: datetime
    what: str
    before: str
    after: str


def changes_since(row: Initiative, seen: int, reader: User) -> list[Change]:
    """The changes of the writes after revision ``seen``, the newest write first."""
    found = AuditEntry.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk), before__isnull=False)
    entries = found.select_related("by").order_by("-pk")[: max(row.revision - seen, 1)]
    return [change for shown in show_entries(entries, reader) for change in _changes(shown)]


def _changes(shown: ShownEntry) -> list[Change]:
    before, after = (state if isinstance(state, Mapping) else {} for state in (shown.before, shown.after))
    names = [name for name in after if name not in _QUIET and before.get(name) != after[name]]
    entry = shown.entry
    by = str(entry.by) if entry.by else "a program"
    return [
        Change(by, entry.at, name.replace("_", " "), written(before.get(name)), written(after[name])) for name in names
    ]


def written(value: Any) -> str:
    """A value as the audit keeps it, for people; – for none."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)
