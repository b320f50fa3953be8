"""The upward report: parse, ask once, answer."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from accounts.company import today_of
from accounts.context import company_of
from accounts.http import PageRequest, page, served_or_404
from accounts.rights import Right
from core.editions import PARAMETER, EditionLine, across_periods, edition_line
from core.formatting import counted
from core.links import PARAMETER as PERIOD
from core.periods import Period
from core.shapes import LIVE
from initiatives.models import Initiative
from initiatives.pages.report import show_report
from initiatives.reading.periods import asked_day, asked_period, picker_of, register_span
from initiatives.reading.report import By, Report, read_report
from initiatives.reading.signed import differing_tallies, signed_report

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
    live = read_report(by=_SECTIONS, period=period, as_of=asked_for.day, initiatives=rows)
    found, line = _served(request, live, period, narrowed=focused or asked_for.day is not None)
    context = {
        "page": show_report(found, {"customer_focused": "true"} if focused else {}),
        "line": line,
        "period": period,
        "today": day,
        "asked_day": asked_for,
        "focused": focused,
        "picker": picker_of(period, register_span(day), day, request.path, across_periods(request.GET).dict()),
        "to_date": period.is_to_date(day),
    }
    return render(request, "initiatives/report.html", context)


def _served(request: PageRequest, live: Report, period: Period, *, narrowed: bool) -> tuple[Report, EditionLine | None]:
    """The report as it was signed, or live; what is asked of another day or of some alone is always live."""
    served = served_or_404(period, LIVE if narrowed else request.GET.get(PARAMETER, ""))
    found, differs = live, 0
    if served.document:
        found = signed_report(served.document, period, _SECTIONS)
        differs = differing_tallies(found, live)
    said = counted(differs, "line") if differs else ""
    params = QueryDict(f"{PERIOD}={period.code}") if narrowed else request.GET
    return found, edition_line(served, said, request.path, params)
