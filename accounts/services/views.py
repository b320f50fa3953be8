"""Writes of views: filters of a list under a name of one's own."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.models import ListView, User
from accounts.rights import Right
from core.auditing import state_of
from core.texts import plain


@transaction.atomic
def keep_view(*, by: User, list: str, name: str, query: str, shared: bool = False) -> ListView:
    """Keep filters of a list, named by its address, under a name; the same name again replaces one's own.

    Raises PermissionDenied, ValidationError by field.
    """
    if not by.has_perm(Right.READ):
        raise PermissionDenied("Your roles do not include this list.")
    name = plain(name)
    if not name:
        raise ValidationError({"name": "Give the view a name."})
    mine = ListView.objects.select_for_update().filter(user=by, list=list, name=name)
    view = mine.first() or ListView(user=by, list=list, name=name)
    before = state_of(view) if view.pk else {}
    view.query, view.shared = query.lstrip("?"), shared
    view.full_clean()
    view.save()
    record_change(by=by, verb=Verb.SAVED, obj=view, before=before)
    return view


@transaction.atomic
def drop_view(*, view: ListView, by: User) -> None:
    """One's own view goes, dropped twice as dropped once; administrators clear shared ones. Raises PermissionDenied."""
    require_dropper(view, by)
    if ListView.objects.filter(pk=view.pk).exists():
        record(by=by, verb=Verb.DELETED, obj=view, before=state_of(view))
        ListView.objects.filter(pk=view.pk).delete()


def require_dropper(view: ListView, by: User) -> None:
    """Raises PermissionDenied for who may not take the view away."""
    if view.user_id != by.pk and not (view.shared and by.has_perm(Right.ADMINISTER)):
        raise PermissionDenied("This view is somebody else's.")
