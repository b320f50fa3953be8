"""Approvals, overrides and what goes on again: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from accounts.views.decisions import answer_decisions, answer_effect, answer_take_back, show_desk
from core.decisions import Choices
from core.formatting import counted
from core.forms import ids_in
from initiatives.models import Initiative
from initiatives.pages.stage_approvals import StageDesk
from initiatives.services.stage_decisions import decide_stages, take_back_approval


@page(Right.READ)
def stage_approvals(request: PageRequest) -> HttpResponse:
    """What waits for an executive, what is on hold, and what was decided."""
    return _approvals(request, Choices())


def _desk(request: PageRequest) -> Callable[[Choices], StageDesk]:
    return partial(StageDesk, request.user, company_of(request).currency)


def _approvals(request: PageRequest, choices: Choices, *, refused: str = "") -> HttpResponse:
    return show_desk(request, "initiatives/stage_approvals.html", _desk(request), choices, refused)


@page(Right.READ, methods=POST)
def stage_approvals_decide(request: PageRequest) -> HttpResponse:
    """Send what is marked, all of it or nothing; a button that marks sends nothing. Refused, all stands as it was."""

    def send(choices: Choices) -> str:
        done = decide_stages(decisions=choices.spoken, by=request.user)
        asked = len(choices.rejected)
        told = [f"{counted(len(done) - asked, 'initiative')} may go on."] if len(done) > asked else []
        told += [f"{counted(asked, 'question')} asked."] if asked else []
        return " ".join([*told, "The owners are told by mail."])

    return answer_decisions(request, _approvals, send, "stage_approvals")


@page(Right.READ, methods=POST)
def stage_approvals_effect(request: PageRequest) -> HttpResponse:
    """What sending what is marked would do, in words: asked for while somebody marks."""
    return answer_effect(request, _desk(request))


@page(Right.APPROVE_INITIATIVES, methods=POST)
def stage_approvals_take_back(request: PageRequest) -> HttpResponse:
    """Take an approval back before the start: it is a candidate again."""
    row = get_object_or_404(Initiative, pk__in=ids_in(request.POST, "row")[:1])

    def take_back(reason: str) -> str:
        done = take_back_approval(initiative=row, by=request.user, reason=reason)
        return f"The decision on “{done.title}” is taken back. Its owner is told."

    return answer_take_back(request, row, row.title, _desk(request), take_back, "stage_approvals")
