"""Saved views: filters of the register under a name."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.http import POST, PageRequest, page
from accounts.pages.asking import Question, type_of, with_undo
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from initiatives.filters.register import InitiativeFilter
from initiatives.forms.actions import SavedViewForm
from initiatives.models import SavedView
from initiatives.services.views import delete_view, require_deleter, save_view


@page(Right.READ, methods=POST)
def save(request: PageRequest) -> HttpResponse:
    """Keep the filters that are in use; the same name again replaces one's own view."""
    form = SavedViewForm(request.POST)
    query = known(request.POST.get("query", ""))
    if form.is_valid():
        try:
            given = form.cleaned_data
            view = save_view(by=request.user, name=given["name"], query=query, shared=given["shared"])
            messages.success(request, f"The view “{view.name}” is kept.")
        except ValidationError as error:
            messages.error(request, f"{' '.join(error.messages)} The view was not kept.")
    else:
        messages.error(request, "Give the view a name of at most 80 letters. It was not kept.")
    return redirect(f"{reverse('initiatives')}?{query}")


def known(query: str) -> str:
    """A query without what no filter is called."""
    given, kept = QueryDict(query.lstrip("?")), QueryDict(mutable=True)
    for name, values in given.lists():
        if name in InitiativeFilter.base_filters:
            kept.setlist(name, values)
    return str(kept.urlencode())


@page(Right.READ, methods=POST)
def delete(request: PageRequest, number: int) -> HttpResponse:
    """The view goes, once it was asked; what it shows stays."""
    user = request.user
    view = get_object_or_404(SavedView.objects.filter(Q(user=user) | Q(shared=True)), pk=number)
    require_deleter(view, user)
    if not is_sure(request):
        return ask_first(request, _deletion(view))
    delete_view(view=view, by=user)
    text = f"The view “{view.name}” is gone; the initiatives in it are as they were."
    messages.success(request, with_undo(text, user, type_of(view), number))
    return redirect("initiatives")


def _deletion(view: SavedView) -> Question:
    whose = "Everybody loses it from their list." if view.shared else "It is in nobody else’s list."
    return Question(
        title=f"Delete the view “{view.name}”?",
        does=(f"1 view goes. {whose}", "No initiative is changed."),
        undo="It can be undone: the audit keeps its filters.",
        verb="Delete the view",
        back=reverse("initiatives"),
        place="Initiatives",
    )
