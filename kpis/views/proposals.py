"""Proposed KPIs: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from accounts.views.decisions import answer_decisions, answer_effect, answer_take_back, with_marks
from core.decisions import Choices, decided_words
from core.forms import id_of, ids_in, show_refusal
from core.lists import FilteredList
from core.texts import plain
from core.writes import StaleWrite
from kpis.access import proposals_of
from kpis.choices import ProposalState
from kpis.forms.library import DeclineForm, DefinitionForm, ProposalForm
from kpis.models import Kpi, KpiProposal
from kpis.pages.endings import declining_proposal, withdrawing_proposal
from kpis.pages.previews import tried
from kpis.pages.proposals import ProposalDesk, ProposalPage
from kpis.reading.templates import BLANK, BY_CODE, begun_with
from kpis.services.proposal_decisions import decide_proposals, take_back_proposal
from kpis.services.proposals import (
    accept_proposal,
    decline_proposal,
    form_values_of,
    propose_kpi,
    require_withdrawer,
    withdraw_proposal,
)


@page(Right.READ)
def proposals(request: PageRequest) -> HttpResponse:
    """Those that the person may look at: what waits, the oldest first, and what became of the others."""
    return _proposals(request, Choices())


def _desk(request: PageRequest) -> Callable[[Choices], ProposalDesk]:
    return partial(ProposalDesk, request.user, company_of(request).currency)


def _proposals(request: PageRequest, choices: Choices, *, refused: str = "") -> HttpResponse:
    desk = with_marks(request, _desk(request), choices)
    shown = [one.pk for one in desk.decided]
    rows = proposals_of(request.user).exclude(state=ProposalState.PROPOSED).exclude(pk__in=shown)
    context = {"desk": desk, "refused": refused, "done": FilteredList[KpiProposal](request.GET, rows)}
    return render(request, "kpis/proposals.html", context, status=400 if refused else 200)


@page(Right.MANAGE_KPIS, methods=POST)
def proposals_decide(request: PageRequest) -> HttpResponse:
    """Send what is marked, all of it or nothing; a button that marks sends nothing. Refused, all stands as it was."""

    def send(choices: Choices) -> str:
        return _done(decide_proposals(decisions=choices.decisions, by=request.user))

    return answer_decisions(request, _proposals, send, "kpi_proposals")


def _done(done: list[KpiProposal]) -> str:
    accepted = sum(one.state == ProposalState.ACCEPTED for one in done)
    return decided_words(
        (accepted, "KPI", "accepted: drafts of the library now."),
        (len(done) - accepted, "proposal", "declined, with your reasons."),
        last="Who proposed them is told by mail.",
    )


@page(Right.MANAGE_KPIS, methods=POST)
def proposals_effect(request: PageRequest) -> HttpResponse:
    """What sending what is marked would do, in words: asked for while somebody marks."""
    return answer_effect(request, _desk(request))


@page(Right.MANAGE_KPIS, methods=POST)
def proposals_take_back(request: PageRequest) -> HttpResponse:
    """Take a decision back: it waits again, and a KPI that was made of it goes where nothing rests on it."""
    row = get_object_or_404(KpiProposal, pk__in=ids_in(request.POST, "row")[:1])

    def take_back(reason: str) -> str:
        done = take_back_proposal(proposal=row, by=request.user, reason=reason)
        return f"The decision on “{done}” is taken back: it waits again. Who proposed it is told."

    return answer_take_back(request, row, str(row), _desk(request), take_back, "kpi_proposals")


@page(Right.PROPOSE_KPIS, methods=FORM)
def propose(request: PageRequest, template: str) -> HttpResponse:
    """Propose a KPI, from a template or an own proposal that was not taken; its formula or rule can be tried out."""
    form = ProposalForm(request.POST or None, initial=_begun(request, template))
    context: dict[str, Any] = {"form": form, "template": BY_CODE.get(template)}
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            context |= tried(form.candidate(), request.POST["preview"], company_of(request))
        elif made := _proposed(request, form):
            messages.success(request, f"“{made}” is proposed. A steward decides, and you are told by mail.")
            return redirect("kpi_proposal", made.pk)
    return render(request, "kpis/propose.html", context, status=400 if form.errors else 200)


def _begun(request: PageRequest, template: str) -> dict[str, Any]:
    """What the form begins with. Raises Http404 for a template that is none."""
    if template != BLANK and template not in BY_CODE:
        raise Http404("There is no such template.")
    if (again := id_of(request.GET.get("again", ""))) is not None:
        own = get_object_or_404(KpiProposal, pk=again, proposed_by=request.user.pk)
        return {**form_values_of(own), "why": own.why}
    return {"owner": request.user.pk, **begun_with(template, events=request.GET.get("from") == "events")}


def _proposed(request: PageRequest, form: ProposalForm) -> KpiProposal | None:
    try:
        return propose_kpi(by=request.user, values=form.values, why=form.cleaned_data["why"])
    except ValidationError as error:
        show_refusal(form, error)
        return None


@page(Right.READ)
def proposal(request: PageRequest, number: int) -> HttpResponse:
    """One proposal, and what became of it."""
    return _page(request, _found(request, number), DeclineForm())


@page(Right.MANAGE_KPIS, methods=FORM)
def accept(request: PageRequest, number: int) -> HttpResponse:
    """Take it into the library, as proposed or as changed here."""
    row = _found(request, number)
    form = DefinitionForm(request.POST or None, initial=form_values_of(row))
    context: dict[str, Any] = {"form": form, "proposal": row}
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            context |= tried(form.candidate(), request.POST["preview"], company_of(request))
        else:
            try:
                if made := _accepted(request, row, form):
                    return redirect("kpi", kpi=made.code)
            except StaleWrite as stale:
                messages.warning(request, str(stale))
                return redirect("kpi_proposal", number)
    return render(request, "kpis/proposal_accept.html", context, status=400 if form.errors else 200)


def _accepted(request: PageRequest, row: KpiProposal, form: DefinitionForm) -> Kpi | None:
    """The KPI; None where the form has to be mended. Raises StaleWrite."""
    try:
        made = accept_proposal(proposal=row, by=request.user, values=form.values)
    except ValidationError as error:
        show_refusal(form, error)
        return None
    messages.success(request, f"“{made}” is in the library now. {row.proposed_by} is told by mail.")
    return made


@page(Right.MANAGE_KPIS, methods=POST)
def decline(request: PageRequest, number: int) -> HttpResponse:
    """Leave it out, with a reason."""
    row, form = _found(request, number), DeclineForm(request.POST)
    if form.is_valid() and plain(form.cleaned_data["reason"]) and row.waits and not is_sure(request):
        return ask_first(request, declining_proposal(row, form.cleaned_data["reason"]))
    try:
        if form.is_valid():
            decline_proposal(proposal=row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"“{row}” was declined. {row.proposed_by} is told by mail, with your reason.")
            return redirect("kpi_proposals")
    except ValidationError as error:
        show_refusal(form, error)
    except StaleWrite as stale:
        messages.warning(request, str(stale))
        return redirect("kpi_proposal", number)
    return _page(request, row, form, status=400)


@page(Right.READ, methods=POST)
def withdraw(request: PageRequest, number: int) -> HttpResponse:
    """Take back what nobody has decided."""
    row = _found(request, number)
    require_withdrawer(row, request.user)
    if row.waits and not is_sure(request):
        return ask_first(request, withdrawing_proposal(row))
    try:
        withdraw_proposal(proposal=row, by=request.user)
        messages.success(request, f"“{row}” is taken back; nobody decides on it any more.")
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return redirect("kpi_proposal", number)


def _page(request: PageRequest, row: KpiProposal, form: DeclineForm, status: int = 200) -> HttpResponse:
    page = ProposalPage(company_of(request), row, request.user)
    return render(request, "kpis/proposal.html", {"page": page, "decline": form}, status=status)


def _found(request: PageRequest, number: int) -> KpiProposal:
    """The proposal. Raises Http404 where there is none that the person may look at."""
    return get_object_or_404(proposals_of(request.user), pk=number)
