"""The last change of something as the rail says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.timezone import localtime

from accounts.models import AuditEntry
from core.formatting import day_name


@dataclass(frozen=True, slots=True)
class LastChange:
    """What happened when; ``url`` leads to the load that did it, and is empty where it was none."""

    at: datetime
    text: str
    url: str = ""


def last_entry(about: Q, things: Mapping[str, str]) -> LastChange | None:
    """The latest entry about something, in words; ``things`` says what each type is. None where there is none.

    ``The KPI: changed by Stella Brandt, 4 August 2025.``
    """
    entry = AuditEntry.objects.filter(about).select_related("by").order_by("-pk").first()
    if entry is None:
        return None
    by = f" by {entry.by}" if entry.by else ""
    text = f"{things[entry.object_type]}: {entry.verb}{by}, {day_name(localtime(entry.at).date())}."
    return LastChange(entry.at, text)
