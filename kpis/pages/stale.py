"""What a person is told whose form came too late: what is stored now, beside what they typed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms

from accounts.models import AuditEntry
from core.formatting import trimmed
from core.texts import plain
from kpis.models import Kpi


@dataclass(frozen=True, slots=True)
class Differing:
    """A field whose stored value is another than the typed one."""

    what: str
    now: str
    yours: str


@dataclass(frozen=True, slots=True)
class Overtaken:
    """``last`` is the last change by hand, None where there was none: a file may have changed it too."""

    last: AuditEntry | None
    differences: tuple[Differing, ...]


def overtaken(form: forms.BaseForm, now: Kpi) -> Overtaken:
    """How a checked form differs from the KPI as it is by now."""
    columns = {field.name for field in Kpi._meta.concrete_fields}
    typed = {name: _kept(value) for name, value in form.cleaned_data.items() if name in columns}
    entries = AuditEntry.objects.filter(object_type=now._meta.label_lower, object_id=str(now.pk))
    return Overtaken(
        last=entries.select_related("by").order_by("-pk").first(),
        differences=tuple(
            Differing(str(form[name].label), _written(name, stored), _written(name, value))
            for name, value in typed.items()
            if (stored := getattr(now, name)) != value
        ),
    )


def _kept(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


def _written(name: str, value: Any) -> str:
    """A value for people: choices by their label; – for none."""
    if value in (None, ""):
        return "–"
    field: Any = Kpi._meta.get_field(name)
    return trimmed(Fraction(value), 4) if isinstance(value, Decimal) else str(dict(field.flatchoices).get(value, value))
