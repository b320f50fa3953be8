"""The company's tiers: parse, one call, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page
from accounts.pages.stale import too_late
from accounts.rights import Right
from core.formatting import month_name
from core.forms import show_refusal
from core.stale import mark_shown, revision_in, revision_of, show_again
from core.writes import StaleWrite
from customers.forms import EditTierForm, NewTierForm, RetireTierForm
from customers.models import Tier
from customers.reading.tiers import read_concern
from customers.services.customers import TierRows
from customers.services.tiers import bring_back_tier, retire_tier
from scorecard.pages.tiers import tier_lines


@page(Right.MANAGE_KPIS, methods=FORM)
def tiers(request: PageRequest) -> HttpResponse:
    """All tiers, best first, and a new one."""
    form = NewTierForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = TierRows().create(by=request.user, values=form.cleaned_data)
            messages.success(request, f"“{made}” is a tier now.")
            return redirect("tiers")
        except ValidationError as error:
            show_refusal(form, error)
    context = {"lines": tier_lines(today_of(company_of(request))), "form": form}
    return render(request, "customers/tiers.html", context, status=400 if form.errors else 200)


@page(Right.MANAGE_KPIS, methods=FORM)
def tier(request: PageRequest, code: str) -> HttpResponse:
    """A tier's name and rank, and whether it is retired."""
    row = _found(code)
    form = EditTierForm(request.POST or None, instance=_found(code))
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("name", "rank")}
        try:
            TierRows().change(row=row, by=request.user, values=values, seen=form.cleaned_data["seen"])
            messages.success(request, f"“{values['name']}” was changed.")
            return redirect("tiers")
        except StaleWrite:
            late = too_late(form, now := _found(code), request.user)
            return _shown(request, now, form, 409, late=late)
        except ValidationError as error:
            show_refusal(form, error)
    return _shown(request, row, form, 400 if form.errors else 200)


@page(Right.MANAGE_KPIS, methods=POST)
def retire(request: PageRequest, code: str) -> HttpResponse:
    """Retire a tier from a month on: first whom and what that concerns, then the act."""
    row, form = _found(code), RetireTierForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, EditTierForm(instance=row), 400, retiring=form)
    month, seen = form.cleaned_data["from_month"], form.cleaned_data["seen"]
    if seen != revision_of(row):
        show_again(form, row)
        messages.warning(request, f"“{row}” was changed by somebody else meanwhile: look at what it is now.")
        return _shown(request, row, EditTierForm(instance=row), 409, retiring=form)
    if not form.cleaned_data["confirmed"]:
        more = {"retiring": form, "concern": read_concern(row, month)}
        return _shown(request, row, EditTierForm(instance=row), 200, **more)
    try:
        retire_tier(tier=row, by=request.user, from_month=month, seen=seen)
        messages.success(request, f"“{row}” is retired from {month_name(month)} on; what it has is kept.")
    except StaleWrite as stale:
        messages.warning(request, f"{stale} Look at what it is now.")
    return redirect("tier", code=code)


@page(Right.MANAGE_KPIS, methods=POST)
def bring_back(request: PageRequest, code: str) -> HttpResponse:
    """Have a retired tier in use again."""
    row = _found(code)
    try:
        bring_back_tier(tier=row, by=request.user, seen=revision_in(request.POST.get("seen", "")))
        messages.success(request, f"“{row}” is in use again.")
    except StaleWrite as stale:
        messages.warning(request, f"{stale} Look at what it is now.")
    return redirect("tier", code=code)


def _found(code: str) -> Tier:
    return get_object_or_404(Tier.objects.real(), code=code)


def _shown(request: PageRequest, row: Tier, form: Any, status: int, **more: Any) -> HttpResponse:
    retiring = more.pop("retiring", None) or RetireTierForm(initial={"seen": mark_shown(row)})
    context = {"tier": row, "form": form, "retiring": retiring, "seen": mark_shown(row), **more}
    return render(request, "customers/tier.html", context, status=status)
