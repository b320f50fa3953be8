"""Where a person's name or address stands in texts: looked for in every text column of every table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import models
from django.db.models.functions import Cast

from accounts.models import AuditEntry, LoadChange, OutgoingMail, ThreadWord, User
from accounts.rules.people import ERASED_DOMAIN
from core.registry import confidential_subjects

# Records of what was done: a name in these is replaced, for nobody may edit them. All others are texts of somebody.
RECORDS: tuple[type[models.Model], ...] = (AuditEntry, LoadChange, OutgoingMail, LogEntry)
_ROOMS = frozenset({"accounts", "customers", "kpis", "initiatives", "scorecard"})
# Where a value stands, and the value: the table, the key of its row and the column.
Cell = tuple[type[models.Model], Any, str, Any]
_SHORTEST = 3  # of a name that is looked for: shorter ones are in every other word


@dataclass(frozen=True, slots=True)
class NamingText:
    """A text that holds a name: ``label`` and ``field`` say where it stands, ``pk`` in which row."""

    label: str
    field: str
    pk: str
    text: str

    @property
    def ref(self) -> str:
        """The same as a form names it."""
        return f"{self.label}:{self.field}:{self.pk}"

    @property
    def place(self) -> str:
        """Where it stands, in words: ``note of status update 12``."""
        model = apps.get_model(self.label)
        field: Any = model._meta.get_field(self.field)
        return f"{field.verbose_name} of {model._meta.verbose_name} {self.pk}"


class Naming:
    """The texts that name a person, and what stands in their place."""

    def __init__(self, person: User) -> None:
        self.instead = {person.email: f"person-{person.pk}@{ERASED_DOMAIN}"}
        if len(person.name) >= _SHORTEST:
            self.instead[person.name] = f"Erased person {person.pk}"
        self._lower = {name.lower(): other for name, other in self.instead.items()}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = "|".join(re.escape(name) for name in self.instead)
        return re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)

    def names_them(self, text: str) -> bool:
        """Whether a text holds the name or the address as words of their own."""
        return bool(self._pattern.search(text))

    def without(self, text: str) -> str:
        """The text with what stands in their place."""
        return self._pattern.sub(lambda found: self._lower[found[0].lower()], text)

    def without_in(self, value: Any) -> Any:
        """The same of a value of JSON, with the keys of its mappings."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, list):
            return [self.without_in(one) for one in value]
        if isinstance(value, dict):
            return {self.without_in(key): self.without_in(one) for key, one in value.items()}
        return value

    def cells_of(self, model: type[models.Model], names: Sequence[str]) -> Iterator[tuple[Any, str, Any]]:
        """The cells of some columns that hold one of them: key, column and value. One walk of the table."""
        wanted, as_text = models.Q(), {}
        for name in names:
            place = name
            if isinstance(model._meta.get_field(name), models.JSONField):
                place = f"{name}_as_text"
                as_text[place] = Cast(name, models.TextField())
            for spelling in self._spellings:
                wanted |= models.Q(**{f"{place}__icontains": spelling})
        for pk, *values in model._base_manager.annotate(**as_text).filter(wanted).values_list("pk", *names):
            for name, value in zip(names, values, strict=True):
                if value is not None and self.names_them(_text_of(value)):
                    yield pk, name, value

    @cached_property
    def _spellings(self) -> list[str]:
        return sorted({spelling for name in self.instead for spelling in (name, json.dumps(name)[1:-1])})

    def cells(self, of: Callable[[type[models.Model], Any], bool]) -> Iterator[Cell]:
        """The same of every column of which ``of(model, field)`` holds, table by table: model, key, column, value."""
        for model, found in groupby(columns(of), key=itemgetter(0)):
            for cell in self.cells_of(model, [field.name for _, field in found]):
                yield (model, *cell)

    def texts(self) -> Iterator[NamingText]:
        """The texts that people wrote and that hold one of them, table by table."""
        for model, pk, name, value in self.cells(is_open_text):
            if not is_confidential(model, pk):
                yield NamingText(model._meta.label_lower, name, str(pk), value)


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def is_confidential(model: type[models.Model], pk: Any) -> bool:
    """Whether a row of open texts is a word about what not even administrators read."""
    return model is ThreadWord and ThreadWord.objects.filter(pk=pk, thread__kind__in=confidential_subjects()).exists()


def columns(of: Callable[[type[models.Model], Any], bool]) -> Iterator[tuple[type[models.Model], Any]]:
    """Every column of every table of which ``of(model, field)`` holds."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield from ((model, field) for field in model._meta.concrete_fields if of(model, field))


def is_text(field: Any) -> bool:
    """Whether people's words can stand in a column: it is text, and none of a few words."""
    return isinstance(field, models.CharField | models.TextField) and not field.choices


def is_open_text(model: type[models.Model], field: Any) -> bool:
    """Whether a column holds what people wrote, and somebody may edit."""
    if model is User or model in RECORDS or getattr(model, "confidential", False):
        return False
    return is_text(field) and model._meta.app_label in _ROOMS


def is_record(model: type[models.Model], field: Any) -> bool:
    """Whether a name in a column is replaced without asking: of a record, of what is confidential, or a value of JSON
    anywhere.
    """
    unasked = model in RECORDS or getattr(model, "confidential", False)
    return isinstance(field, models.JSONField) or (unasked and is_text(field))
