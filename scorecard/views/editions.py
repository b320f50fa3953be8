"""Scorecards and their closing: parse, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import POST, PageRequest, page, period_or_404
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.formatting import counted
from core.forms import show_refusal
from core.periods import Period
from core.writes import StaleWrite, TransitionRefused
from kpis.reading.freshness import months_with_data
from scorecard.forms.editions import PrepareForm, RefuseForm, SignForm, WaiveForm
from scorecard.models import Waiver
from scorecard.pages.cells import data_span
from scorecard.pages.editions import lines_of, scorecard_page
from scorecard.pages.endings import asking_owners, withdrawing_closing
from scorecard.pages.endings import taking_back_waiver as taking_back
from scorecard.pages.periods import build_picker
from scorecard.reading.caching import state_of
from scorecard.reading.scorecards import read_scorecards
from scorecard.services.asking import ask_owners, owners_to_ask
from scorecard.services.editions import (
    next_number,
    prepare_closing,
    refuse_closing,
    sign_closing,
    take_back_waiver,
    waive,
    withdraw_closing,
)

private = cache_control(private=True, no_cache=True)


@page(Right.READ)
@private
def scorecards(request: PageRequest) -> HttpResponse:
    """The periods that were closed, and those that could be."""
    company = company_of(request)
    found = read_scorecards(company.calendar, months_with_data(), today_of(company))
    return render(request, "scorecard/scorecards.html", {"lines": lines_of(found)})


@page(Right.READ)
@private
def scorecard(request: PageRequest, period: str) -> HttpResponse:
    """What is missing of a period, who prepares and signs it, and once closed what differs from its edition."""
    return _shown(request, _period(request, period))


@page(Right.COMMENT, methods=POST)
def scorecard_ask(request: PageRequest, period: str) -> HttpResponse:
    """Ask every owner of what is missing one question, but for what was asked already."""
    when = _period(request, period)
    try:
        if not is_sure(request):
            return ask_first(request, asking_owners(owners_to_ask(period=when, by=request.user), when))
        asked = ask_owners(period=when, by=request.user)
        messages.success(request, f"{counted(len(asked), 'question')} asked; each stands on its page.")
    except (ValidationError, StaleWrite) as refused:
        messages.warning(request, " ".join(getattr(refused, "messages", [str(refused)])))
    return redirect("scorecard", when.code)


@page(Right.PREPARE_CLOSINGS, methods=POST)
def scorecard_waive(request: PageRequest, period: str) -> HttpResponse:
    """Let go of one thing that is missing, or of all that is left."""
    when, form = _period(request, period), WaiveForm(request.POST)

    def act() -> str:
        item = form.cleaned_data["item"]
        found = waive(period=when, items=[item] if item else None, reason=form.cleaned_data["reason"], by=request.user)
        return f"Waived: {len(found)} of what is missing. The reason stands in the edition."

    return _acted(request, when, form, act, "waive")


@page(Right.PREPARE_CLOSINGS, methods=POST)
def scorecard_unwaive(request: PageRequest, period: str, number: int) -> HttpResponse:
    """Take a waiver back."""
    when = _period(request, period)
    waiver = get_object_or_404(Waiver, pk=number, period=when.code)
    if not is_sure(request):
        return ask_first(request, taking_back(waiver, when))
    try:
        take_back_waiver(waiver=waiver, by=request.user)
        messages.success(request, "The waiver was taken back.")
    except TransitionRefused as refused:
        messages.warning(request, str(refused))
    return redirect("scorecard", when.code)


@page(Right.PREPARE_CLOSINGS, methods=POST)
def scorecard_prepare(request: PageRequest, period: str) -> HttpResponse:
    """Freeze the period for another person to sign."""
    when = _period(request, period)
    form = PrepareForm(request.POST, number=next_number(when))

    def act() -> str:
        given = {name: form.cleaned_data[name] for name in form.fields}
        closing = prepare_closing(period=when, by=request.user, **given)
        return f"Edition {closing.number} is prepared. It counts once another person has signed it."

    return _acted(request, when, form, act, "prepare")


@page(Right.PREPARE_CLOSINGS, methods=POST)
def scorecard_withdraw(request: PageRequest, period: str) -> HttpResponse:
    """Take back what was prepared and not signed."""
    when = _period(request, period)
    if not is_sure(request):
        return ask_first(request, withdrawing_closing(when))
    try:
        withdraw_closing(period=when, by=request.user)
        messages.success(request, "What was prepared is withdrawn; nothing was closed.")
    except StaleWrite as stale:
        messages.warning(request, str(stale))
    return redirect("scorecard", when.code)


@page(Right.CLOSE_PERIODS, methods=POST)
def scorecard_sign(request: PageRequest, period: str) -> HttpResponse:
    """Sign what another person prepared."""
    when, form = _period(request, period), SignForm(request.POST)

    def act() -> str:
        edition = sign_closing(period=when, digest=form.cleaned_data["digest"], by=request.user)
        return f"Edition {edition.number} is signed: nothing that arrives later changes it."

    return _acted(request, when, form, act, "sign")


@page(Right.CLOSE_PERIODS, methods=POST)
def scorecard_refuse(request: PageRequest, period: str) -> HttpResponse:
    """Send back what another person prepared, with a reason."""
    when, form = _period(request, period), RefuseForm(request.POST)

    def act() -> str:
        given = form.cleaned_data
        refuse_closing(period=when, digest=given["digest"], reason=given["why"], by=request.user)
        return "It is sent back, and who prepared it is told why; nothing was closed."

    return _acted(request, when, form, act, "refusal")


def _acted(request: PageRequest, when: Period, form: Any, act: Callable[[], str], name: str) -> HttpResponse:
    """Back to the page with what was done; else the page again with what was written and why it was not done."""
    if not form.is_valid():
        return _shown(request, when, 400, **{name: form})
    try:
        messages.success(request, act())
    except ValidationError as error:
        show_refusal(form, error)
        return _shown(request, when, 400, **{name: form})
    except StaleWrite as stale:
        messages.warning(request, str(stale))
        return _shown(request, when, 409, **{name: form})
    return redirect("scorecard", when.code)


def _shown(request: PageRequest, when: Period, status: int = 200, **forms: Any) -> HttpResponse:
    company = company_of(request)
    found = scorecard_page(when, company, today_of(company), request.user)
    context = {
        "page": found,
        "waive": WaiveForm(),
        "prepare": PrepareForm(number=found.number, initial={"summary": found.summary_written}),
        "refusal": RefuseForm(initial={"digest": found.closing.digest}) if found.closing else None,
        "sign": SignForm(initial={"digest": found.closing.digest}) if found.closing else None,
        "picker": build_picker(when, data_span(state_of(request)), today_of(company), _address),
        **forms,
    }
    return render(request, "scorecard/scorecard.html", context, status=status)


def _address(period: Period) -> str:
    return reverse("scorecard", args=[period.code])


def _period(request: PageRequest, code: str) -> Period:
    return period_or_404(code, company_of(request))
