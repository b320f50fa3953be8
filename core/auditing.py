"""How the audit keeps rows: what a model says about itself, and keys instead of names of people and customers.

A person or a customer stands in an entry as ``{"person": 7}``, which is turned into a name when it is shown: so
that whoever is erased is erased there as well. Nobody can type such a key, for what is typed is text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.crypto import salted_hmac

from core.fields import ExactDecimalField, MonthField
from core.periods import Month, month_code, stored_month

# Secrets, and what is known of every row by its entries: who made it, when, and how often it was changed.
_UNTOLD = frozenset(
    {"password", "digest", "post_data", "get_data", "id", "created_at", "created_by", "proposed_by", "revision", "load"}
)


@dataclass(frozen=True, slots=True)
class Audited:
    """What a model says of its rows as its ``audited``; a model without one is kept column by column.

    ``key`` is the word under which the rows are mentioned by their ids, and ``personal`` the columns that name
    them: of these a mark is kept that tells one text from the next. ``left_out`` columns are not kept.
    ``unlabelled`` rows are called by a person or a customer, so that their own text is not kept. ``lists`` adds
    what stands in no column.
    """

    key: str = ""
    personal: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    unlabelled: bool = False
    lists: Callable[[Any], dict[str, Any]] | None = None


_PLAIN = Audited()


def audited(model: type[models.Model]) -> Audited:
    """What the model says."""
    found: Audited = getattr(model, "audited", _PLAIN)
    return found


def key_of(obj: models.Model | None) -> dict[str, Any] | None:
    """A person or a customer as an entry mentions them; None for nobody."""
    return {audited(type(obj)).key: obj.pk} if obj is not None else None


def mark_of(text: str) -> str:
    """Eight digits that tell two texts apart and open neither; none for none."""
    return salted_hmac("core.auditing.mark_of", text, algorithm="sha256").hexdigest()[:8] if text else ""


def state_of(obj: models.Model) -> dict[str, Any]:
    """A row as the audit keeps it: its columns but for secrets, months and other rows by code, people by key."""
    how = audited(type(obj))
    left_out = _UNTOLD | how.left_out
    fields = (field for field in obj._meta.concrete_fields if not (field.generated or field.name in left_out))
    state = {field.name: _kept(obj, field, how) for field in fields}
    return state | how.lists(obj) if how.lists else state


def _kept(obj: models.Model, field: models.Field[Any, Any], how: Audited) -> Any:
    value = getattr(obj, field.attname)
    if field.name in how.personal:
        return {how.key: obj.pk, "mark": mark_of(str(value))}
    if value is None:
        return None
    if isinstance(field, models.ForeignKey):
        return _mentioned(obj, field, value)
    if isinstance(field, MonthField):
        return month_code(Month(value))
    if isinstance(value, Decimal):  # with all its decimals, whether it was read back or not
        return f"{value:.{4 if isinstance(field, ExactDecimalField) else getattr(field, 'decimal_places', 4)}f}"
    return value


def _mentioned(obj: models.Model, field: models.ForeignKey[Any, Any], pk: Any) -> Any:
    """Another row: by its key or its code, else by its number."""
    other = field.related_model
    if key := audited(other).key:
        return {key: pk}
    coded = any(column.name == "code" for column in other._meta.concrete_fields)
    return getattr(obj, field.name).code if coded else pk


class NotThere(LookupError):
    """What an entry mentions is not there any more; the message names it."""


def value_of(model: type[models.Model], name: str, kept: Any) -> Any:
    """What a column held, of what ``state_of`` kept of it: other rows as rows, months, days and numbers as such.

    Raises NotThere where it names a row that has gone, ValueError for a personal column, whose text is not kept.
    """
    if name in audited(model).personal:
        raise ValueError(f"{name} is kept as a mark alone")
    field = model._meta.get_field(name)
    if kept is None:
        return None
    if isinstance(field, models.ForeignKey):
        return row_of(field.related_model, kept)
    return stored_month(kept) if isinstance(field, MonthField) else field.to_python(kept)  # type: ignore[union-attr]


def row_of(model: Any, kept: Any) -> models.Model:
    """The row that an entry mentions by key, code or number. Raises NotThere."""
    key = audited(model).key
    coded = not key and any(column.name == "code" for column in model._meta.concrete_fields)
    asked = {"pk": kept[key]} if key else {"code" if coded else "pk": kept}
    found: models.Model | None = model._base_manager.filter(**asked).first()
    if found is None:
        raise NotThere(f"a {model._meta.verbose_name} that it names" if key else f"{model._meta.verbose_name} {kept}")
    return found
