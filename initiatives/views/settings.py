"""The register's settings: thresholds and silence for administrators, yearly rates for finance."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.context import company_of
from accounts.http import DENIED, POST, PageRequest, page
from accounts.pages.stale import TooLate, too_late
from accounts.rights import Right
from core.forms import show_refusal
from core.writes import StaleWrite
from initiatives.forms.settings import PolicyForm, RateForm
from initiatives.models import Policy
from initiatives.pages.settings import settings_shown
from initiatives.services.settings import may_set_rates, set_policy, set_rate


@page(Right.READ)
def initiative_settings(request: PageRequest) -> HttpResponse:
    """What a cost and a silence mean here, and what other currencies are worth."""
    return _page(request)


@page(Right.ADMINISTER, methods=POST)
def initiative_policy(request: PageRequest) -> HttpResponse:
    """Change thresholds and silence."""
    form = PolicyForm(request.POST, policy=Policy.objects.get(pk=1))
    if form.is_valid():
        try:
            set_policy(by=request.user, values=form.values, seen=form.cleaned_data["seen"])
            messages.success(request, "Kept. Scores and statuses follow at once.")
            return _back(request)
        except ValidationError as error:
            show_refusal(form, error)
        except StaleWrite:
            late = too_late(form, Policy.objects.get(pk=1), request.user)
            return _page(request, policy=form, status=409, late=late)
    return _page(request, policy=form, status=400)


@page(Right.READ, methods=POST)
def initiative_rate(request: PageRequest) -> HttpResponse:
    """Set a rate, or take it out."""
    if not may_set_rates(request.user):
        raise PermissionDenied(DENIED)
    form = RateForm(request.POST)
    if form.is_valid():
        try:
            kept = set_rate(by=request.user, **form.cleaned_data)
            messages.success(request, f"Kept: {kept}." if kept else "The rate is taken out.")
            return _back(request)
        except ValidationError as error:
            show_refusal(form, error)
        except StaleWrite as stale:
            form.add_error(None, str(stale))
            form.show_again()
            return _page(request, rate=form, status=409)
    return _page(request, rate=form, status=400)


def _page(
    request: PageRequest,
    *,
    policy: PolicyForm | None = None,
    rate: RateForm | None = None,
    status: int = 200,
    late: TooLate | None = None,
) -> HttpResponse:
    """The page; with a form on it that was refused, and why."""
    shown = settings_shown(request.user, company_of(request), policy=policy, rate=rate)
    back = request.POST.get("back", "")
    return render(request, "initiatives/settings.html", {**shown, "back": back, "late": late}, status=status)


def _back(request: PageRequest) -> HttpResponse:
    """To the page that the form stood on: the company's, or the register's settings."""
    return redirect("company" if request.POST.get("back") == "company" else "initiative_settings")
