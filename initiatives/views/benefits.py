"""Benefits: the page of all of them, proposing, deciding, withdrawing, and saying what they brought."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.context import company_of
from accounts.http import FORM, POST, PageRequest, page
from accounts.models import User
from accounts.rights import Right
from core.forms import show_refusal
from core.stale import carry
from core.writes import StaleWrite
from initiatives.forms.benefits import BenefitForm, DecisionForm, RealisedForm
from initiatives.models import Benefit, Initiative
from initiatives.pages.benefits import RefusedDecision, benefits_page
from initiatives.services.benefits import (
    decide_benefit,
    may_propose,
    propose_benefit,
    realise_benefit,
    realised_of,
    withdraw_benefit,
)

_NOT_YOURS = "This initiative is not yours: its owner, deputy, team, stewards and finance propose its benefits."


@page(Right.READ)
def benefits(request: PageRequest) -> HttpResponse:
    """Planned, realised and cost by level; what waits for finance."""
    return _benefits(request)


def _benefits(request: PageRequest, refused: RefusedDecision | None = None) -> HttpResponse:
    page = benefits_page(request.user, company_of(request).currency)
    status = 400 if refused else 200
    return render(request, "initiatives/benefits.html", {"page": page, "refused": refused}, status=status)


@page(Right.APPROVE_TARGETS, methods=POST)
def benefit_decide(request: PageRequest, number: int) -> HttpResponse:
    """Finance approves or rejects; refused, what was typed stands where it was, with the error at its field."""
    row, form = get_object_or_404(Benefit, pk=number), DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: approve or reject.")
        return redirect("benefits")
    approve, reason = form.cleaned_data["decision"] == "approve", form.cleaned_data["reason"]
    try:
        decided = decide_benefit(benefit=row, by=request.user, approve=approve, reason=reason)
        messages.success(request, f"“{decided.name}”: {decided.get_state_display().lower()}.")
    except ValidationError as error:
        said = f"{' '.join(error.messages)} Nothing was changed."
        return _benefits(request, RefusedDecision(row.pk, f"{row.name}, {row.initiative.title}", reason, said))
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return redirect("benefits")


@page(Right.READ, methods=POST)
def benefit_withdraw(request: PageRequest, number: int) -> HttpResponse:
    """What nobody has decided goes."""
    row = get_object_or_404(Benefit.objects.select_related("initiative"), pk=number)
    try:
        withdraw_benefit(benefit=row, by=request.user)
        messages.success(request, f"“{row.name}” is withdrawn.")
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return _back(row.initiative)


@page(Right.READ, methods=FORM)
def benefit_new(request: PageRequest, code: str) -> HttpResponse:
    """Propose a benefit of an initiative."""
    row, user = _proposable(request, code)
    form = BenefitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = propose_benefit(initiative=row, by=user, values=form.cleaned_data)
            messages.success(request, f"“{made.name}” waits for finance.")
            return _back(row)
        except ValidationError as error:
            show_refusal(form, error)
    context = {"initiative": row, "form": form, "title": "Propose a benefit", "verb": "Send it to finance"}
    return render(request, "initiatives/benefit.html", context, status=400 if form.errors else 200)


@page(Right.READ, methods=FORM)
def benefit_realise(request: PageRequest, code: str, number: int) -> HttpResponse:
    """Say what a benefit in money brought in a month."""
    row, user = _proposable(request, code)
    benefit = get_object_or_404(Benefit, pk=number, initiative=row)
    form, status = RealisedForm(request.POST or None), 0
    if request.method == "POST" and form.is_valid():
        try:
            realise_benefit(initiative=row, by=user, name=benefit.name, **form.cleaned_data)
            messages.success(request, f"“{benefit.name}”: kept.")
            return _back(row)
        except ValidationError as error:
            show_refusal(form, error)
        except StaleWrite as stale:
            form.add_error(None, f"{stale} Send it again where yours should hold.")
            carry(form, str(realised_of(row, benefit.name, form.cleaned_data["month"])))
            status = 409
    context = {"initiative": row, "form": form, "title": f"What “{benefit.name}” brought", "verb": "Keep it"}
    return render(request, "initiatives/benefit.html", context, status=status or (400 if form.errors else 200))


def _proposable(request: PageRequest, code: str) -> tuple[Initiative, User]:
    """The initiative, for those who may propose its benefits. Raises PermissionDenied with a sentence."""
    row, user = get_object_or_404(Initiative, code=code), request.user
    if not may_propose(user, row):
        raise PermissionDenied(_NOT_YOURS)
    return row, user


def _back(row: Initiative) -> HttpResponse:
    return redirect(f"{reverse('initiative', args=[row.code])}#benefits")
