"""The last changes of something as the rail says them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, Q
from django.utils.timezone import localtime

from accounts.models import AuditEntry
from accounts.reading.acts import kind_of
from accounts.reading.audit_values import Wording
from core.formatting import day_name, some_of

SHOWN = 5
_QUIET = frozenset({"reason", "load", "file", "revision"})


@dataclass(frozen=True, slots=True)
class LastChange:
    """What happened when; ``url`` leads to the load that did it, and is empty where it was none."""

    at: datetime
    text: str
    url: str = ""


def last_entries(about: Q, things: Mapping[str, str]) -> list[LastChange]:
    """The latest entries about something, in words; ``things`` says what each type is. Empty where there are none.

    ``The KPI: changed by Stella Brandt (name and definition), 4 August 2025.`` One query.
    """
    rows = AuditEntry.objects.filter(about).select_related("by").order_by("-pk")[:SHOWN]
    return [LastChange(entry.at, _said(entry, things)) for entry in rows]


def _said(entry: AuditEntry, things: Mapping[str, str]) -> str:
    by = f" by {entry.by}" if entry.by else ""
    changed = some_of(_changed(entry), 3)
    back = f", reverts entry {entry.reverts}" if entry.reverts else ""
    return (
        f"{things[entry.object_type]}: {entry.verb}{by}{f' ({changed})' if changed else ''}{back}, "
        f"{day_name(localtime(entry.at).date())}."
    )


def _changed(entry: AuditEntry) -> list[str]:
    """The fields that it changed of what was there before and is there after, in words."""
    before, after = (state if isinstance(state, dict) else {} for state in (entry.before, entry.after))
    wording = Wording.of(entry.object_type, kind_of(entry.object_type).fields)
    names = [name for name in after if name in before and name not in _QUIET and before[name] != after[name]]
    return [words[:1].lower() + words[1:] for name in names if (words := wording.name(name))]


def newest(changes: Iterable[LastChange]) -> list[LastChange]:
    """As many of these as are shown, the latest first."""
    return sorted(changes, key=lambda one: one.at, reverse=True)[:SHOWN]


def entries_of(row: Model) -> list[LastChange]:
    """The last changes of one row: one query."""
    kind = row._meta.label_lower
    thing = kind_of(kind).thing
    return last_entries(Q(object_type=kind, object_id=str(row.pk)), {kind: f"The {thing}"})
