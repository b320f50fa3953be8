"""The admin's base: each model asks for a right, each write leaves an audit entry, errors are sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.audit import record
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.fields import MonthField
from core.forms import DayField, MonthFormField, id_of
from core.texts import sentence
from core.writes import StaleWrite, TransitionRefused

_NAMES = ("code", "external_id", "email")
_NAMED = 3  # of the rows that refer to another, so many are told by name

_M = TypeVar("_M", bound=models.Model)


def users_of(obj: models.Model) -> list[str]:
    """What refers to an object and keeps it from being deleted, in words; empty where it can be.

    Facts have no foreign-key trigger, so that they are asked about too.
    """
    found = []
    for relation in _keepers(type(obj)):
        users = list(relation.related_model._base_manager.filter(**{relation.field.name: obj})[: _NAMED + 1])
        if users:
            found.append(_named(users))
    return found


def users_among(rows: models.QuerySet[Any], *, apart: Collection[type[models.Model]] = ()) -> dict[int, list[str]]:
    """What keeps each of several rows from being deleted, by its id, in words without names: one query for all.

    Models that stand ``apart`` are not asked.
    """
    found = {
        f"used_{number}": (relation.related_model, relation.field.name)
        for number, relation in enumerate(_keepers(rows.model))
        if relation.related_model not in apart
    }
    asked = {
        name: Exists(model._base_manager.filter(**{field: OuterRef("pk")})) for name, (model, field) in found.items()
    }
    told = {name: str(model._meta.verbose_name_plural) for name, (model, _) in found.items()}
    return {
        values["pk"]: list(dict.fromkeys(told[name] for name in found if values[name]))
        for values in rows.annotate(**asked).values("pk", *found)
    }


def _keepers(model: type[models.Model]) -> Iterator[Any]:
    """The relations that keep a row of a model from being deleted."""
    kept = (models.PROTECT, models.RESTRICT, models.DO_NOTHING)
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel):
            continue
        if relation.many_to_many or getattr(relation, "on_delete", None) in kept:
            yield relation


def _named(rows: Sequence[models.Model]) -> str:
    """What rows of one kind are, with the codes of the first where they have such names: ``initiatives (a, b …)``."""
    plural = str(rows[0]._meta.verbose_name_plural)
    names = [str(getattr(row, name)) for row in rows for name in _NAMES if hasattr(row, name)]
    more = " …" if len(rows) > _NAMED else ""
    return f"{plural} ({', '.join(names[:_NAMED])}{more})" if names else plural


class RowFinder(AutocompleteSelect):
    """Finds one of many rows as one types; a key that is none of theirs is refused by its field, not by the list."""

    def optgroups(self, name: Any, value: Any, attr: Any = None) -> Any:
        """The row that was chosen, if the key could be one."""
        return super().optgroups(name, [key for key in value if key == "" or id_of(str(key)) is not None], attr)


class AuditedAdmin(admin.ModelAdmin[_M]):
    """A model in the admin.

    ``right`` is needed to write, ``view_right`` (where given) is enough to look. ``key_fields`` are
    set when a row is made and not changed later, for files and programs know the row by them.
    """

    right: Right
    view_right: Right | None = None
    key_fields: Sequence[str] = ()
    formfield_overrides = {
        MonthField: {"form_class": MonthFormField, "widget": forms.TextInput},
        models.DateField: {"form_class": DayField},
    }

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """With a list that takes any text for a key."""
        if db_field.name in self.get_autocomplete_fields(request):
            options.setdefault("widget", RowFinder(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> _M | None:
        """The row; an empty name of a key field means the usual one."""
        return super().get_object(request, object_id, from_field or None)

    # Who may

    def has_view_permission(self, request: HttpRequest, obj: _M | None = None) -> bool:
        """Whether the person may look."""
        return request.user.has_perm(self.view_right or self.right) or request.user.has_perm(self.right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the model is listed."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the person may make one."""
        return request.user.has_perm(self.right)

    def has_change_permission(self, request: HttpRequest, obj: _M | None = None) -> bool:
        """Whether the person may change it."""
        return request.user.has_perm(self.right)

    def has_delete_permission(self, request: HttpRequest, obj: _M | None = None) -> bool:
        """Whether the person may delete it, where nothing refers to it."""
        return request.user.has_perm(self.right)

    def get_readonly_fields(self, request: HttpRequest, obj: _M | None = None) -> tuple[str, ...]:
        """Keys stay once a row is there."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        return fixed if obj is None else (*fixed, *self.key_fields)

    # What a write leaves behind

    def state_of(self, obj: models.Model) -> dict[str, Any]:
        """The model's row, or an inline's, as the audit keeps it."""
        return state_of(obj)

    def written(self, request: HttpRequest, *, old: models.Model | None, new: models.Model | None) -> None:
        """Called after each write, of the model or an inline, with the row before and after it."""

    def save_model(self, request: HttpRequest, obj: _M, form: Any, change: bool) -> None:
        """Save a row and record it."""
        self.save_row(request, obj)

    def delete_model(self, request: HttpRequest, obj: _M) -> None:
        """Delete a row and record it. Raises ValidationError where it is in use."""
        reason = self.refusal_to_delete(obj)
        if reason:
            raise ValidationError(reason)
        self.delete_row(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[_M]) -> None:
        """The same for several."""
        for obj in queryset:
            self.delete_model(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The same for the rows of an inline."""
        formset.save(commit=False)
        for obj in formset.deleted_objects:
            self.delete_row(request, obj)
        for obj in [*(changed for changed, _ in formset.changed_objects), *formset.new_objects]:
            self.save_row(request, obj)
        formset.save_m2m()

    def save_row(self, request: HttpRequest, obj: models.Model) -> None:
        """Save one, of the model or an inline, and record it."""
        old = type(obj)._base_manager.filter(pk=obj.pk).first() if obj.pk else None
        before = self.state_of(old) if old else None
        obj.save()
        self.written(request, old=old, new=obj)
        verb = Verb.CHANGED if old else Verb.CREATED
        record(by=cast("User", request.user), verb=verb, obj=obj, before=before, after=self.state_of(obj))

    def delete_row(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete one, of the model or an inline, and record it."""
        old = copy(obj)  # which keeps the key that deleting takes
        record(by=cast("User", request.user), verb=Verb.DELETED, obj=obj, before=self.state_of(obj))
        obj.delete()
        self.written(request, old=old, new=None)

    # What cannot be done is said in a sentence

    def refusal_to_delete(self, obj: _M) -> str | None:
        """Why a row cannot be deleted; None where it can."""
        users = users_of(obj)
        return f"{obj} cannot be deleted, nothing was changed: in use by {', '.join(users)}." if users else None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; what the database or a rule refuses comes back as a message."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, ValidationError) as error:
            return self._refused(request, error, request.get_full_path())

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """The confirmation, or why the row stays."""
        obj = self.get_object(request, unquote(object_id))
        reason = self.refusal_to_delete(obj) if obj and self.has_delete_permission(request, obj) else None
        if reason:
            return self._refused(request, ValidationError(reason), self._address(object_id))
        try:
            return super().delete_view(request, object_id, extra_context)
        except (IntegrityError, ValidationError) as error:
            return self._refused(request, error, self._address(object_id))

    def _address(self, object_id: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id])

    def _refused(self, request: HttpRequest, error: Exception, address: str) -> HttpResponse:
        if isinstance(error, ValidationError):
            text = " ".join(error.messages)
        else:
            text = f"The database refused this, nothing was changed: {error}"
        self.message_user(request, text, messages.ERROR)
        return redirect(address)


class _Ruled:
    """A model's form whose row the rules of its table are asked about, once its cells are sound."""

    writer: Any

    def _post_clean(self: Any) -> None:
        super()._post_clean()  # type: ignore[misc]
        for name, reason in () if self.errors else self.writer.problems(self.instance):
            self.add_error(name if name in self.fields else None, sentence(reason))


class RowsAdmin(AuditedAdmin[_M]):
    """A plain table in the admin: the service of each model, its inlines' too, writes and records.

    ``writers`` holds them by model.
    """

    writers: Mapping[type[models.Model], Any] = {}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A form that asks the rules of the service beforehand, so that what is wrong is said at its field."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        return type(form)(form.__name__, (_Ruled, form), {"writer": self.writers[self.model]})

    def save_row(self, request: HttpRequest, obj: models.Model) -> None:
        """By the service of its model. Raises ValidationError where it refuses."""
        with _as_sentences():
            self.writers[type(obj)].save(row=obj, by=request.user)

    def delete_row(self, request: HttpRequest, obj: models.Model) -> None:
        """By the service of its model. Raises ValidationError where it refuses."""
        with _as_sentences():
            self.writers[type(obj)].delete(row=obj, by=request.user)


@contextmanager
def _as_sentences() -> Iterator[None]:
    """What a service refuses, as the admin tells it: ValidationError."""
    try:
        yield
    except (StaleWrite, TransitionRefused) as refused:
        raise ValidationError(str(refused)) from refused


class ReadOnlyAdmin(AuditedAdmin[_M]):
    """A record that is looked at and never written by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: _M | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: _M | None = None) -> bool:
        """Nobody."""
        return False


class OpenInline(admin.TabularInline[Any, Any]):
    """An inline whose rights are those of the page that it stands on."""

    extra = 0
    formfield_overrides = AuditedAdmin.formfield_overrides

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the page decided."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the page decides."""
        return self._page().has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the page decides."""
        return self._page().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the page decides."""
        return self._page().has_change_permission(request)

    def _page(self) -> admin.ModelAdmin[Any]:
        return self.admin_site.get_model_admin(self.parent_model)
