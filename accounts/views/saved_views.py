"""Saved views of a list: kept under a name, and taken away once it was asked."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.http import PageRequest
from accounts.models import ListView
from accounts.pages.asking import Question, type_of, with_undo
from accounts.services.views import drop_view, keep_view, require_dropper
from accounts.views.asking import ask_first, is_sure


def keep(request: PageRequest, list: str, filters: Collection[str], *, may_share: bool = False) -> HttpResponse:
    """Keep the filters that are in use, of those that the list has; the same name again replaces one's own view."""
    query, shared = known(request.POST.get("query", ""), filters), may_share and "shared" in request.POST
    name = request.POST.get("name", "")
    try:
        view = keep_view(by=request.user, list=list, name=name, query=query, shared=shared)
        messages.success(request, f"The view “{view.name}” is kept.")
    except ValidationError as error:
        messages.error(request, f"{' '.join(error.messages)} The view was not kept.")
    return redirect(f"{reverse(list)}?{query}" if query else list)


def drop(request: PageRequest, list: str, number: int, *, things: str) -> HttpResponse:
    """The view goes, once it was asked; what it shows (``things``) stays."""
    view = get_object_or_404(ListView.objects.visible_to(request.user, list), pk=number)
    require_dropper(view, request.user)
    if not is_sure(request):
        return ask_first(request, _deletion(view, things))
    drop_view(view=view, by=request.user)
    text = f"The view “{view.name}” is gone; the {things} in it are as they were."
    messages.success(request, with_undo(text, request.user, type_of(view), number))
    return redirect(list)


def known(query: str, filters: Collection[str]) -> str:
    """A query without what no filter is called."""
    given, kept = QueryDict(query.lstrip("?")), QueryDict(mutable=True)
    for name, values in given.lists():
        if name in filters:
            kept.setlist(name, values)
    return str(kept.urlencode())


def _deletion(view: ListView, things: str) -> Question:
    whose = "Everybody loses it from their list." if view.shared else "It is in nobody else’s list."
    return Question(
        title=f"Delete the view “{view.name}”?",
        does=(f"1 view goes. {whose}", f"None of the {things} is changed."),
        undo="It can be undone: the audit keeps its filters.",
        verb="Delete the view",
        back=reverse(view.list),
        place=things.capitalize(),
    )
