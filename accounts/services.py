"""Writes and lookups about the company."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils import timezone

from accounts.models import AuditEntry, Company, User


def company() -> Company:
    """The one company. Raises ImproperlyConfigured where the environment contradicts its calendar."""
    found = Company.objects.get(pk=1)
    wanted = {
        "fiscal_year_start_month": settings.FISCAL_YEAR_START_MONTH,
        "fiscal_year_named_by": settings.FISCAL_YEAR_NAMED_BY,
    }
    for field, value in wanted.items():
        if value is not None and value != getattr(found, field):
            raise ImproperlyConfigured(
                f"{field.upper()}={value}, but this database was set up with {getattr(found, field)}. "
                "A fiscal calendar cannot change later, for it would relabel history: take the setting out."
            )
    return found


def today() -> date:
    """The day in the company's time zone."""
    return timezone.now().astimezone(ZoneInfo(company().time_zone)).date()


def record(
    *, by: User | None, verb: str, obj: models.Model, before: Any = None, after: Any = None
) -> AuditEntry:
    """Write an audit entry: who did what to which object, with its state before and after."""
    return AuditEntry.objects.create(
        by=by,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(obj)[:255],
        before=before,
        after=after,
    )
