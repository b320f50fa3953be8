"""Bringing stored keys into their one form (NFC), for migrations."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any


def bring_into_one_form(model: Any, *names: str) -> None:
    """Rewrite keys whose accents are characters of their own; list those that would then be the key of another row.

    ``names`` are the fields that name a row together with whatever else its constraint holds.
    """
    for row in model.objects.only("pk", *names).iterator():
        fresh = {name: unicodedata.normalize("NFC", getattr(row, name)) for name in names}
        if all(getattr(row, name) == text for name, text in fresh.items()):
            continue
        if _is_taken(model, row, fresh):
            said = ", ".join(fresh.values())
            sys.stdout.write(
                f"\n  {model._meta.verbose_name} {row.pk}: “{said}” is there already; give one another key"
            )
        else:
            model.objects.filter(pk=row.pk).update(**fresh)


def _is_taken(model: Any, row: Any, fresh: dict[str, str]) -> bool:
    """Whether another row has the key already, by the constraints and unique fields that hold one of the names."""
    constraints = [tuple(one.fields) for one in model._meta.constraints if getattr(one, "fields", ())]
    keys = [*constraints, *((one.name,) for one in model._meta.fields if one.unique and not one.primary_key)]
    for key in keys:
        if set(key) & fresh.keys():
            stored = model.objects.get(pk=row.pk)
            values = {name: fresh.get(name, getattr(stored, name)) for name in key}
            if model.objects.filter(**values).exclude(pk=row.pk).exists():
                return True
    return False
