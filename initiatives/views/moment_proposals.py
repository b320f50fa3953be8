"""Proposed moments of truth: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.http import FORM, POST, PageRequest, page
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from accounts.views.decisions import answer_decisions, answer_effect, answer_take_back, show_desk
from core.decisions import Choices, decided_words
from core.forms import ids_in, show_refusal
from core.writes import StaleWrite
from initiatives.access import moment_proposals_of
from initiatives.forms.moments import MomentProposalForm, initial_of
from initiatives.models import Moment, MomentProposal
from initiatives.pages.moment_proposals import MomentDesk, withdrawing
from initiatives.services.moment_proposals import decide_moments, propose_moment, take_back_moment, withdraw_moment
from initiatives.views.moments import find
from kpis.choices import ProposalState

_HOME = "moment_proposals"


@page(Right.READ)
def proposals(request: PageRequest) -> HttpResponse:
    """What waits for a steward, and what was decided; owners see their own."""
    return _proposals(request, Choices())


def _desk(request: PageRequest) -> Callable[[Choices], MomentDesk]:
    return partial(MomentDesk, request.user)


def _proposals(request: PageRequest, choices: Choices, *, refused: str = "") -> HttpResponse:
    return show_desk(request, "initiatives/moment_proposals.html", _desk(request), choices, refused)


@page(Right.MANAGE_LINKS, methods=POST)
def decide(request: PageRequest) -> HttpResponse:
    """Send what is marked, all of it or nothing; a button that marks sends nothing. Refused, all stands as it was."""

    def send(choices: Choices) -> str:
        done = decide_moments(decisions=choices.decisions, by=request.user)
        accepted = sum(one.state == ProposalState.ACCEPTED for one in done)
        return decided_words(
            (accepted, "proposal", "accepted."),
            (len(done) - accepted, "proposal", "declined, with your reasons."),
            last="Who proposed them is told by mail.",
        )

    return answer_decisions(request, _proposals, send, _HOME)


@page(Right.MANAGE_LINKS, methods=POST)
def effect(request: PageRequest) -> HttpResponse:
    """What sending what is marked would do, in words: asked for while somebody marks."""
    return answer_effect(request, _desk(request))


@page(Right.MANAGE_LINKS, methods=POST)
def take_back(request: PageRequest) -> HttpResponse:
    """Take a decision back: it waits again, and the moment says what it said before."""
    row = get_object_or_404(MomentProposal, pk__in=ids_in(request.POST, "row")[:1])

    def give_back(reason: str) -> str:
        done = take_back_moment(proposal=row, by=request.user, reason=reason)
        return f"The decision on “{done}” is taken back: it waits again. Who proposed it is told."

    return answer_take_back(request, row, str(row), _desk(request), give_back, _HOME)


@page(Right.PROPOSE_LINKS, methods=FORM)
def propose(request: PageRequest) -> HttpResponse:
    """Propose a moment, or with ``of`` a change of one."""
    of: Moment | None = find(code) if (code := request.GET.get("of", "")) else None
    form = MomentProposalForm(request.POST or None, instance=of, initial=initial_of(of) if of else {})
    if request.method == "POST" and form.is_valid():
        try:
            why = form.cleaned_data["why"]
            made = propose_moment(by=request.user, values=form.values, why=why, of=of)
            messages.success(request, f"“{made}” is proposed. A steward decides, and you are told by mail.")
            return redirect(_HOME)
        except ValidationError as error:
            show_refusal(form, error)
    context = {"form": form, "moment": of, "proposing": True}
    return render(request, "initiatives/moment_form.html", context, status=400 if form.errors else 200)


@page(Right.READ, methods=POST)
def withdraw(request: PageRequest, number: int) -> HttpResponse:
    """Take back what nobody has decided."""
    row = get_object_or_404(moment_proposals_of(request.user), pk=number)
    if row.waits and not is_sure(request):
        return ask_first(request, withdrawing(row))
    try:
        withdraw_moment(proposal=row, by=request.user)
        messages.success(request, f"“{row}” is taken back; nobody decides on it any more.")
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return redirect(_HOME)
