"""Two customers made one: what it would do, what a person decides, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.writes import StaleWrite, TransitionRefused
from customers.models import Customer
from kpis.models import CustomerMerge
from kpis.services.merging import merge_customers, preview_merge, undo_merge
from scorecard.pages.customer import customer_or_404
from scorecard.pages.endings import undoing_merge
from scorecard.pages.merging import MergePage, choices_in, found_other


@page(Right.MANAGE_KPIS, methods=FORM)
def customer_merge(request: PageRequest, external_id: str) -> HttpResponse:
    """Another customer into this one: which one, what moves, which facts count."""
    kept, today = customer_or_404(external_id, request.user), today_of(company_of(request))
    asked = (request.POST if request.method == "POST" else request.GET).get("other", "").strip()
    gone, problem = found_other(asked, kept, request.user)
    if gone is None:
        context = {"customer": kept, "asked": asked, "problem": problem}
        return render(request, "scorecard/customer_merge.html", context, status=400 if problem else 200)
    if request.method == "POST" and is_sure(request):
        return _merge(request, kept, gone)
    return _shown(request, kept, gone, MergePage(preview_merge(kept, gone, today), choices_in(request.POST), today))


def _merge(request: PageRequest, kept: Customer, gone: Customer) -> HttpResponse:
    today, choices = today_of(company_of(request)), choices_in(request.POST)
    status, problems = 400, dict[str, list[str]]()
    try:
        seen = request.POST.get("seen", "")
        merge_customers(kept=kept, gone=gone, by=request.user, choices=choices, seen=seen, today=today)
        messages.success(request, f"“{gone.name}” was merged into “{kept.name}”. It can be taken back on this page.")
        return redirect("customer", kept.external_id)
    except StaleWrite as stale:
        status, problems = 409, {"": [str(stale)]}
    except ValidationError as error:
        problems = error.message_dict
    preview = preview_merge(kept, gone, today)
    return _shown(request, kept, gone, MergePage(preview, choices, today, problems), status)


def _shown(request: PageRequest, kept: Customer, gone: Customer, shown: MergePage, status: int = 200) -> HttpResponse:
    context = {"customer": kept, "other": gone, "page": shown}
    return render(request, "scorecard/customer_merge.html", context, status=status)


@page(Right.MANAGE_KPIS, methods=POST)
def merge_undo(request: PageRequest, number: int) -> HttpResponse:
    """Two customers again, each with all that was its own."""
    merge = get_object_or_404(CustomerMerge.objects.select_related("kept", "gone"), pk=number)
    if merge.undone_at is None and not is_sure(request):
        return ask_first(request, undoing_merge(merge))
    try:
        undo_merge(merge=merge, by=request.user)
        messages.success(request, f"The merge was taken back: “{merge.gone.name}” is a customer of its own again.")
    except (StaleWrite, TransitionRefused) as refused:
        messages.error(request, str(refused))
    return redirect("customer", merge.kept.external_id)
