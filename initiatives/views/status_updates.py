"""The owner's minute and reviewers' answers: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.http import FORM, POST, PageRequest, page
from accounts.rights import Right
from core.lists import FilteredList
from initiatives.forms.status_updates import ResponseForm
from initiatives.models import Initiative, StatusUpdate
from initiatives.pages.status_update_history import history, show
from initiatives.pages.status_updates import minute_page, report, thanks_for, update_form
from initiatives.services.status_updates import respond
from initiatives.services.trail import require_editor


@page(Right.READ, methods=FORM)
def initiative_update(request: PageRequest, code: str) -> HttpResponse:
    """The one-minute form, prefilled; by POST the owner's word is taken."""
    user, row = request.user, get_object_or_404(Initiative, code=code)
    require_editor(user, row)
    form = update_form(row, request.POST)
    told = report(form, user) if request.method == "POST" and form.is_valid() else None
    if isinstance(told, StatusUpdate):
        messages.success(request, thanks_for(told))
        return redirect("my")
    status = 409 if told else 400 if form.errors else 200
    return render(request, "initiatives/update.html", {"page": minute_page(form, user, told)}, status=status)


@page(Right.READ)
def initiative_updates(request: PageRequest, code: str) -> HttpResponse:
    """Every update of an initiative, newest first."""
    row = get_object_or_404(Initiative, code=code)
    rows = StatusUpdate.objects.filter(initiative=row)
    words = FilteredList[StatusUpdate](request.GET, history(rows), per_page=30)
    shown = show(words.page, request.user)
    return render(request, "initiatives/updates.html", {"initiative": row, "words": words, "updates": shown})


@page(Right.COMMENT, methods=POST)
def update_respond(request: PageRequest, code: str, number: int) -> HttpResponse:
    """A reviewer acknowledges an update or asks back."""
    update = get_object_or_404(StatusUpdate.objects.select_related("initiative"), pk=number, initiative__code=code)
    form = ResponseForm(request.POST)
    try:
        if form.is_valid():
            respond(update=update, by=request.user, **form.cleaned_data)
        else:
            messages.error(request, "Nothing was sent: a question has at most 1,000 characters.")
    except ValidationError as error:
        messages.error(request, f"{' '.join(error.messages)} Nothing was sent.")
    return redirect(f"{reverse('initiative', args=[code])}#updates")
