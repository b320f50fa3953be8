"""What writes of every app share: why one did not happen, and what was seen of a row before.

Where one of these is raised nothing was changed, and its message says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model

from core.texts import sentence

# The field that is wrong, and what is wrong with it, to be read after the field's name: what every rule answers.
Problem = tuple[str, str]

_DOUBLE = {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


class TransitionRefused(Exception):
    """A state that cannot be reached from here; the message says what is missing."""


class StaleWrite(Exception):
    """Somebody else changed it since it was shown: look at what it is now, then decide again."""


class StaleTransition(StaleWrite):
    """Its state has moved on since it was shown."""


def refuse(problems: Iterable[Problem]) -> None:
    """Raise ValidationError with each problem as a sentence at its field; where there is none, do nothing."""
    found: dict[str, list[str]] = {}
    for field, reason in problems:
        found.setdefault(field, []).append(sentence(reason))
    if found:
        raise ValidationError(found)


def is_double(error: BaseException | None) -> bool:
    """Whether the database refused a row because one of that key is there: somebody was faster."""
    cause = error.__cause__ if isinstance(error, IntegrityError) else None
    return getattr(cause, "pgcode", None) in _DOUBLE or getattr(cause, "sqlite_errorname", None) in _DOUBLE


def revision_of(row: Model) -> str:
    """A short text that differs whenever the stored row does, for rows without a revision of their own.

    Of a row as it was read: one that was written and not read again may spell a number in another way.
    """
    values = map(str, _stored(type(row))(row))
    return sha256("\x1f".join(values).encode()).hexdigest()[:16]


@cache
def _stored(model: type[Model]) -> Callable[[Model], tuple[Any, ...]]:
    """What takes all stored values of a row at once; no model has but one."""
    return attrgetter(*(field.attname for field in model._meta.concrete_fields))
