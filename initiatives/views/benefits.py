"""Benefits of an initiative: proposing, withdrawing, and saying what they brought."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.http import FORM, POST, PageRequest, page
from accounts.models import User
from accounts.pages.asking import Question
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted
from core.forms import show_refusal
from core.stale import carry
from core.writes import StaleWrite
from initiatives.choices import BenefitState
from initiatives.forms.benefits import BenefitForm, RealisedForm
from initiatives.models import Benefit, Initiative
from initiatives.services.benefits import (
    may_propose,
    propose_benefit,
    realise_benefit,
    realised_of,
    require_proposer,
    withdraw_benefit,
)

_NOT_YOURS = "This initiative is not yours: its owner, deputy, team, stewards and finance propose its benefits."


@page(Right.READ, methods=POST)
def benefit_withdraw(request: PageRequest, number: int) -> HttpResponse:
    """What nobody has decided goes."""
    row = get_object_or_404(Benefit.objects.select_related("initiative"), pk=number)
    require_proposer(request.user, row.initiative)
    if row.state == BenefitState.PROPOSED and not is_sure(request):
        return ask_first(request, _withdrawal(row))
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


def _withdrawal(row: Benefit) -> Question:
    days = counted((localdate() - localdate(row.created_at)).days, "day")
    return Question(
        title=f"Withdraw “{row.name}”?",
        does=(
            f"1 proposed benefit goes from finance’s inbox, where it has waited {days}.",
            "What is approved stays.",
        ),
        undo="It is kept as withdrawn; the same may be proposed again.",
        verb="Withdraw it",
        back=f"{reverse('initiative', args=[row.initiative.code])}#benefits",
        place=row.initiative.title,
    )
