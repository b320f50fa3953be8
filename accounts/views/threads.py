"""Questions and actions: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.access import may_note_action
from accounts.forms.threads import WordForm
from accounts.http import FORM, POST, PageRequest, page, way_back
from accounts.models import Action, Thread, User
from accounts.pages.threads import Refused, show_threads
from accounts.reading.people import who_can_act
from accounts.rights import Right
from accounts.services.threads import answer, ask, reopen, tick
from core.registry import Subject, panels_of, subjects_of
from core.writes import StaleTransition


def _subject(kind: str, key: str, reader: User) -> Subject:
    """What an address names, for those who may read it. Raises Http404 with a sentence."""
    found = subjects_of(kind, [key], reader).get(key)
    if found is None:
        raise Http404("There is nothing here that could be asked about.")
    return found


def _of(number: int, reader: User) -> tuple[Thread, Subject]:
    thread = get_object_or_404(Thread.objects.select_related("asked_by"), pk=number)
    return thread, _subject(thread.kind, thread.key, reader)


@page(Right.READ, methods=FORM)
def asks(request: PageRequest, kind: str, key: str) -> HttpResponse:
    """Every question about a subject, and the rest of its rail; by POST one more is asked."""
    subject = _subject(kind, key, request.user)
    if request.method != "POST":
        return _shown(request, subject, None)
    form = _form(request, subject, "ask")
    return _taken(request, subject, 0, form, lambda values: ask(subject=subject, by=request.user, **values))


@page(Right.COMMENT, methods=POST)
def thread_answer(request: PageRequest, number: int) -> HttpResponse:
    """The owner's answer."""
    thread, subject = _of(number, request.user)
    form = _form(request, subject, f"word-{number}")
    return _taken(
        request, subject, number, form, lambda values: answer(thread=thread, subject=subject, by=request.user, **values)
    )


@page(Right.COMMENT, methods=POST)
def thread_reopen(request: PageRequest, number: int) -> HttpResponse:
    """Who asked asks again."""
    thread, subject = _of(number, request.user)
    form = WordForm(request.POST, people=[], prefix=f"word-{number}")

    def write(values: dict[str, Any]) -> object:
        return reopen(thread=thread, subject=subject, by=request.user, text=values["text"])

    return _taken(request, subject, number, form, write)


@page(Right.COMMENT, methods=POST)
def action_tick(request: PageRequest, number: int) -> HttpResponse:
    """Tick an action off; with ``open`` that is taken back."""
    rows = Action.objects.select_related("word__thread", "owner")
    action = get_object_or_404(rows, pk=number)
    thread = action.word.thread
    subject = _subject(thread.kind, thread.key, request.user)
    done = "open" not in request.POST
    tick(action=action, subject=subject, by=request.user, done=done)
    messages.success(request, f"“{action}” is {'done' if done else 'open again'}.")
    return redirect(way_back(request, f"{subject.url}#thread-{thread.pk}"))


def _form(request: PageRequest, subject: Subject, prefix: str) -> WordForm:
    people = who_can_act() if may_note_action(request.user, subject) else []
    return WordForm(request.POST, people=people, prefix=prefix)


def _taken(
    request: PageRequest, subject: Subject, number: int, form: WordForm, write: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Take what was sent; what is refused is shown with the text kept and the reason at its field."""
    if not request.user.has_perm(Right.COMMENT):
        raise PermissionDenied("Your roles do not include asking or answering.")
    try:
        if form.is_valid():
            write({"text": form.cleaned_data["text"], "action": form.new_action})
            messages.success(request, "It stands on the page.")
            return redirect(f"{subject.url}#asks")
    except ValidationError as error:
        form.refuse(error)
    except StaleTransition as late:
        form.add_error(None, str(late))
        return _shown(request, subject, Refused(number, form), 409)
    return _shown(request, subject, Refused(number, form), 400)


def _shown(request: PageRequest, subject: Subject, refused: Refused | None, status: int = 200) -> HttpResponse:
    shown = show_threads(subject, request.user, everything=True, refused=refused)
    rail = panels_of(subject, request.user, own=True)
    return render(request, "threads/asks.html", {"subject": subject, "shown": shown, "rail": rail}, status=status)
