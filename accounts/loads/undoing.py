"""What stands in the way of taking a load back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from accounts.choices import LoadState
from accounts.loads.taking import UndoRefused
from accounts.models import Load, LoadChange
from core.formatting import number

_NAMED = 5  # rows that a message names


def named(names: list[str]) -> str:
    """A few names, and how many more there are."""
    more = f" and {number(len(names) - _NAMED)} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def later_load_stands_in_the_way(load: Load) -> None:
    """Raise UndoRefused where a later load, not taken back, changed a row of this one."""
    mine = LoadChange.objects.filter(load=load).values("key")
    later = LoadChange.objects.filter(
        kind=load.kind, load__gt=load.pk, load__state=LoadState.APPLIED, key__in=mine
    ).order_by("load", "pk")
    first = later.first()
    if first is not None:
        names = list(later.filter(load=first.load_id).values_list("key", flat=True))
        raise UndoRefused(
            f"Load {load.pk} cannot be taken back: load {first.load_id} changed {named(names)} later. "
            f"Take load {first.load_id} back first; nothing was changed"
        )


def stored_changes(load: Load, size: int) -> Iterator[list[LoadChange]]:
    """What a load changed, in batches, the latest first, so that what was created last goes first."""
    last = None
    while True:
        found = LoadChange.objects.filter(load=load).order_by("-pk")
        batch = list(found.filter(pk__lt=last)[:size] if last else found[:size])
        if not batch:
            return
        last = batch[-1].pk
        yield batch


def refuse_use(model: type[models.Model], objects: list[Any]) -> None:
    """Raise UndoRefused where a row that is to go is needed by others.

    Asks each table that refers to it; facts among them, which have no constraint in the database.
    """
    pks = [obj.pk for obj in objects]
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.on_delete is models.CASCADE:
            continue
        field = relation.field.attname
        used = set(
            relation.related_model._base_manager.filter(**{f"{field}__in": pks})
            .values_list(field, flat=True)
            .distinct()[: _NAMED + 1]
        )
        if used:
            names = named([str(obj) for obj in objects if obj.pk in used])
            what = relation.related_model._meta.verbose_name_plural
            raise UndoRefused(f"It cannot be taken back: {names} would go, and {what} refer to it. Nothing was changed")
