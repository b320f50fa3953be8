"""What a person is told whose form came too late: who changed what since it was shown, beside what they typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.db.models import Model, Q, QuerySet

from accounts.models import AuditEntry, User
from accounts.reading.audit import ShownEntry, show_entries
from core.formatting import trimmed
from core.stale import show_again, shown_at
from core.texts import plain

_QUIET = frozenset({"reason", "load", "file"})
_MOST = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A write: by whom and when, of what where that is another row, why, and each value from what to what."""

    words: str
    at: datetime
    about: str
    reason: str
    values: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Differing:
    """A field whose stored value is another than the typed one."""

    what: str
    now: str
    yours: str


@dataclass(frozen=True, slots=True)
class TooLate:
    """``changes`` are those since the form was shown, the newest first; the last one where it doesn't say when.

    ``note`` says what no change tells, such as that a file brought it.
    """

    name: str
    changes: tuple[Change, ...]
    differences: tuple[Differing, ...]
    note: str = ""


def too_late(
    form: forms.BaseForm, now: Model, reader: User, *, beside: Iterable[Model] = (), name: str = "", note: str = ""
) -> TooLate:
    """How a checked form stands to the row as it is by now; the form is shown again and holds what was typed.

    ``beside`` are other rows that the form shows, ``name`` what it calls all of it; ``note`` is passed on.
    """
    found = _entries([now, *beside], form)
    changes = tuple(_change(shown, now) for shown in show_entries(found, reader))
    late = TooLate(name or str(now), changes, tuple(_differences(form, now)), note)
    show_again(form, now)
    return late


def _entries(rows: list[Model], form: forms.BaseForm) -> list[AuditEntry]:
    wanted = Q()
    for row in rows:
        wanted |= Q(object_type=row._meta.label_lower, object_id=str(row.pk))
    found: QuerySet[AuditEntry] = AuditEntry.objects.filter(wanted).select_related("by").order_by("-pk")
    since = shown_at(form["seen"].data or "")
    later = list(found.filter(at__gte=since)[:_MOST]) if since else []
    return later or list(found[:1])


def _change(shown: ShownEntry, now: Model) -> Change:
    before, after = (state if isinstance(state, Mapping) else {} for state in (shown.before, shown.after))
    names = [name for name in after if name not in _QUIET and before.get(name) != after[name]] if before else []
    entry = shown.entry
    own = (entry.object_type, entry.object_id) == (now._meta.label_lower, str(now.pk))
    values = tuple((name.replace("_", " "), written(before.get(name)), written(after[name])) for name in names)
    return Change(shown.words, entry.at, "" if own else shown.label, written(after.get("reason", "")), values)


def written(value: Any) -> str:
    """A value as the audit keeps it, for people; – for none."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


def _differences(form: forms.BaseForm, now: Model) -> Iterator[Differing]:
    columns = {field.name: field for field in now._meta.concrete_fields if not hasattr(_all_of(field), "visible_to")}
    for name, value in form.cleaned_data.items():
        if name in columns:
            stored, typed = (_said(columns[name], one) for one in (getattr(now, name), value))
            if stored != typed:
                yield Differing(str(form[name].label), stored, typed)


def _all_of(field: Any) -> Any:
    """The rows that a column may name: those that not everybody may read are not told here."""
    return field.related_model._default_manager.all() if field.related_model else None


def _said(field: Any, value: Any) -> str:
    """A value for people: choices by their label, numbers without zeros that nobody typed."""
    if isinstance(value, Decimal):
        return trimmed(Fraction(value), 4)
    text = plain(value) if isinstance(value, str) else value
    return written(dict(field.flatchoices).get(text, text))
