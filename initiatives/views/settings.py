"""The register's settings: thresholds and silence for administrators, yearly rates for finance."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.context import company_of
from accounts.http import DENIED, POST, PageRequest, page
from accounts.models import ExchangeRate
from accounts.pages.asking import Question, type_of, with_undo
from accounts.pages.stale import TooLate, too_late
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted
from core.forms import show_refusal
from core.writes import StaleWrite
from initiatives.forms.settings import PolicyForm, RateForm
from initiatives.models import Initiative, Policy
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
        gone = form.row if form.cleaned_data["rate"] is None else None
        if gone and not is_sure(request):
            return ask_first(request, _taking_out(gone))
        try:
            kept = set_rate(by=request.user, **form.cleaned_data)
            messages.success(request, f"Kept: {kept}." if kept or not gone else _taken_out(request, gone))
            return _back(request)
        except ValidationError as error:
            show_refusal(form, error)
        except StaleWrite as stale:
            form.add_error(None, str(stale))
            form.show_again()
            return _page(request, rate=form, status=409)
    return _page(request, rate=form, status=400)


def _taking_out(row: ExchangeRate) -> Question:
    used = Initiative.objects.filter(currency=row.currency).count()
    return Question(
        title=f"Take out the rate of {row.currency} for {row.year}?",
        does=(
            f"{counted(used, 'initiative')} {'has' if used == 1 else 'have'} costs in {row.currency}.",
            f"Those that begin in {row.year} are left out of sums, and named there.",
        ),
        undo="It can be undone: the audit keeps the rate.",
        verb="Take it out",
        back=reverse("initiative_settings"),
        place="Settings of the register",
    )


def _taken_out(request: PageRequest, row: ExchangeRate) -> str:
    return with_undo("The rate is taken out.", request.user, type_of(row), row.pk)


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
