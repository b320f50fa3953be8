"""A second step before something goes: the same form again, with what it does in numbers, and a button that does it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import PageRequest
from accounts.pages.asking import Question

SURE = "sure"


def is_sure(request: PageRequest) -> bool:
    """Whether the person has seen what it does."""
    return SURE in request.POST


def ask_first(request: PageRequest, question: Question) -> HttpResponse:
    """The question, which carries what was sent."""
    given = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, value) for name, value in given if name not in {"csrfmiddlewaretoken", SURE}]
    return render(request, "ask_first.html", {"question": question, "fields": fields})
