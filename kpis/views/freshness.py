"""Freshness: parse, one call, answer."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import POST, PageRequest, page
from accounts.rights import Right
from core.formatting import month_name
from core.periods import PeriodError, parse_month
from kpis.models import Kpi
from kpis.pages.freshness import FreshnessPage
from kpis.services.actuals import mark_complete


@page(Right.LOAD)
def freshness(request: PageRequest) -> HttpResponse:
    """How far the data of each KPI reach, what waits for its month, and the last rollup."""
    shown = FreshnessPage(today_of(company_of(request)), request.user)
    return render(request, "kpis/freshness.html", {"page": shown})


@page(Right.MANAGE_KPIS, methods=POST)
def mark(request: PageRequest) -> HttpResponse:
    """Call a month of a KPI complete."""
    kpi = get_object_or_404(Kpi, code=request.POST.get("kpi", ""))
    try:
        month = parse_month(request.POST.get("month", ""))
        mark_complete(kpi=kpi, month=month, by=request.user)
    except PeriodError as error:
        messages.error(request, f"{error}. Nothing was changed.")
    except ValidationError as error:
        messages.error(request, f"{' '.join(error.messages)} Nothing was changed.")
    else:
        messages.success(request, f"{month_name(month)} of {kpi} is complete. The matrix shows it in a moment.")
    return redirect("freshness")
