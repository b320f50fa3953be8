"""Writes of plain tables: rows that are made, changed and deleted, each with its audit entry, whatever the door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, ClassVar, Generic, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from accounts.audit import record
from accounts.audited import users_of
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.keys import address_problems
from core.stale import as_seen
from core.writes import TransitionRefused

_M = TypeVar("_M", bound=models.Model)


class Rows(Generic[_M]):
    """How the rows of one table are written.

    A table says what may be written (``problems``) and what follows of it (``written``). ``fixed`` are the fields
    that name a row and stay; ``what`` says what the rows are.
    """

    model: ClassVar[type[models.Model]]
    what: ClassVar[str]
    fixed: ClassVar[tuple[str, ...]]
    right: ClassVar[Right] = Right.MANAGE_KPIS

    # -- what a table may say otherwise

    def problems(self, row: _M) -> Iterable[tuple[str, str]]:
        """What is wrong with a row as it is to be, by field, beyond what its columns take."""
        name = self.fixed[0]
        return address_problems(name, getattr(row, name)) if len(self.fixed) == 1 else ()

    def written(self, *, by: User, old: _M | None, new: _M | None) -> None:
        """Called after each write, with the row before and after it. May refuse by raising, which takes it back."""

    # -- writes

    @transaction.atomic
    def create(self, *, by: User, values: Mapping[str, Any]) -> _M:
        """A new row. Raises PermissionDenied, ValidationError by field."""
        self._require(by)
        return self._save(None, self.model(**values), by)  # type: ignore[arg-type]

    @transaction.atomic
    def change(self, *, row: _M, by: User, values: Mapping[str, Any], seen: str | None = None) -> _M:
        """Change what ``values`` names. ``seen``: the revision that was read, if the caller names one.

        Raises PermissionDenied, StaleWrite, ValidationError by field.
        """
        self._require(by)
        old = self._stored(row, seen)
        new = copy(old)
        for name, value in values.items():
            setattr(new, name, value)
        return self._save(old, new, by)

    @transaction.atomic
    def save(self, *, row: _M, by: User) -> _M:
        """Keep a row as a form has filled it in, new or changed. Raises as ``create`` and ``change`` do."""
        self._require(by)
        return self._save(self._stored(row, None) if row.pk else None, row, by)

    @transaction.atomic
    def delete(self, *, row: _M, by: User, seen: str | None = None) -> None:
        """A row that nothing refers to goes. Raises PermissionDenied, StaleWrite, TransitionRefused with its users."""
        self._require(by)
        old = self._stored(row, seen)
        users = users_of(old)
        if users:
            raise TransitionRefused(f"“{old}” is in use by {', '.join(users)}; nothing was changed.")
        record(by=by, verb=Verb.DELETED, obj=old, before=state_of(old))
        copy(old).delete()
        self.written(by=by, old=old, new=None)

    # -- steps

    def _require(self, by: User) -> None:
        if not by.has_perm(self.right):
            raise PermissionDenied(f"Your roles do not include writing {self.what}.")

    def _stored(self, row: _M, seen: str | None) -> _M:
        """The row as it is, held for this transaction. Raises StaleWrite where it is not as it was seen."""
        found: Any = self.model._base_manager.select_for_update().filter(pk=row.pk).first()
        kept: _M = as_seen(found, seen, row)
        return kept

    def _save(self, old: _M | None, new: _M, by: User) -> _M:
        self._check(new)
        before = state_of(old) if old is not None else None
        if before is not None and before == state_of(new):
            return new
        new.save()
        self.written(by=by, old=old, new=new)
        record(by=by, verb=Verb.CHANGED if old else Verb.CREATED, obj=new, before=before, after=state_of(new))
        return new

    def _check(self, row: _M) -> None:
        """Raises ValidationError with all that is wrong, by field."""
        found: dict[str, list[str]] = {}
        try:
            row.full_clean()
        except ValidationError as error:
            found = error.message_dict
        if not found:
            for name, reason in self.problems(row):
                found.setdefault(name, []).append(reason)
        if found:
            raise ValidationError(found)
