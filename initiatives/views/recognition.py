"""Thanks, and the page on which executives confirm turnarounds: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from accounts.views.decisions import answer_decisions, answer_effect, answer_take_back, show_desk
from core.decisions import Choices, decided_words
from core.forms import ids_in
from initiatives.choices import TurnaroundState
from initiatives.forms.status_updates import ThanksForm
from initiatives.models import Initiative, Turnaround
from initiatives.pages.recognition import TurnaroundDesk
from initiatives.services.recognition import decide_turnarounds, take_back_turnaround, thank


@page(Right.COMMENT, methods=POST)
def initiative_thank(request: PageRequest, code: str) -> HttpResponse:
    """Thanks for an initiative."""
    row, form = get_object_or_404(Initiative, code=code), ThanksForm(request.POST)
    if form.is_valid():
        thank(initiative=row, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, "Your thanks are on the initiative’s page and on the page of each of its people.")
    else:
        messages.error(request, "Nothing was sent: write what you thank for, in at most 500 characters.")
    return redirect(f"{reverse('initiative', args=[code])}#recognition")


@page(Right.READ)
def recognition(request: PageRequest) -> HttpResponse:
    """Turnarounds that wait for an executive, each with its evidence, and what was decided."""
    return _recognition(request, Choices())


def _desk(request: PageRequest) -> Callable[[Choices], TurnaroundDesk]:
    return partial(TurnaroundDesk, request.user)


def _recognition(request: PageRequest, choices: Choices, *, refused: str = "") -> HttpResponse:
    return show_desk(request, "initiatives/recognition.html", _desk(request), choices, refused)


@page(Right.APPROVE_INITIATIVES, methods=POST)
def recognition_decide(request: PageRequest) -> HttpResponse:
    """Send what is marked, all of it or nothing; a button that marks sends nothing. Refused, all stands as it was."""

    def send(choices: Choices) -> str:
        return _done(decide_turnarounds(decisions=choices.decisions, by=request.user))

    return answer_decisions(request, _recognition, send, "recognition")


def _done(done: list[Turnaround]) -> str:
    confirmed = sum(one.state == TurnaroundState.CONFIRMED for one in done)
    return decided_words(
        (confirmed, "turnaround", "confirmed, with your name."),
        (len(done) - confirmed, "turnaround", "declined, with your reasons."),
        last="The owners are told by mail.",
    )


@page(Right.APPROVE_INITIATIVES, methods=POST)
def recognition_effect(request: PageRequest) -> HttpResponse:
    """What sending what is marked would do, in words: asked for while somebody marks."""
    return answer_effect(request, _desk(request))


@page(Right.APPROVE_INITIATIVES, methods=POST)
def recognition_take_back(request: PageRequest) -> HttpResponse:
    """Take a decision back: it waits for an executive again."""
    row = get_object_or_404(Turnaround, pk__in=ids_in(request.POST, "row")[:1])

    def take_back(reason: str) -> str:
        done = take_back_turnaround(turnaround=row, by=request.user, reason=reason)
        return f"The decision on “{done.initiative}” is taken back. Its owner is told."

    return answer_take_back(request, row, str(row.initiative), _desk(request), take_back, "recognition")
