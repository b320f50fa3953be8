"""What is asked before something goes: what exactly, in numbers, and whether it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import AuditEntry, User


@dataclass(frozen=True, slots=True)
class Question:
    """``Delete “Waiting”?``: what it ``does``, a sentence each, how it is undone, or that it is not; ``verb`` is the
    button, ``back`` the address of who leaves it, ``place`` that page's name.
    """

    title: str
    does: tuple[str, ...]
    undo: str
    verb: str
    back: str
    place: str


def taking_back(name: str, said: str, page: str) -> Question:
    """Before a decision is taken back: ``said`` is what that does, as a sentence; ``page`` the name of the address of
    the list on which it stands.
    """
    return Question(
        title=f"Take the decision on “{name}” back?",
        does=("1 decision is taken back.", said or "What follows from it is said on the list of decisions."),
        undo="It can be decided anew.",
        verb="Take it back",
        back=reverse(page),
        place="Decisions",
    )


def with_undo(text: str, by: User, object_type: str, pk: object) -> SafeString:
    """What was done, with the way to give it back: the person's own last entry about the object."""
    entries = AuditEntry.objects.filter(object_type=object_type, object_id=str(pk), by=by).order_by("-pk")
    number = entries.values_list("pk", flat=True).first()
    if number is None:
        return format_html("{}", text)
    return format_html('{} <a href="{}">Undo</a>', text, reverse("audit_revert", args=[number]))


def type_of(row: Model) -> str:
    """How the audit calls the kind of a row."""
    return row._meta.label_lower
