"""The grid of targets and the history of one of its rows: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page
from accounts.rights import Right
from core.formatting import counted
from core.writes import StaleWrite, TransitionRefused
from kpis.pages import grid_writes
from kpis.pages.grid import GridPage
from kpis.pages.grid_fill import fill
from kpis.pages.grid_live import answers
from kpis.pages.withdrawals import asked_first
from kpis.reading.target_history import history_of


@page(Right.READ, methods=FORM)
def targets(request: PageRequest) -> HttpResponse:
    """The grid; by POST drafts are saved, filled in, proposed or taken back."""
    page = GridPage(company_of(request), request.user, request.GET)
    if request.method == "POST":
        if not page.editable:
            raise PermissionDenied("These targets are not yours to propose.")
        if (answer := _act(request, page)) is not None:
            return answer
    status = 400 if page.problems else 200
    return render(request, "kpis/targets.html", {"page": page}, status=status)


def _act(request: PageRequest, page: GridPage) -> HttpResponse | None:
    """What the button asks for; the page again (None) where something typed has to be looked at."""
    if "fill" in request.POST:
        fill(page, request.POST)
        return None
    if "withdraw" in request.POST and page.waiting and "others" not in request.POST:
        return render(request, "kpis/withdraw.html", asked_first(page.waiting, request.user))
    try:
        done = _write(request, page)
    except (StaleWrite, TransitionRefused) as refused:
        messages.warning(request, str(refused))
        done = ""
    if page.problems:
        return None
    if done:
        messages.success(request, done)
    return redirect(f"{reverse('targets')}{page.here}")


def _write(request: PageRequest, page: GridPage) -> str:
    """Save, propose or withdraw; a sentence on what was done."""
    if "propose" in request.POST:
        sent = counted(grid_writes.send(page, request.POST.get("note", "")), "target")
        return f"{sent} wait for finance now; you can withdraw what nobody has decided."
    if "withdraw" in request.POST:
        taken = grid_writes.take_back(page, of_others="others" in request.POST)
        return f"{counted(taken, 'proposal')} taken back: drafts again."
    saved = grid_writes.save(page, request.POST)
    return f"{counted(saved, 'cell')} saved as drafts. Propose them when they are complete." if saved else ""


@page(Right.READ, methods=POST)
def targets_understood(request: PageRequest) -> HttpResponse:
    """What the cells that were sent say, as saving them would understand it; nothing is saved."""
    return JsonResponse({"cells": answers(company_of(request), request.user, request.GET, request.POST)})


@page(Right.READ)
def target_history(request: PageRequest, kpi: str, tier: str, per: str, month: str) -> HttpResponse:
    """Every version of one target row, newest first, with who decided and why."""
    history = history_of(kpi, tier, per, month, company_of(request).currency)
    if history is None:
        raise Http404("There is no target row of that KPI, tier, length and month.")
    return render(request, "kpis/target_history.html", {"history": history})
