"""What many initiatives name, read once: a department that does four hundred of them is one object.

Joins would make an object per initiative and name, which for a thousand initiatives takes longer than
everything else about them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from core.once import once
from customers.models import Tier
from initiatives.models import Initiative

_NAMED = ("department", "serves", "business_unit", "customer", "owner", "deputy", "sponsor")


def attach_names(rows: Sequence[Initiative], chosen: Any) -> Sequence[Initiative]:
    """The same initiatives with what they refer to, tiers included: a query per table, however many they are.

    ``chosen`` is the query of their keys.
    """
    fields: list[Any] = [Initiative._meta.get_field(name) for name in _NAMED]
    keys = {field: [getattr(row, field.attname) for row in rows] for field in fields}
    wanted: dict[type[models.Model], set[int | None]] = defaultdict(set)
    for field in fields:
        wanted[field.related_model].update(keys[field])
    found = {model: _named(model, keys - {None}) for model, keys in wanted.items()}
    for field in fields:
        known = found[field.related_model]
        for row, key in zip(rows, keys[field], strict=True):
            field.set_cached_value(row, known.get(key))
    _attach_tiers(rows, chosen)
    return rows


def _named(model: type[models.Model], keys: set[Any]) -> dict[Any, Any]:
    """The rows of these keys; what this reading has read already is not read again."""
    known: dict[Any, Any] = once(("named", model), dict)
    if missing := keys - known.keys():
        known.update(model._base_manager.in_bulk(missing))
    return known


def _attach_tiers(rows: Iterable[Initiative], chosen: Any) -> None:
    """As ``prefetch_related`` does, with one list for all that are for the same tiers."""
    of: dict[int, list[Tier]] = defaultdict(list)
    pairs = Initiative.tiers.through._default_manager.filter(initiative__in=chosen)
    for pair in pairs.select_related("tier").order_by("tier__rank", "tier__code"):
        of[pair.initiative_id].append(pair.tier)
    lists: dict[tuple[int, ...], Any] = {}
    for row in rows:
        chosen = of.get(row.pk, [])
        key = tuple(tier.pk for tier in chosen)
        if key not in lists:
            lists[key] = _read(chosen)
        cache: dict[str, Any] = row.__dict__.setdefault("_prefetched_objects_cache", {})
        cache["tiers"] = lists[key]


def _read(tiers: list[Tier]) -> models.QuerySet[Tier]:
    """A query that has its rows already."""
    query: Any = Tier.objects.all()
    query._result_cache, query._prefetch_done = tiers, True
    return query  # type: ignore[no-any-return]
