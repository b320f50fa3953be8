"""Entering actuals: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import FORM, PageRequest, page
from accounts.rights import Right
from core.formatting import counted
from core.periods import PeriodError, parse_month
from core.writes import StaleWrite
from kpis.models import Kpi
from kpis.pages.actuals import MonthForm, entered_kpis
from kpis.services.actuals import require_enterer


@page(Right.READ)
def actuals(request: PageRequest) -> HttpResponse:
    """The KPIs whose actuals the person may enter, and the months that miss some."""
    rows = entered_kpis(request.user, today_of(company_of(request)))
    return render(request, "kpis/actuals.html", {"rows": rows})


@page(Right.READ, methods=FORM)
def enter(request: PageRequest, kpi: str, month: str) -> HttpResponse:
    """A month's form of a KPI; by POST all of it is saved or nothing."""
    row, user = get_object_or_404(Kpi, code=kpi), request.user
    require_enterer(user, row)
    form = _form(request, row, month)
    if request.method == "POST":
        try:
            saved = form.save(user)
        except StaleWrite as stale:
            form.show_again(f"{stale} It stands below as you wrote it: send it again where yours should hold.")
            return render(request, "kpis/actuals_month.html", {"form": form}, status=409)
        if saved is not None:
            messages.success(request, _said(saved))
            return redirect("actuals_month", row.code, month)
    return render(request, "kpis/actuals_month.html", {"form": form}, status=400 if form.is_bad else 200)


def _form(request: PageRequest, kpi: Kpi, month: str) -> MonthForm:
    try:
        when = parse_month(month)
    except PeriodError as error:
        raise Http404(f"{error}.") from error
    form = MonthForm(company_of(request), kpi, when, request.POST.dict() if request.method == "POST" else None)
    if not form.begun:
        raise Http404(f"{month} has not begun: there is nothing to enter yet.")
    return form


def _said(saved: int) -> str:
    if saved == 0:
        return "Nothing was changed: what you sent is what was there."
    return f"{counted(saved, 'value')} saved. The matrix shows what follows in a moment."
