"""The audit: who did what to what, when and which way in, with the state before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from accounts.acts import part_of_act, reverted
from accounts.callers import way_in
from accounts.choices import Verb
from accounts.models import AuditEntry, User
from core.auditing import audited, state_of


def record(*, by: User | None, verb: Verb, obj: models.Model, before: Any = None, after: Any = None) -> AuditEntry:
    """Write an audit entry: who did what to which object, with its state before and after.

    States come from ``core.auditing.state_of``, and mention people and customers by ``key_of`` alone. By which token
    or session and from where is known of the request under way (``accounts.callers``).
    """
    entry = _entry(way_in(), by, verb, obj, before, after)
    part_of_act([entry], _insert)
    return entry


def record_all(*, by: User | None, verb: Verb, changes: Iterable[tuple[models.Model, Any, Any]]) -> None:
    """The same for many objects at once: of each the object, its state before and after."""
    came = way_in()
    part_of_act([_entry(came, by, verb, *change) for change in changes], _insert)


def _insert(entries: list[AuditEntry]) -> None:
    """One as it is saved, which gives it its number; several at once."""
    if len(entries) == 1:
        entries[0].save()
    else:
        AuditEntry.objects.bulk_create(entries, batch_size=500)


def record_change(
    *, by: User | None, verb: Verb, obj: models.Model, before: Mapping[str, Any], reason: str = ""
) -> bool:
    """Record what differs from the state before; answers whether anything does, and records nothing if not."""
    after = state_of(obj)
    changed = [name for name in after if before.get(name) != after[name]]
    if changed:
        old, new = ({name: state.get(name) for name in changed} for state in (before, after))
        record(by=by, verb=verb, obj=obj, before=old, after=new | ({"reason": reason} if reason else {}))
    return bool(changed)


def _entry(
    came: Mapping[str, Any], by: User | None, verb: Verb, obj: models.Model, before: Any, after: Any
) -> AuditEntry:
    return AuditEntry(
        **came,
        by=by,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label="" if audited(type(obj)).unlabelled else str(obj)[:255],
        before=before,
        after=after,
        reverts=reverted(),
    )
