"""A page of decisions is sent: one way for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from accounts.http import PageRequest
from accounts.pages.asking import taking_back
from accounts.pages.decisions import Deciding
from accounts.views.asking import ask_first, is_sure
from core.decisions import Choices, ReasonsMissing, read_choices
from core.texts import CONTROLS, controls
from core.writes import StaleWrite, TransitionRefused

_D = TypeVar("_D", bound=Deciding)


def show_desk(
    request: PageRequest, template: str, desk_of: Callable[[Choices], Deciding], choices: Choices, refused: str
) -> HttpResponse:
    """The page of a desk with these choices. ``refused`` says why nothing was sent (then 400)."""
    desk = with_marks(request, desk_of, choices)
    return render(request, template, {"desk": desk, "refused": refused}, status=400 if refused else 200)


def with_marks(request: PageRequest, desk_of: Callable[[Choices], _D], choices: Choices) -> _D:
    """The page with these choices; where a button marks a group, with those marked as well."""
    desk, group = desk_of(choices), request.POST.get("mark", "")
    return desk_of(choices.with_approved(desk.of_group(group))) if group else desk


def answer_effect(request: PageRequest, desk_of: Callable[[Choices], Deciding]) -> JsonResponse:
    """What sending what is marked would do, in words: asked for while somebody marks."""
    return JsonResponse(desk_of(read_choices(request.POST)).line.told)


def answer_decisions(
    request: PageRequest, show: Callable[..., HttpResponse], send: Callable[[Choices], str], page: str
) -> HttpResponse:
    """Send what is marked, all of it or nothing; a button that marks sends nothing. Refused, all stands as it was.

    ``show`` answers the page with choices and, as ``refused``, why nothing was sent; ``send`` decides and says what
    was done; ``page`` is the name of the page's address.
    """
    choices = read_choices(request.POST)
    if "mark" in request.POST:
        return show(request, choices)
    try:
        told = send(choices)
    except ReasonsMissing as lacking:
        return show(request, replace(choices, problems=lacking.problems), refused=lacking.summary)
    except (StaleWrite, TransitionRefused) as refused:
        return show(request, choices, refused=str(refused))
    messages.success(request, told)
    return redirect(page)


def answer_take_back(
    request: PageRequest,
    row: Model,
    what: str,
    desk_of: Callable[[Choices], Deciding],
    take_back: Callable[[str], str],
    page: str,
) -> HttpResponse:
    """Take the decision on a row, called ``what``, back once it was asked.

    The desk says what that does, ``take_back`` does it for a reason and says what was done; ``page`` is the name of
    the page's address.
    """
    if not is_sure(request):
        return ask_first(request, taking_back(what, desk_of(Choices()).said_of(row.pk), page))
    reason = request.POST.get("reason", "")
    if controls(reason):
        messages.warning(request, f"The reason {CONTROLS}: nothing was taken back.")
        return redirect(page)
    try:
        messages.success(request, take_back(reason))
    except StaleWrite as refused:
        messages.warning(request, str(refused))
    return redirect(page)
