"""The upward report: parse, ask once, answer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page
from accounts.rights import Right
from initiatives.models import Initiative
from initiatives.pages.report import show_report
from initiatives.reading.periods import asked_day, asked_period, picker_of, register_span
from initiatives.reading.report import By, read_report

_SECTIONS = (By.LEVEL, By.DEPARTMENT, By.TIER)


@page(Right.READ)
def report(request: PageRequest) -> HttpResponse:
    """What runs and how it goes by level, department and tier, and what began and ended in a period."""
    company = company_of(request)
    day = today_of(company)
    period = asked_period(company, request.GET.get("period", ""))
    asked_for = asked_day(request.GET.get("as_of", ""), day)
    focused = request.GET.get("customer_focused") == "true"
    rows = Initiative.objects.filter(customer_focused=True) if focused else Initiative.objects.all()
    found = read_report(by=_SECTIONS, period=period, as_of=asked_for.day, initiatives=rows)
    context = {
        "page": show_report(found, {"customer_focused": "true"} if focused else {}),
        "period": period,
        "today": day,
        "asked_day": asked_for,
        "focused": focused,
        "picker": picker_of(period, register_span(day), day, request.path, request.GET.dict()),
        "to_date": period.is_to_date(day),
    }
    return render(request, "initiatives/report.html", context)
