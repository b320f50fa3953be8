"""Giving back what one entry of the audit says was changed, by the service that makes such changes by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from accounts.acts import reverting
from accounts.audit import record_change
from accounts.choices import Verb
from accounts.models import AuditEntry, BusinessUnit, Company, Department, ListView, User
from accounts.rights import Right
from accounts.services.divisions import BusinessUnitRows, DepartmentRows
from accounts.services.rows import Rows
from accounts.services.views import keep_view
from core.auditing import NotThere, state_of, value_of
from core.records import Revert, register_revert, revert_of
from core.stale import as_seen, revision_of
from core.writes import StaleWrite, TransitionRefused

_UNTOLD = frozenset({"reason", "load", "file"})


def revert_entry(*, entry: AuditEntry, by: User, reason: str = "") -> None:
    """Give back what the entry changed, where nothing of it was changed since; the new entry says whose it gave back.

    Raises PermissionDenied, StaleWrite where the fields are others by now, TransitionRefused where it is not given
    back, ValidationError by field.
    """
    with transaction.atomic():
        how, row = _claimed(entry, by)
        values = dict(_values(entry, how))
        with reverting(entry):
            how.write(row, by, values, reason.strip() or f"Reverts entry {entry.pk}.")


def why_not(entry: AuditEntry, by: User) -> str:
    """Why a person cannot give this back, as a sentence; empty where they can. A few queries."""
    try:
        how, _ = _claimed(entry, by)
        dict(_values(entry, how))
    except (PermissionDenied, StaleWrite, TransitionRefused) as refused:
        return str(refused)
    return ""


def may_be_given_back(entry: AuditEntry) -> bool:
    """Whether such an entry is given back at all, whoever asks and whatever came since: no query."""
    how = revert_of(entry.object_type, entry.verb)
    return how is not None and _by_hand(entry) and bool(changed_by(entry)) and set(changed_by(entry)) <= set(how.fields)


def changed_by(entry: AuditEntry) -> list[str]:
    """The fields that the entry changed, of what was deleted all that it held."""
    before, after = _state(entry.before), _state(entry.after)
    return [name for name in before if name not in _UNTOLD and (not after or before[name] != after.get(name))]


def _state(kept: Any) -> Mapping[str, Any]:
    return kept if isinstance(kept, Mapping) else {}


def _by_hand(entry: AuditEntry) -> bool:
    return "load" not in _state(entry.after)


def _claimed(entry: AuditEntry, by: User) -> tuple[Revert, Any]:
    """How it is given back, and the row as it is; None of one that was deleted."""
    how = revert_of(entry.object_type, entry.verb)
    if how is None or not _by_hand(entry):
        raise TransitionRefused("What such an entry says cannot be undone here; nothing was changed.")
    _refuse_given_back(entry)
    row = _row(entry, how)
    if not how.may(row, by):
        raise PermissionDenied("Your roles do not include this change, and so not undoing it.")
    if lacking := [name for name in changed_by(entry) if name not in how.fields and not how.gone]:
        raise TransitionRefused(f"{_words(lacking)} cannot be undone here; nothing was changed.")
    if row is not None and not how.gone:
        _refuse_changed_since(entry, row)
    return how, row


def _refuse_given_back(entry: AuditEntry) -> None:
    """Raises StaleWrite where a later entry gave it back."""
    if (later := AuditEntry.objects.filter(reverts=entry.pk).order_by("-pk").first()) is not None:
        raise StaleWrite(f"Entry {later.pk} reverted it already; nothing was changed.")


def _row(entry: AuditEntry, how: Revert) -> models.Model | None:
    model = apps.get_model(entry.object_type)
    row: models.Model | None = model._base_manager.filter(pk=entry.object_id).first()
    if row is None and not how.gone:
        raise StaleWrite(f"“{entry.object_label or 'It'}” is not there any more; nothing was changed.")
    return row


def _refuse_changed_since(entry: AuditEntry, row: models.Model) -> None:
    now, after = _comparable(state_of(row)), _state(entry.after)
    if moved := [name for name in changed_by(entry) if now.get(name) != after.get(name)]:
        raise StaleWrite(f"{_words(moved)} of “{row}” was changed again since; nothing was changed.")


def _comparable(state: Mapping[str, Any]) -> dict[str, Any]:
    """A state as it reads back from an entry: days and moments as text."""
    found: dict[str, Any] = json.loads(json.dumps(state, cls=DjangoJSONEncoder))
    return found


def _words(names: list[str]) -> str:
    said = ", ".join(name.replace("_", " ") for name in names)
    return said[:1].upper() + said[1:]


def _values(entry: AuditEntry, how: Revert) -> Iterator[tuple[str, Any]]:
    """The values before, as the service takes them. Raises TransitionRefused where one is not kept, or has gone."""
    model, before = apps.get_model(entry.object_type), _state(entry.before)
    for name in changed_by(entry):
        if name in how.fields:
            try:
                yield name, _value(model, name, before[name], how)
            except NotThere as gone:
                raise TransitionRefused(f"{_words([name])} was {gone}, which is not there any more.") from gone


def _value(model: type[models.Model], name: str, kept: Any, how: Revert) -> Any:
    columns = {field.name for field in model._meta.concrete_fields}
    return value_of(model, name, kept) if name in columns or how.read is None else how.read(name, kept)


# What is written as plain rows


def rows_revert(rows: Rows[Any], *fields: str, right: Right | None = None) -> Revert:
    """A change of a plain row, by its service."""

    def write(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
        return rows.change(row=row, by=by, values=values, seen=revision_of(row))

    return Revert(fields, _holds(right or rows.right), write)


def rows_restore(rows: Rows[Any], *fields: str, right: Right | None = None) -> Revert:
    """A deleted plain row, made anew by its service."""

    def write(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
        return rows.create(by=by, values=values)

    return Revert(fields, _holds(right or rows.right), write, gone=True)


def _holds(right: Right) -> Callable[[Any, Any], bool]:
    return lambda row, person: bool(person.has_perm(right))


_SETTINGS = ("name", "currency", "time_zone", "kpi_mail_day", "one_may_close")


def _set_company(row: Any, by: User, values: dict[str, Any], reason: str) -> Company:
    """The company's settings but its calendar, which never changes."""
    found = as_seen(Company.objects.select_for_update().filter(pk=row.pk).first(), revision_of(row), row)
    before = state_of(found)
    for name, value in values.items():
        setattr(found, name, value)
    found.full_clean()
    found.save()
    record_change(by=by, verb=Verb.CHANGED, obj=found, before=before)
    return found


def _view_again(row: Any, by: User, values: dict[str, Any], reason: str) -> ListView:
    given = {name: values[name] for name in ("list", "name", "query", "shared")}
    return keep_view(by=by, **given)


def register_all() -> None:
    """Make known what of the company is given back."""
    register_revert("accounts.company", Verb.CHANGED, Revert(_SETTINGS, _holds(Right.ADMINISTER), _set_company))
    for model, rows, fields in (
        (BusinessUnit, BusinessUnitRows(), ("name", "kind")),
        (Department, DepartmentRows(), ("name",)),
    ):
        register_revert(model._meta.label_lower, Verb.CHANGED, rows_revert(rows, *fields))
        register_revert(model._meta.label_lower, Verb.DELETED, rows_restore(rows, "code", *fields))
    view = Revert(("user", "list", "name", "query", "shared"), _holds(Right.READ), _view_again, gone=True)
    register_revert("accounts.listview", Verb.DELETED, view)
