"""Finance's inbox: proposals are marked, and sent together; approvals are taken back, proposals withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.pages.asking import taking_back
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from accounts.views.decisions import answer_decisions
from core.decisions import Choices, decided_words, read_choices
from core.formatting import counted, sentence_list
from core.forms import ids_in
from core.writes import StaleWrite, TransitionRefused
from kpis.choices import TargetState
from kpis.models import Target
from kpis.pages.meanings import TurnedVerdicts
from kpis.pages.withdrawals import asked_first
from kpis.reading.turned_verdicts import turned_by_upgrade
from kpis.services.decisions import Decided, decide, take_back
from kpis.services.targets import require_proposer, withdraw
from kpis.wording import reach_words
from scorecard.pages.approvals import ApprovalsPage, line_of, waiting_elsewhere
from scorecard.pages.target_decisions import decided_lately


@page(Right.READ)
def approvals(request: PageRequest) -> HttpResponse:
    """What waits, in three groups, each row beside what it would replace and what was measured."""
    return _inbox(request, Choices())


def _inbox(request: PageRequest, choices: Choices, *, refused: str = "") -> HttpResponse:
    found = company_of(request)
    shown = ApprovalsPage(request.user, found, choices)
    if group := request.POST.get("mark", ""):
        shown = ApprovalsPage(request.user, found, choices.with_approved(shown.of_group(group)))
    context = {
        "page": shown,
        "refused": refused,
        "elsewhere": waiting_elsewhere(request.user),
        "decided": decided_lately(request.user, found),
        "turned": TurnedVerdicts(turned_by_upgrade(today_of(found))),
    }
    return render(request, "scorecard/approvals.html", context, status=400 if refused else 200)


@page(Right.READ, methods=POST)
def approvals_decide(request: PageRequest) -> HttpResponse:
    """Send what is marked, all of it or nothing; a button that marks sends nothing. Refused, all stands as it was."""

    def send(choices: Choices) -> str:
        return _done(request, decide(decisions=choices.decisions, by=request.user))

    return answer_decisions(request, _inbox, send, "approvals")


def _done(request: PageRequest, done: Decided) -> str:
    """How many of each, and in which ended months they count."""
    found = company_of(request)
    reach = reach_words(done.approved, found.calendar, today_of(found))
    ended = f", in months that have ended as well: {reach}" if reach else ""
    return decided_words(
        (len(done.approved), "target", f"approved: they count in the matrix at once{ended}."),
        (len(done.rejected), "target", "rejected, with your reasons."),
    )


@page(Right.READ, methods=POST)
def approvals_effect(request: PageRequest) -> HttpResponse:
    """What sending what is marked would do, in words: asked for while somebody marks."""
    return JsonResponse(line_of(request.user, company_of(request), read_choices(request.POST)).told)


@page(Right.READ, methods=POST)
def approvals_take_back(request: PageRequest) -> HttpResponse:
    """Take an approval back: it is withdrawn, and what it superseded stands again."""
    chosen = ids_in(request.POST, "target")
    if not is_sure(request) and request.user.has_perm(Right.APPROVE_TARGETS):
        found = [one for one in decided_lately(request.user, company_of(request)) if one.target.pk in chosen]
        names = sentence_list(one.name for one in found) or counted(len(chosen), "target")
        return ask_first(request, taking_back(names, " ".join(one.said for one in found), "approvals"))
    try:
        done = take_back(targets=chosen, by=request.user, reason=request.POST.get("reason", ""))
    except (StaleWrite, TransitionRefused) as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{counted(len(done), 'decision')} taken back. Who proposed it is told.")
    return redirect("approvals")


@page(Right.READ, methods=POST)
def approvals_withdraw(request: PageRequest) -> HttpResponse:
    """Take proposals back as drafts; it is asked first, with numbers."""
    waiting = _named(request)
    if not waiting:
        messages.warning(request, "There is no proposal among these any more; nothing was changed.")
        return redirect("approvals")
    require_proposer(request.user, {one.kpi_id for one in waiting})
    sure = "sure" in request.POST
    if not sure:
        return render(request, "kpis/withdraw.html", asked_first(waiting, request.user))
    try:
        done = withdraw(targets=[one.pk for one in waiting], by=request.user, of_others=sure)
    except (StaleWrite, TransitionRefused) as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{counted(len(done), 'proposal')} taken back: drafts again.")
    return redirect("approvals")


def _named(request: PageRequest) -> list[Target]:
    """The proposals that a form names, one by one or a batch as a whole."""
    rows = Target.objects.filter(state=TargetState.PROPOSED).select_related("kpi", "tier", "batch__proposed_by")
    ids, batches = ids_in(request.POST, "target"), ids_in(request.POST, "batch")
    return list(rows.filter(batch__in=batches) if batches else rows.filter(pk__in=ids))
