"""Writes of views: filters of a list under a name of one's own."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.models import ListView, User
from core.auditing import state_of
from core.texts import plain


@transaction.atomic
def keep_view(*, by: User, list: str, name: str, query: str) -> ListView:
    """Keep filters of a list, named by its address, under a name; the same name again replaces one's own.

    Raises ValidationError by field.
    """
    name = plain(name)
    if not name:
        raise ValidationError({"name": "Give the view a name."})
    mine = ListView.objects.select_for_update().filter(user=by, list=list, name=name)
    view = mine.first() or ListView(user=by, list=list, name=name)
    before = state_of(view) if view.pk else {}
    view.query = query.lstrip("?")
    view.full_clean()
    view.save()
    record_change(by=by, verb=Verb.SAVED, obj=view, before=before)
    return view


@transaction.atomic
def drop_view(*, view: ListView, by: User) -> None:
    """One's own view goes; dropped twice is as dropped once. Somebody else's stays."""
    if ListView.objects.filter(pk=view.pk, user=by).exists():
        record(by=by, verb=Verb.DELETED, obj=view, before=state_of(view))
        ListView.objects.filter(pk=view.pk).delete()
