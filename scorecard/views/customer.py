"""One customer: its page, and what stewards write of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_headers

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page
from accounts.pages.stale import too_late
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import short_day
from core.forms import show_refusal
from core.registry import effects_of_moves
from core.writes import StaleWrite, TransitionRefused
from customers.forms import CustomerForm, EventForm, MoveForm, RetirementForm
from customers.models import Customer, LifecycleEvent, TierMembership
from customers.reading.moves import moves_if, moves_without
from customers.services.customers import CustomerRows, LifecycleRows, MembershipRows, move_customer
from customers.services.retirement import bring_customer_back, retire_customer
from kpis.reading.customer_facts import months_of_facts
from scorecard.pages.customer import CustomerPage, customer_or_404, picker_of, show_effects
from scorecard.pages.endings import deleting_customer, retiring_customer, taking_out_event, taking_out_tier
from scorecard.views.customers import READERS, asked_period

private = cache_control(private=True, no_cache=True)
_TABLES: dict[str, tuple[type[Any], Callable[[], Any]]] = {
    "tier": (TierMembership, MembershipRows),
    "event": (LifecycleEvent, LifecycleRows),
}


@page(*READERS)
@private
def customer(request: PageRequest, external_id: str) -> HttpResponse:
    """Who it is, its tiers and its life, what was measured of it, and who is asked about it."""
    return _show(request, customer_or_404(external_id, request.user))


def _show(request: PageRequest, row: Customer, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a customer; with a form on it that was refused, and why."""
    company, period = company_of(request), asked_period(request)
    today = today_of(company)
    shown = CustomerPage(row, company, period, today, request.user, request.GET.get("year", ""))
    context = {
        "page": shown,
        "customer": row,
        "move": forms.get("move") or MoveForm(initial={"starts_on": today}),
        "event": forms.get("event") or EventForm(),
        "retirement": forms.get("retirement") or RetirementForm(initial={"retired_from": today}),
    }
    return render(request, "scorecard/customer.html", context, status=status)


@page(*READERS)
@private
@vary_on_headers("HX-Request")
def customer_effect(request: PageRequest, external_id: str) -> HttpResponse:
    """What it gives to the missed cells of its tier: a part of its page for htmx, else a page of its own."""
    row, company, period = customer_or_404(external_id, request.user), company_of(request), asked_period(request)
    today = today_of(company)
    context = {"shown": show_effects(row, period, company, today), "customer": row}
    if "HX-Request" in request.headers:
        return render(request, "scorecard/parts/customer_effect.html", context)
    context["picker"] = picker_of(period, months_of_facts(), today)
    return render(request, "scorecard/customer_effect.html", context)


@page(Right.MANAGE_KPIS, methods=FORM)
def customer_edit(request: PageRequest, external_id: str) -> HttpResponse:
    """Change what is known of it; where somebody else did meanwhile, nothing is kept and the page shows what it is."""
    row = customer_or_404(external_id, request.user)
    form = CustomerForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            CustomerRows().change(row=row, by=request.user, values=form.values, seen=seen)
            messages.success(request, f"“{form.cleaned_data['name']}” was changed.")
            return redirect("customer", external_id)
        except StaleWrite:
            now = customer_or_404(external_id, request.user)
            context = {"form": form, "customer": now, "late": too_late(form, now, request.user)}
            return render(request, "scorecard/customer_form.html", context, status=409)
        except ValidationError as error:
            show_refusal(form, error)
    context = {"form": form, "customer": row}
    return render(request, "scorecard/customer_form.html", context, status=400 if form.errors else 200)


@page(Right.MANAGE_KPIS, methods=FORM)
def customer_move(request: PageRequest, external_id: str) -> HttpResponse:
    """To a tier from a day on: says first what that changes of periods that have ended."""
    row, today = customer_or_404(external_id, request.user), today_of(company_of(request))
    form = MoveForm(request.POST) if request.method == "POST" else MoveForm.of(request.GET, today)
    effects: list[str] | None = None
    if form.is_bound and form.is_valid():
        tier, day = form.cleaned_data["tier"], form.cleaned_data["starts_on"]
        if request.method == "POST":
            move_customer(customer=row, by=request.user, tier=tier, day=day)
            messages.success(request, f"“{row.name}” is in {tier or 'no tier'} from {short_day(day)} on.")
            return redirect("customer", external_id)
        effects = effects_of_moves(moves_if(row.pk, day, tier.pk if tier else None), today)
    context = {"form": form, "customer": row, "effects": effects}
    return render(request, "scorecard/customer_move.html", context, status=400 if form.errors else 200)


