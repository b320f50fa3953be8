"""What people did by hand since a load, and what hangs on a row: both keep a load from being taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from accounts.choices import Verb
from accounts.loads import Change, Refusal, UndoRefused
from accounts.loads.undoing import named
from accounts.models import AuditEntry, Load, User
from initiatives.access import editable_by
from initiatives.models import Initiative

# What is said about a row and changes nothing of it.
_BESIDE = (Verb.THANKED, Verb.LINKED_DOCUMENT, Verb.UNLINKED_DOCUMENT)

_NOT_YOURS = "is an initiative that is not yours to change: its owner, deputy, team and stewards do that"


def not_yours(by: User, changes: Iterable[Change]) -> Iterator[Refusal]:
    """The rows of initiatives, whose code comes first in the key, that the person may not edit on their pages."""
    changes = list(changes)
    there = Initiative.objects.filter(code__in={change.key[0] for change in changes})
    own = set(editable_by(by, there).values_list("code", flat=True)) if changes else set()
    return (Refusal(change, _NOT_YOURS) for change in changes if change.key[0] not in own)


def refuse_touched(load: Load, objects: Iterable[models.Model]) -> None:
    """Raise UndoRefused where somebody wrote one of these rows by hand after the load: hands leave audit entries."""
    by_id = {str(obj.pk): obj for obj in objects}
    if not by_id:
        return
    kind = next(iter(by_id.values()))._meta.label_lower
    loads = AuditEntry.objects.filter(object_type=load._meta.label_lower, object_id=str(load.pk))
    done = loads.filter(verb=Verb.LOADED).first()
    later = AuditEntry.objects.filter(object_type=kind, object_id__in=by_id, pk__gt=done.pk if done else 0)
    later = later.exclude(verb__in=_BESIDE).exclude(after__has_key="load")  # what a load says is no hand
    touched = sorted(set(later.order_by().values_list("object_id", flat=True)))
    if touched:
        names = named([_name(by_id[pk]) for pk in touched])
        raise UndoRefused(
            f"Load {load.pk} cannot be taken back: {names} has been changed since by hand. Nothing was changed"
        )


def refuse_children(objects: Iterable[models.Model], relations: Iterable[str]) -> None:
    """Raise UndoRefused where a row that is to go has others hanging on it that would go with it."""
    by_pk: dict[Any, models.Model] = {obj.pk: obj for obj in objects}
    for name in relations:
        relation = next(iter(by_pk.values()))._meta.get_field(name) if by_pk else None
        if not isinstance(relation, models.ForeignObjectRel):
            continue
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": list(by_pk)})
        used = set(rows.order_by().values_list(relation.field.attname, flat=True).distinct()[:6])
        if used:
            names = named([_name(by_pk[pk]) for pk in sorted(used)])
            what = relation.related_model._meta.verbose_name_plural
            raise UndoRefused(f"It cannot be taken back: {names} would go, and has {what}. Nothing was changed")


def _name(obj: models.Model) -> str:
    return str(getattr(obj, "code", obj))
