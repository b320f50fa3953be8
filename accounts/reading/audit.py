"""Audit entries for people: the keys that they keep become the names of today, as far as the reader may read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from accounts.models import AuditEntry, User
from core.auditing import audited

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with what it is about, and its states with names instead of keys."""

    entry: AuditEntry
    label: str
    before: Any
    after: Any

    @property
    def words(self) -> str:
        """``approved by Ines``, ``moved with a file by Ivo``."""
        by_load = isinstance(self.entry.after, dict) and "load" in self.entry.after
        door = ("with a file" if self.entry.by_id else "by command") if by_load else ""
        by = f"by {self.entry.by}" if self.entry.by else ""
        return " ".join(part for part in (self.entry.verb, door, by) if part)


def show_entries(entries: Iterable[AuditEntry], reader: User) -> list[ShownEntry]:
    """These entries for a reader; one query for people and at most two for customers, however many there are.

    Who is not there any more, and a customer that the reader may not read, is “a person”, “a customer”.
    """
    found = list(entries)
    names = _names({key for entry in found for key in _keys_of(entry)}, reader)
    return [
        ShownEntry(entry, _label(entry, names), _said(entry.before, names), _said(entry.after, names))
        for entry in found
    ]


@cache
def _keyed() -> dict[str, type[models.Model]]:
    """The models whose rows are mentioned by key."""
    return {audited(model).key: model for model in apps.get_models() if audited(model).key}


@cache
def _own_keys() -> dict[str, str]:
    """Their keys by the type that an entry names."""
    return {model._meta.label_lower: key for key, model in _keyed().items()}


def _keys_of(entry: AuditEntry) -> Iterator[Key]:
    if entry.object_type in _own_keys():
        yield _own_keys()[entry.object_type], entry.object_id
    yield from _keys_in(entry.before)
    yield from _keys_in(entry.after)


def _keys_in(state: Any) -> Iterator[Key]:
    if isinstance(state, list):
        for one in state:
            yield from _keys_in(one)
    elif isinstance(state, dict):
        if key := _key(state):
            yield key
        else:
            yield from _keys_in(list(state.values()))


def _key(state: dict[str, Any]) -> Key | None:
    name = next(iter(state), "")
    return (name, str(state[name])) if name in _keyed() and set(state) <= {name, "mark"} else None


def _names(keys: set[Key], reader: User) -> dict[Key, str]:
    found = dict[Key, str]()
    for name, model in _keyed().items():
        ids = {pk for key, pk in keys if key == name and pk.isdecimal()}
        rows: Any = model._base_manager.filter(pk__in=ids) if ids else ()
        if ids and hasattr(rows, "visible_to"):
            rows = rows.visible_to(reader)
        found |= {(name, str(row.pk)): str(row) for row in rows}
    return found


def _name(key: Key, names: dict[Key, str]) -> str:
    return names.get(key, f"a {key[0]}")


def _said(state: Any, names: dict[Key, str]) -> Any:
    if isinstance(state, list):
        return [_said(one, names) for one in state]
    if not isinstance(state, dict):
        return state
    if key := _key(state):
        return f"{_name(key, names)} ({state['mark']})" if state.get("mark") else _name(key, names)
    return {name: _said(value, names) for name, value in state.items()}


def _label(entry: AuditEntry, names: dict[Key, str]) -> str:
    """What it is about: as it was called then, or by the person or customer that it is of."""
    if entry.object_label:
        return entry.object_label
    key = next(_keys_of(entry), None)
    if entry.object_type in _own_keys() and key:
        return _name(key, names)
    try:
        kind = str(apps.get_model(entry.object_type)._meta.verbose_name)
    except LookupError:
        kind = entry.object_type
    return f"{kind} of {_name(key, names)}" if key else f"{kind} {entry.object_id}"
