"""Writes of saved views: filters of the register under a name."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from initiatives.models import SavedView
from initiatives.services.trail import require, said


@transaction.atomic
def save_view(*, by: User, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep filters under a name of one's own; the same name again replaces them.

    Raises PermissionDenied, ValidationError by field.
    """
    require(by, Right.READ, "Your roles do not include the register.")
    name = said(name, "name", "Give the view a name.")
    view = SavedView.objects.select_for_update().filter(user=by, name=name).first() or SavedView(user=by, name=name)
    before = state_of(view) if view.pk else {}
    view.query, view.shared = query.lstrip("?"), shared
    view.full_clean()
    view.save()
    record_change(by=by, verb=Verb.SAVED, obj=view, before=before)
    return view


@transaction.atomic
def delete_view(*, view: SavedView, by: User) -> None:
    """One's own view goes; administrators clear shared ones. Raises PermissionDenied."""
    require_deleter(view, by)
    if SavedView.objects.filter(pk=view.pk).exists():
        record(by=by, verb=Verb.DELETED, obj=view, before=state_of(view))
        SavedView.objects.filter(pk=view.pk).delete()


def require_deleter(view: SavedView, by: User) -> None:
    """Raises PermissionDenied for who may not take the view away."""
    if view.user_id != by.pk and not (view.shared and by.has_perm(Right.ADMINISTER)):
        raise PermissionDenied("This view is somebody else's.")
