"""Finance's inbox: targets that wait are approved, rejected or withdrawn, one, some or all."""

from __future__ import annotations

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
from kpis.pages.meanings import TurnedVerdicts
from kpis.reading.turned import turned_by_upgrade
from kpis.services.targets import approve, reject, withdraw
from scorecard.pages.approvals import waiting_batches


@page(Right.READ)
def approvals(request: PageRequest) -> HttpResponse:
    """What waits, in batches, each row beside what it would replace."""
    user = request.user
    waiting = Benefit.objects.filter(state=BenefitState.PROPOSED).count()
    turned = TurnedVerdicts(turned_by_upgrade(today_of(company_of(request))))
    context = {"batches": waiting_batches(user, company_of(request)), "benefits": waiting, "turned": turned}
    return render(request, "scorecard/approvals.html", context)


@page(Right.READ, methods=POST)
def decide(request: PageRequest) -> HttpResponse:
    """Approve, reject or withdraw the rows that are ticked."""
    try:
        done = _decide(request)
        messages.success(request, done)
    except (StaleWrite, TransitionRefused) as refused:
        messages.warning(request, str(refused))
    return redirect("approvals")


def _decide(request: PageRequest) -> str:
    """What the button asks for; a sentence on what was done."""
    user, reason = request.user, request.POST.get("reason", "")
    chosen, batch = ids_in(request.POST, "target"), next(iter(ids_in(request.POST, "batch")), None)
    match request.POST.get("decision"):
        case "approve":
            count = len(approve(targets=chosen, by=user, reason=reason, batch=batch))
            return f"{counted(count, 'target')} approved: they count from now on."
        case "reject":
            count = len(reject(targets=chosen, by=user, reason=reason, batch=batch))
            return f"{counted(count, 'target')} rejected, with your reason."
        case "withdraw":
            return f"{counted(len(withdraw(targets=chosen, by=user)), 'proposal')} taken back: drafts again."
    raise TransitionRefused("Say whether to approve, reject or withdraw them; nothing was decided.")
