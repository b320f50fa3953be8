"""Finance's inbox: targets that wait are approved, rejected or withdrawn, one, some or all."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from core.formatting import counted
from core.forms import ids_in
from core.writes import StaleWrite, TransitionRefused
from initiatives.choices import BenefitState
from initiatives.models import Benefit
from kpis.models import Target
from kpis.pages.meanings import TurnedVerdicts
from kpis.reading.turned import turned_by_upgrade
from kpis.services.decisions import approve, reject
from kpis.services.targets import withdraw
from kpis.wording import reach_words
from scorecard.pages.approvals import Refused, waiting_batches


@page(Right.READ)
def approvals(request: PageRequest) -> HttpResponse:
    """What waits, in batches, each row beside what it would replace."""
    return _inbox(request)


def _inbox(request: PageRequest, refused: Refused | None = None) -> HttpResponse:
    waiting = Benefit.objects.filter(state=BenefitState.PROPOSED).count()
    batches = waiting_batches(request.user, company_of(request), refused)
    turned = TurnedVerdicts(turned_by_upgrade(today_of(company_of(request))))
    context = {"batches": batches, "benefits": waiting, "turned": turned}
    return render(request, "scorecard/approvals.html", context, status=400 if refused else 200)


@page(Right.READ, methods=POST)
def decide(request: PageRequest) -> HttpResponse:
    """Approve, reject or withdraw the rows that are ticked; a refused form comes back as it was."""
    chosen, batch = ids_in(request.POST, "target"), next(iter(ids_in(request.POST, "batch")), None)
    try:
        done = _decide(request, chosen, batch)
    except (StaleWrite, TransitionRefused) as refused:
        messages.warning(request, str(refused))
        return _inbox(request, Refused(batch, set(chosen), request.POST.get("reason", "")))
    messages.success(request, done)
    return redirect("approvals")


def _decide(request: PageRequest, chosen: Sequence[int], batch: int | None) -> str:
    """What the button asks for; a sentence on what was done."""
    user, reason = request.user, request.POST.get("reason", "")
    match request.POST.get("decision"):
        case "approve":
            return _approved(request, approve(targets=chosen, by=user, reason=reason, batch=batch))
        case "reject":
            count = len(reject(targets=chosen, by=user, reason=reason, batch=batch))
            return f"{counted(count, 'target')} rejected, with your reason."
        case "withdraw":
            done = withdraw(targets=chosen, by=user, of_others="others" in request.POST)
            return f"{counted(len(done), 'proposal')} taken back: drafts again."
    raise TransitionRefused("Say whether to approve, reject or withdraw them; nothing was decided.")


def _approved(request: PageRequest, done: Sequence[Target]) -> str:
    """How many, and in which ended months they count."""
    found = company_of(request)
    reach = reach_words(done, found.calendar, today_of(found))
    ended = f", in months that have ended as well: {reach}" if reach else ""
    return f"{counted(len(done), 'target')} approved: they count in the matrix at once{ended}."
