"""Lifecycle events derived from a KPI: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.http import FORM, POST, PageRequest, page
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted
from core.forms import id_of, show_refusal
from core.writes import StaleWrite, TransitionRefused
from customers.models import LifecycleEvent
from kpis.forms.lifecycle import LifecycleForm
from kpis.models import Kpi
from kpis.pages.endings import taking_back_events
from kpis.reading.lifecycle import Derived
from kpis.services.lifecycle import derive_lifecycle, preview_lifecycle, take_back_lifecycle
from scorecard.pages.lifecycle import derivation_lines, show_derived


@page(Right.MANAGE_KPIS, methods=FORM)
def lifecycle(request: PageRequest) -> HttpResponse:
    """What was derived, what would be, and by POST the act."""
    asked = request.POST if request.method == "POST" else request.GET
    form = LifecycleForm(asked if "kpi" in asked else None, initial={"months": 3})
    derived, status = None, 200
    if form.is_bound and form.is_valid():
        try:
            if request.method == "POST":
                _derive(request, form)
                return redirect("lifecycle")
            derived = _preview(form)
        except ValidationError as error:
            show_refusal(form, error)
        except StaleWrite as stale:
            messages.warning(request, f"{stale} Look at the new numbers.")
            derived, status = _preview(form), 409
    shown = show_derived(derived) if derived else None
    context = {"form": form, "page": shown, "lines": derivation_lines()}
    return render(request, "customers/lifecycle.html", context, status=400 if form.errors else status)


@page(Right.MANAGE_KPIS, methods=POST)
def take_back(request: PageRequest) -> HttpResponse:
    """Take all events of a KPI and window away."""
    kpi, months = get_object_or_404(Kpi, code=request.POST.get("kpi", "")), id_of(request.POST.get("months", "")) or 0
    events = LifecycleEvent.objects.filter(derived_from=kpi.code, derived_months=months).count()
    if events and not is_sure(request):
        return ask_first(request, taking_back_events(kpi, months, events))
    try:
        gone = take_back_lifecycle(kpi=kpi, months=months, by=request.user)
        messages.success(request, f"{counted(gone, 'derived event')} of {kpi.name} went.")
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    return redirect("lifecycle")


def _preview(form: LifecycleForm) -> Derived:
    return preview_lifecycle(kpi=form.cleaned_data["kpi"], months=form.cleaned_data["months"])


def _derive(request: PageRequest, form: LifecycleForm) -> None:
    """Write, and say what became of it. Raises as the service does."""
    seen = request.POST.get("seen", "")
    derived = derive_lifecycle(**form.cleaned_data, by=request.user, seen=seen)
    messages.success(request, f"{counted(derived.new, 'event')} came and {derived.gone:,} went.")
