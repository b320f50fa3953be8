"""Milestones and documents of an initiative: one verb per address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.http import FORM, POST, PageRequest, page
from accounts.pages.asking import Question, type_of, with_undo
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted
from core.forms import show_refusal
from core.stale import mark_shown, show_again
from core.writes import StaleWrite
from initiatives.forms.milestones import DocumentForm, DropForm, MilestoneForm, RedateForm, RenameForm
from initiatives.models import Document, Initiative, Milestone
from initiatives.reading.endings import dropping_words
from initiatives.services.milestones import (
    add_milestone,
    drop_milestone,
    redate_milestone,
    rename_milestone,
    tick_milestone,
    untick_milestone,
)
from initiatives.services.register import add_document, remove_document
from initiatives.views.initiative import find_own, show

_FORMS: dict[str, type[forms.Form]] = {"redate": RedateForm, "rename": RenameForm, "drop": DropForm}
_VERBS: dict[str, Callable[..., Milestone]] = {
    "tick": tick_milestone,
    "untick": untick_milestone,
    "redate": redate_milestone,
    "rename": rename_milestone,
    "drop": drop_milestone,
}


def _back(row: Initiative, place: str) -> HttpResponse:
    return redirect(f"{reverse('initiative', args=[row.code])}#{place}")


@page(Right.READ, methods=POST)
def add(request: PageRequest, code: str) -> HttpResponse:
    """A new milestone."""
    row, form = find_own(code, request), MilestoneForm(request.POST)
    if form.is_valid():
        try:
            add_milestone(initiative=row, by=request.user, **form.cleaned_data)
            return _back(row, "milestones")
        except ValidationError as error:
            show_refusal(form, error)
    return show(request, row, 400, milestone_form=form)


@page(Right.READ, methods=FORM)
def milestone(request: PageRequest, code: str, number: int) -> HttpResponse:
    """Tick, move, rename or drop one; a step that is refused says why and changes nothing."""
    row = find_own(code, request)
    found = get_object_or_404(Milestone, pk=number, initiative=row)
    verb, status = request.POST.get("verb", ""), 0
    given = _FORMS.get(verb, forms.Form)(request.POST) if verb in _VERBS else None
    if given is not None and given.is_valid() and (is_sure(request) or verb != "drop"):
        try:
            _VERBS[verb](milestone=found, by=request.user, **given.cleaned_data)
            if verb == "drop":
                text = f"“{found.title}” is dropped: it counts no more."
                messages.success(request, with_undo(text, request.user, type_of(found), found.pk))
            return _back(row, "milestones")
        except ValidationError as error:
            show_refusal(given, error)
        except StaleWrite as stale:
            found = get_object_or_404(Milestone, pk=number, initiative=row)
            given.add_error(None, f"{stale} Look at what it is now, then send yours again where it should hold.")
            show_again(given, found)
            status = 409
    shown = {name: given if name == verb else form(initial=_initial(found)) for name, form in _FORMS.items()}
    context = {"initiative": row, "milestone": found, "forms": shown, "refused": given, "dropping": dropping_words(row)}
    return render(
        request, "initiatives/milestone.html", context, status=status or (400 if given and given.errors else 200)
    )


def _initial(found: Milestone) -> dict[str, Any]:
    return {"title": found.title, "due": found.due, "seen": mark_shown(found)}


def _unlinking(document: Document) -> Question:
    left = document.initiative.documents.count() - 1
    return Question(
        title=f"Take out the link to “{document.title}”?",
        does=(f"{counted(left, 'other link')} {'stays' if left == 1 else 'stay'}; the document itself is untouched.",),
        undo="It can be undone: the audit keeps the address.",
        verb="Take it out",
        back=f"{reverse('initiative', args=[document.initiative.code])}#documents",
        place=document.initiative.title,
    )


@page(Right.READ, methods=POST)
def link(request: PageRequest, code: str) -> HttpResponse:
    """A link to a document."""
    row, form = find_own(code, request), DocumentForm(request.POST)
    if form.is_valid():
        try:
            add_document(initiative=row, by=request.user, **form.cleaned_data)
            return _back(row, "documents")
        except ValidationError as error:
            show_refusal(form, error)
    return show(request, row, 400, document_form=form)


@page(Right.READ, methods=POST)
def unlink(request: PageRequest, code: str, number: int) -> HttpResponse:
    """Without that link, once it was asked; a link that is gone already is gone."""
    row = find_own(code, request)
    for document in Document.objects.filter(pk=number, initiative=row):
        if not is_sure(request):
            return ask_first(request, _unlinking(document))
        remove_document(document=document, by=request.user)
        text = f"The link to “{document.title}” is taken out."
        messages.success(request, with_undo(text, request.user, type_of(row), row.pk))
    return _back(row, "documents")
