"""Weights of the composite: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import DENIED, FORM, POST, PageRequest, page
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import month_name
from core.forms import show_refusal
from core.periods import month_of
from core.stale import carry, stamped
from core.writes import StaleWrite
from kpis.forms.weights import TakeWeightsBackForm, WeightsForm
from kpis.models import WeightSet
from kpis.pages.endings import taking_back_weights
from kpis.pages.weights import WeightsPage
from kpis.reading.weights import revision, shares_of, standing_sets
from kpis.services.weights import take_back_weights, write_weights


@page(Right.READ, methods=FORM)
def weights(request: PageRequest) -> HttpResponse:
    """What KPIs weigh, for everybody; stewards write the next set."""
    if request.method != "POST":
        return _page(request)
    if not request.user.has_perm(Right.SET_STEPS):
        raise PermissionDenied(DENIED)
    form = WeightsForm(request.POST, weights=shares_of(standing_sets().first()))
    if not form.is_valid():
        return _page(request, form, 400)
    try:
        seen = form.cleaned_data["seen"]
        made = write_weights(from_month=form.month, weights=form.weights, by=request.user, seen=seen)
    except ValidationError as error:
        show_refusal(form, error)
        return _page(request, form, 400)
    except StaleWrite as stale:
        form.add_error(None, f"{stale} What stands is below the form: look at it, then save again.")
        carry(form, stamped(revision()))
        return _page(request, form, 409)
    messages.success(request, f"Kept. These weights stand from {month_name(made.from_month)} on.")
    return redirect("kpi_weights")


@page(Right.SET_STEPS, methods=POST)
def take_back(request: PageRequest, number: int) -> HttpResponse:
    """Have a set count no longer."""
    row = get_object_or_404(WeightSet, pk=number)
    form = TakeWeightsBackForm(request.POST, prefix=f"set-{row.pk}")
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if reason and row.taken_back_at is None and not is_sure(request):
        return ask_first(request, taking_back_weights(row))
    try:
        take_back_weights(weights=row, reason=reason, by=request.user)
        messages.success(request, f"The weights from {month_name(row.from_month)} on were taken back.")
    except ValidationError as error:
        messages.error(request, f"The weights stand. {' '.join(error.messages)}")
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return redirect("kpi_weights")


def _page(request: PageRequest, form: WeightsForm | None = None, status: int = 200) -> HttpResponse:
    shown = WeightsPage(request.user, month_of(today_of(company_of(request))), form)
    return render(request, "kpis/weights.html", {"page": shown}, status=status)