@page(Right.MANAGE_KPIS, methods=POST)
def customer_event(request: PageRequest, external_id: str) -> HttpResponse:
    """Record that it joined, left or returned; legal by date."""
    row, form = customer_or_404(external_id, request.user), EventForm(request.POST)
    if form.is_valid():
        try:
            made = LifecycleRows().create(by=request.user, values={"customer": row, **form.cleaned_data})
            messages.success(request, f"“{row.name}” {made.kind} on {short_day(made.on)}.")
            return redirect("customer", external_id)
        except ValidationError as error:
            show_refusal(form, error)
    return _show(request, row, status=400, event=form)


@page(Right.MANAGE_KPIS, methods=FORM)
def customer_take_out(request: PageRequest, external_id: str, what: str, number: int) -> HttpResponse:
    """A tier or an event that was entered wrongly goes; of a tier it is asked what that changes first."""
    row = customer_or_404(external_id, request.user)
    if what not in _TABLES:
        raise Http404("A tier or an event can be taken out.")
    model, rows = _TABLES[what]
    gone = get_object_or_404(model, pk=number, customer=row)
    if request.method != "POST":
        moves = moves_without(gone) if isinstance(gone, TierMembership) else []
        effects = effects_of_moves(moves, today_of(company_of(request)))
        context = {"customer": row, "gone": gone, "what": what, "effects": effects}
        return render(request, "scorecard/customer_take_out.html", context)
    if not is_sure(request):
        asked = taking_out_event(gone) if isinstance(gone, LifecycleEvent) else taking_out_tier(gone)
        return ask_first(request, asked)
    _told(request, partial(rows().delete, row=gone, by=request.user), f"The {what} of “{row.name}” was taken out.")
    return redirect("customer", external_id)


@page(Right.MANAGE_KPIS, methods=POST)
def customer_retire(request: PageRequest, external_id: str) -> HttpResponse:
    """Out of pickers and lists from a day on; what was measured stays."""
    row, form = customer_or_404(external_id, request.user), RetirementForm(request.POST)
    if form.is_valid() and form.cleaned_data["retired_from"] and not is_sure(request):
        return ask_first(request, retiring_customer(row, form.cleaned_data["retired_from"]))
    if form.is_valid():
        try:
            day = form.cleaned_data["retired_from"]
            retire_customer(customer=row, by=request.user, day=day)
            messages.success(request, f"“{row.name}” is retired from {short_day(day)} on.")
            return redirect("customer", external_id)
        except ValidationError as error:
            show_refusal(form, error)
    return _show(request, row, status=400, retirement=form)


@page(Right.MANAGE_KPIS, methods=POST)
def customer_bring_back(request: PageRequest, external_id: str) -> HttpResponse:
    """As before it was retired."""
    row = customer_or_404(external_id, request.user)
    bring_customer_back(customer=row, by=request.user)
    messages.success(request, f"“{row.name}” is back in lists and pickers.")
    return redirect("customer", external_id)


@page(Right.MANAGE_KPIS, methods=POST)
def customer_delete(request: PageRequest, external_id: str) -> HttpResponse:
    """A customer of whom there is nothing goes; else it says what there is."""
    row = customer_or_404(external_id, request.user)
    if not is_sure(request):
        return ask_first(request, deleting_customer(row))
    done = _told(request, partial(CustomerRows().delete, row=row, by=request.user), f"“{row.name}” was deleted.")
    return redirect("customers") if done else redirect("customer", external_id)


def _told(request: PageRequest, write: Callable[[], object], words: str) -> bool:
    """Write, and say that it was done or why not; answers whether it was."""
    try:
        write()
    except (StaleWrite, TransitionRefused) as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, words)
    return True
