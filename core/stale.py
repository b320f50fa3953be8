"""One way to come too late: what of a row was seen, asked of every door before the row is written.

A door names the revision that it showed. Cells of a grid, and a step to another state, name what they showed
themselves: the value, the state.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, TypeVar

from django import forms
from django.db.models import Model
from django.utils import timezone

from core.forms import ModelForm
from core.writes import StaleWrite

TOO_LATE = (
    "“{}” was changed by somebody else while this form was open. Nothing of yours is kept yet: look at what it is "
    "now, then save again where yours should hold."
)
_M = TypeVar("_M", bound=Model)


def revision_of(row: Model) -> str:
    """A short text that differs whenever the stored row does: its own count of revisions, else made of its columns.

    Of a row as it was read: one that was written and not read again may spell a number in another way.
    """
    counted = getattr(row, "revision", None)
    if counted is not None:
        return str(counted)
    values = map(str, stored_values(row))
    return sha256("\x1f".join(values).encode()).hexdigest()[:16]


def stored_values(row: Model) -> tuple[Any, ...]:
    """What is stored of a row beside its lists, in the order of its columns."""
    return _stored(type(row))(row)


@cache
def _stored(model: type[Model]) -> Callable[[Model], tuple[Any, ...]]:
    """What takes all stored values of a row at once; no model has but one."""
    return attrgetter(*(field.attname for field in model._meta.concrete_fields if not field.generated))


def as_seen(row: _M | None, seen: str | None, named: object) -> _M:
    """The row, held by the caller's transaction, where it is there and still what was seen (None: whatever it is).

    Raises StaleWrite.
    """
    if row is None:
        raise StaleWrite(f"“{named}” was deleted by somebody else meanwhile; nothing was changed.")
    if seen is not None and revision_of(row) != seen:
        raise StaleWrite(f"“{row}” was changed by somebody else meanwhile; nothing of yours was kept.")
    return row


def mark_shown(row: Model) -> str:
    """What a form carries of a row: its revision, and when it was shown."""
    return stamped(revision_of(row))


def stamped(revision: str) -> str:
    """A revision with the present moment, which tells what came later."""
    return f"{revision}@{timezone.now().isoformat()}"


def revision_in(mark: str) -> str:
    """The revision that a form was shown with."""
    return mark.partition("@")[0]


def shown_at(mark: str) -> datetime | None:
    """When a form was shown; None where it doesn't say."""
    try:
        found = datetime.fromisoformat(mark.partition("@")[2])
    except ValueError:
        return None
    return found if timezone.is_aware(found) else None


class SeenField(forms.CharField):
    """The mark of the row that a form shows, as the revision; a form without it comes too late."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def clean(self, value: Any) -> str:
        """The revision."""
        return revision_in(str(super().clean(value) or ""))


class SeenForm(ModelForm[Any]):
    """The form of a row that others may change while it is open."""

    seen = SeenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "seen" in self.fields:
            self.fields["seen"].initial = mark_shown(self.instance)

    def tell_too_late(self) -> None:
        """Say so where the row is another by now than the form showed. Not asked of a form that shows no page of
        what changed: there the service refuses, and the page says it.
        """
        if self.instance.pk and self.cleaned_data.get("seen") != revision_of(self.instance):
            self.add_error(None, TOO_LATE.format(self.instance))
            show_again(self, self.instance)


def show_again(form: forms.BaseForm, now: Model) -> None:
    """Have a form that came too late carry what is there now: sending it once more is then a decision."""
    carry(form, mark_shown(now))


def carry(form: forms.BaseForm, seen: str) -> None:
    """The same with what it shows in words of its own."""
    form.data = again = form.data.copy()  # type: ignore[attr-defined]  # what was sent, not a plain mapping
    again["seen"] = seen
