"""A page of decisions is sent: one way for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.http import PageRequest
from accounts.pages.asking import taking_back
from accounts.pages.decisions import Desk
from accounts.views.asking import ask_first, is_sure
from core.decisions import Choices, ReasonsMissing, read_choices
from core.writes import StaleWrite, TransitionRefused


def show_desk(
    request: PageRequest, template: str, desk_of: Callable[[Choices], Desk], choices: Choices, refused: str, **more: Any
) -> HttpResponse:
    """The page of a desk with these choices; where a button marks a group, with those marked as well.

    ``refused`` says why nothing was sent (then 400), ``more`` is what else the template is given.
    """
    desk = desk_of(choices)
    if group := request.POST.get("mark", ""):
        desk = desk_of(desk.marked(group))
    return render(request, template, {"desk": desk, "refused": refused, **more}, status=400 if refused else 200)


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
    request: PageRequest, what: str, said: Callable[[], Any], take_back: Callable[[str], str], page: str
) -> HttpResponse:
    """Take a decision on ``what`` back, once it was asked.

    ``said`` says what that does, ``take_back`` does it for a reason and says what was done; ``page`` is the name of the
    page's address.
    """
    if not is_sure(request):
        return ask_first(request, taking_back(what, said(), page))
    try:
        messages.success(request, take_back(request.POST.get("reason", "")))
    except StaleWrite as refused:
        messages.warning(request, str(refused))
    return redirect(page)
