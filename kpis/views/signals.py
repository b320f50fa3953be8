"""Steps and seasonal KPIs: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import month_name
from core.forms import show_refusal
from core.stale import revision_in
from core.writes import StaleWrite
from kpis.forms.signals import StepForm, TakeStepBackForm
from kpis.models import Step
from kpis.pages.endings import taking_back_step
from kpis.pages.steps import StepsPage
from kpis.services.definitions import edit_kpi
from kpis.services.signals import set_step, take_back_step
from kpis.views.library import definition, found_kpi


@page(Right.SET_STEPS, methods=POST)
def set_one(request: PageRequest, kpi: str) -> HttpResponse:
    """Have limits taken anew from a month on."""
    row, form = found_kpi(kpi), StepForm(request.POST)
    try:
        if form.is_valid():
            step = set_step(kpi=row, by=request.user, **form.values)
            messages.success(request, f"Limits are taken anew from {month_name(step.month)} on, in a moment.")
            return redirect("kpi", kpi=kpi)
    except ValidationError as error:
        show_refusal(form, error)
    messages.error(request, "No step was set: see below what is missing.")
    return definition(request, row, status=400, steps=StepsPage(company_of(request), row, request.user, form))


@page(Right.SET_STEPS, methods=POST)
def take_back(request: PageRequest, kpi: str, step: int) -> HttpResponse:
    """Have a step count no longer."""
    row = get_object_or_404(Step, pk=step, kpi__code=kpi)
    form = TakeStepBackForm(request.POST, prefix=f"step-{row.pk}")
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if reason and row.taken_back_at is None and not is_sure(request):
        return ask_first(request, taking_back_step(row))
    try:
        take_back_step(step=row, by=request.user, reason=reason)
        messages.success(request, f"The step of {month_name(row.month)} was taken back; limits are as without it.")
    except ValidationError:
        messages.error(request, "The step stands: say why it is to be taken back.")
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return redirect("kpi", kpi=kpi)


@page(Right.SET_STEPS, methods=POST)
def seasonal(request: PageRequest, kpi: str) -> HttpResponse:
    """Say that a KPI is seasonal, or that it isn't."""
    row, wanted = found_kpi(kpi), request.POST.get("seasonal") == "true"
    try:
        seen = revision_in(request.POST.get("seen", ""))
        edit_kpi(kpi=row, by=request.user, values={"seasonal": wanted}, seen=seen)
        compared = "the same month a year before" if wanted else "the months before"
        messages.success(request, f"“{row.name}” is held against {compared} now, in a moment.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except StaleWrite as stale:
        messages.warning(request, f"{stale} Look at what it is now.")
    return redirect("kpi", kpi=kpi)
