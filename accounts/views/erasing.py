"""Erasing a person: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from accounts.http import FORM, PageRequest, page
from accounts.pages.erasing import erasing_page, left_page
from accounts.rights import Right
from accounts.services.erasing import edit_texts, erase_person
from accounts.views.people import person_or_404, to_person
from core.formatting import counted


@page(Right.ADMINISTER, methods=FORM)
def erase(request: PageRequest, number: int) -> HttpResponse:
    """What it touches, and the texts to edit; sent with the word, it is done for good."""
    person, errors = person_or_404(number), []
    if person.erased_at:
        return redirect("person_texts", number=person.pk)
    if request.method == "POST":
        if request.POST.get("confirmed", "").strip().lower() != person.email:
            errors = ["Type the person’s address to say that you mean it. Nothing was erased."]
        else:
            try:
                left = erase_person(person=person, by=request.user, edits=_edits(request.POST))
                said = f"The person was erased. {counted(len(left), 'text')} still held the name."
                return to_person(request, person_or_404(number), said)
            except ValidationError as error:
                errors = error.messages
    context = {"page": erasing_page(person, request.user), "errors": errors}
    return render(request, "people/erase.html", context, status=400 if errors else 200)


@page(Right.ADMINISTER, methods=FORM)
def texts(request: PageRequest, number: int) -> HttpResponse:
    """The texts that still held the name of somebody who was erased, to be edited."""
    person, errors = person_or_404(number), []
    if request.method == "POST":
        try:
            edits = _edits(request.POST)
            edit_texts(edits, by=request.user)
            messages.success(request, f"{counted(len(edits), 'text')} saved.")
            return redirect("person_texts", number=person.pk)
        except ValidationError as error:
            errors = error.messages
    context = {"page": left_page(person), "errors": errors}
    return render(request, "people/texts.html", context, status=400 if errors else 200)


def _edits(post: QueryDict) -> dict[str, str]:
    """The texts that were ticked, by their place, as they are to be."""
    return {ref: post.get(f"text:{ref}", "") for ref in post.getlist("change")}
