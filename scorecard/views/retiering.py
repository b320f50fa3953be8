"""Re-tiering: parse the address, ask once, answer."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.loads import UndoRefused
from accounts.rights import Right
from accounts.views.asking import ask_first, is_sure
from core.fields import day_is_kept
from core.formatting import counted
from core.forms import id_of
from core.lists import FilteredList
from core.periods import first_day, month_of, shift
from core.sheets import DOWNLOADS, export
from core.writes import StaleWrite, TransitionRefused
from kpis.forms.retiering import RetieringForm, first_terms
from kpis.models import Retiering
from kpis.reading.freshness import latest_period
from kpis.reading.proforma import read_proforma
from kpis.reading.retiering import Plan, TierMove, tiers_for
from kpis.services.retiering import apply_retiering, preview_retiering, undo_retiering
from scorecard.pages.endings import undoing_retiering
from scorecard.pages.retiering import (
    COLUMNS,
    WAYS,
    export_rows,
    moves_of,
    retiering_lines,
    show_moves,
    show_plan,
    show_proforma,
    ways_of,
)


@page(Right.MANAGE_KPIS)
def retiering(request: PageRequest) -> HttpResponse:
    """What a re-tiering would do, by the terms of the address."""
    form = _form(request, request.GET)
    return _shown(request, form, _plan(form), request.GET)


@page(Right.MANAGE_KPIS, methods=POST)
def apply(request: PageRequest) -> HttpResponse:
    """Give customers their new tiers."""
    form = _form(request, request.POST)
    if not form.is_valid():
        return _shown(request, form, None, request.POST)
    try:
        made = apply_retiering(terms=form.terms, by=request.user, seen=request.POST.get("seen", ""))
        moved = counted(made.up + made.down + made.new, "customer")
        messages.success(request, f"{moved} have their new tier from {made.starts_on} on. It can be undone in one act.")
        return redirect("retiering")
    except (StaleWrite, TransitionRefused) as refused:
        messages.warning(request, f"{refused} Look at the new numbers.")
        return _shown(request, form, _plan(form), request.POST, 409)
    except ValidationError as error:
        _refuse(form, error)
        return _shown(request, form, None, request.POST)


@page(Right.MANAGE_KPIS, methods=POST)
def undo(request: PageRequest) -> HttpResponse:
    """Give everybody back the tier that they had."""
    made = get_object_or_404(Retiering.objects.select_related("load"), pk=id_of(request.POST.get("retiering", "")))
    if made.stands and not is_sure(request):
        return ask_first(request, undoing_retiering(made))
    try:
        undo_retiering(retiering=made, by=request.user)
        messages.success(request, f"“{made}” is undone: everybody has the tier again that they had.")
    except UndoRefused as refused:
        messages.error(request, f"{refused}.")
    return redirect("retiering")


@page(Right.MANAGE_KPIS)
def matrix(request: PageRequest) -> HttpResponse:
    """The matrix of the latest period as it would be, beside today's."""
    company, form = company_of(request), _form(request, request.GET)
    plan = _plan(form)
    if plan is None:
        raise Http404("Say first by which terms: the page before this one asks for them.")
    period = latest_period(company)
    moved = {move.customer: move.after.pk for move in plan.moves}
    shown = show_proforma(period, read_proforma(period, today_of(company), moved), company)
    context = {"page": shown, "query": request.GET.urlencode(), "plan": show_plan(plan, company)}
    return render(request, "customers/retiering_matrix.html", context)


@export("customers/retiering/", "retiering_export")
@page(Right.MANAGE_KPIS)
def retiering_export(request: PageRequest, form: str) -> HttpResponseBase:
    """Everybody who would move, as a spreadsheet's file."""
    plan = _plan(_form(request, request.GET))
    if plan is None:
        raise Http404("Who would move can be downloaded as csv or xlsx, by the terms of the page.")
    return DOWNLOADS[form](f"retiering-{plan.terms.starts_on}", COLUMNS, export_rows(plan))


def _form(request: PageRequest, given: QueryDict) -> RetieringForm:
    """The form as the address fills it in, or as it begins."""
    today = today_of(company_of(request))
    begins = first_day(shift(month_of(today), 1))
    tiers = tiers_for(_day(given.get("starts_on", "")) or begins)
    first = first_terms(shift(month_of(today), -1), begins, tiers)
    return RetieringForm(given if "kpi" in given else None, initial=first, tiers=tiers)


def _day(text: str) -> date | None:
    """The day that an address names; None where that is none."""
    try:
        found = date.fromisoformat(text)
        day_is_kept(found)
    except (ValueError, ValidationError):
        return None
    return found


def _plan(form: RetieringForm) -> Plan | None:
    """What its terms would do; None where they are missing or wrong, which the form says."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return preview_retiering(terms=form.terms)
    except ValidationError as error:
        _refuse(form, error)
        return None


def _refuse(form: RetieringForm, error: ValidationError) -> None:
    for field, reasons in error.error_dict.items():
        form.add_refusal(field, reasons)


def _shown(
    request: PageRequest, form: RetieringForm, plan: Plan | None, given: QueryDict, status: int = 200
) -> HttpResponse:
    company = company_of(request)
    context = {"form": form, "lines": retiering_lines()}
    if plan is not None:
        way = given.get("way", "") if given.get("way", "") in WAYS else ""
        found = FilteredList[TierMove](given, moves_of(plan, way), export="retiering_export")
        moves = show_moves(list(found.page), plan, company)
        context |= {"page": show_plan(plan, company), "list": found, "moves": moves}
        context |= {"ways": ways_of(plan, way, found)}
    return render(request, "customers/retiering.html", context, status=400 if form.errors else status)
