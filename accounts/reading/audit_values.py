"""Values that the audit keeps, as people read them: choices, days, months and codes by their words and names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.timezone import localtime

from accounts.models import AuditEntry
from core.fields import ExactDecimalField, MonthField
from core.formatting import day_name, month_name, number
from core.periods import PeriodError, stored_month

# The names of today of rows that entries mention by code: by model, then by code.
Names = Mapping[type[models.Model], Mapping[str, str]]
_MOST_DECIMALS = 4
_WORDS = {"kpi": "KPI", "kpis": "KPIs", "id": "number"}


@dataclass(frozen=True, slots=True)
class Wording:
    """How the columns of a kind of object are said. ``fields`` are words that an app chose."""

    columns: Mapping[str, Any]
    fields: Mapping[str, str]

    @classmethod
    def of(cls, object_type: str, fields: Mapping[str, str]) -> Wording:
        """That of a model, as far as there is one."""
        return cls(_columns(object_type), fields)

    def name(self, name: str) -> str:
        """``Baseline due``; empty where an app says that the value needs none."""
        column = self.columns.get(name)
        words = self.fields.get(name, str(column.verbose_name) if column is not None else name.replace("_", " "))
        said = " ".join(_WORDS.get(word, word) for word in words.split())
        return said[:1].upper() + said[1:]

    def value(self, name: str, kept: Any, names: Names) -> str:
        """A value; empty for none."""
        column = self.columns.get(name)
        if kept is None or kept == "":
            return ""
        if isinstance(kept, bool):
            return "yes" if kept else "no"
        if isinstance(kept, list):
            return ", ".join(self.value(name, one, names) for one in kept)
        if isinstance(kept, dict):
            return "; ".join(f"{self.name(key)} {self.value(key, one, names)}" for key, one in kept.items())
        return _said(column, kept, names) if column is not None else str(kept)


def names_in(entries: Iterable[AuditEntry]) -> Names:
    """What the codes in these entries are called today: one query for each kind of row that they mention."""
    asked: dict[type[models.Model], set[str]] = defaultdict(set)
    for entry in entries:
        coded = _coded(entry.object_type)
        for state in (one for one in (entry.before, entry.after) if isinstance(one, dict)):
            for name in coded.keys() & state.keys():
                if isinstance(state[name], str):
                    asked[coded[name]].add(state[name])
    return {model: dict(_named(model, codes)) for model, codes in asked.items()}


def _named(model: type[models.Model], codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    for row in model._base_manager.filter(code__in=codes):
        yield str(row.code), str(row)  # type: ignore[attr-defined]


@lru_cache(maxsize=256)
def _columns(object_type: str) -> dict[str, Any]:
    try:
        return {field.name: field for field in apps.get_model(object_type)._meta.concrete_fields}
    except (LookupError, ValueError):
        return {}


@lru_cache(maxsize=256)
def _coded(object_type: str) -> dict[str, type[models.Model]]:
    """The columns that an entry keeps by the code of another row."""
    fields = ((name, field.related_model) for name, field in _columns(object_type).items() if field.related_model)
    return {name: model for name, model in fields if any(one.name == "code" for one in model._meta.concrete_fields)}


def _said(column: Any, kept: Any, names: Names) -> str:
    if column.related_model:
        return names.get(column.related_model, {}).get(str(kept), str(kept))
    if column.flatchoices:
        return str(dict(column.flatchoices).get(kept, kept))
    try:
        return _read(column, kept)
    except (ValueError, InvalidOperation, PeriodError):
        return str(kept)


def _read(column: Any, kept: Any) -> str:
    """Months, days, moments and numbers. Raises where it is none."""
    if isinstance(column, MonthField):
        return month_name(stored_month(kept))
    if isinstance(column, models.DateTimeField):
        moment = localtime(datetime.fromisoformat(kept))
        return f"{day_name(moment.date())}, {moment:%H:%M}"
    if isinstance(column, models.DateField):
        return day_name(date.fromisoformat(kept))
    if isinstance(column, models.DecimalField | ExactDecimalField):
        return plain_number(Decimal(str(kept)))
    return number(kept) if isinstance(kept, int) else str(kept)


def plain_number(value: Decimal) -> str:
    """``8.3``; ``47,500.5``: as few decimals as it has."""
    shortest = value.normalize().as_tuple().exponent
    decimals = max(0, min(_MOST_DECIMALS, -int(shortest)))
    return number(Fraction(value), decimals)
