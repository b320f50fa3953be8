"""The audit: who did what to what, when and which way in, with the state before and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from accounts.callers import way_in
from accounts.models import AuditEntry, User


def record(*, by: User | None, verb: str, obj: models.Model, before: Any = None, after: Any = None) -> AuditEntry:
    """Write an audit entry: who did what to which object, with its state before and after.

    By which token or session and from where is known of the request under way (``accounts.callers``).
    """
    entry = _entry(by, verb, obj, before, after)
    entry.save()
    return entry


def record_all(*, by: User | None, verb: str, changes: Iterable[tuple[models.Model, Any, Any]]) -> None:
    """The same for many objects at once: of each the object, its state before and after."""
    AuditEntry.objects.bulk_create((_entry(by, verb, *change) for change in changes), batch_size=500)


def _entry(by: User | None, verb: str, obj: models.Model, before: Any, after: Any) -> AuditEntry:
    return AuditEntry(
        **way_in(),
        by=by,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=str(obj)[:255],
        before=before,
        after=after,
    )
